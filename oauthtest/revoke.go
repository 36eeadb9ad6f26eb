package oauthtest

import "net/http"

// serveRevoke is RFC 7009. Salesforce wants no client, also takes GET, and refuses what it does not know.
func (s *Server) serveRevoke(w http.ResponseWriter, r *http.Request) {
	if why := s.endToken(r); why != nil {
		s.refuse(r, why).send(w)
		return
	}
	reply{status: http.StatusOK, contentType: "text/plain; charset=utf-8"}.send(w)
}

func (s *Server) endToken(r *http.Request) *refusal {
	if why := s.readForm(r); why != nil {
		return why
	}
	form := r.PostForm
	if r.Method == http.MethodGet {
		form = r.URL.Query()
	}
	if !s.dialect.strictRevoke {
		if why := s.checkClient(r); why != nil {
			return why
		}
	}
	token, hint := form.Get("token"), form.Get("token_type_hint")
	if token == "" {
		return missing("token")
	}
	if s.dialect.strictRevoke && hint != "" && hint != "access_token" && hint != "refresh_token" {
		return &wrongHint
	}
	if !s.ledger.revoke(token) {
		if s.dialect.strictRevoke {
			return &unknownToken
		}
		return nil // RFC 7009 §2.2
	}
	s.count(func(stats *Stats) { stats.Revocations++ })
	return nil
}
