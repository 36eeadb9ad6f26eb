package oauthtest

import "net/http"

// serveRevoke is the revocation endpoint of RFC 7009. Salesforce's needs no client, accepts GET too,
// and refuses a token that it does not know.
func (s *Server) serveRevoke(w http.ResponseWriter, r *http.Request) {
	if e := s.revokeToken(r); e != nil {
		s.errorReply(r, e).send(w)
		return
	}
	reply{status: http.StatusOK, contentType: "text/plain; charset=utf-8"}.send(w)
}

// revokeToken revokes the token in the request. An unknown token is an error only for providers that
// refuse it.
func (s *Server) revokeToken(r *http.Request) *oauthError {
	if e := s.readForm(r); e != nil {
		return e
	}
	form := r.PostForm
	if r.Method == http.MethodGet {
		form = r.URL.Query()
	}
	if !s.profile.StrictRevocation {
		if e := s.checkClient(r); e != nil {
			return e
		}
	}
	token, hint := form.Get("token"), form.Get("token_type_hint")
	if token == "" {
		return missing("token")
	}
	if s.profile.StrictRevocation && hint != "" && hint != "access_token" && hint != "refresh_token" {
		return &unsupportedTokenTypeHint
	}
	if !s.ledger.revoke(token) {
		if s.profile.StrictRevocation {
			return &unknownToken
		}
		return nil // RFC 7009 §2.2
	}
	s.count(func(stats *Stats) { stats.Revocations++ })
	return nil
}
