package oauthtest

import (
	"net/http"
	"time"
)

// serveIntrospect is RFC 7662. It knows every token but those that have ended, which are like garbage to it.
func (s *Server) serveIntrospect(w http.ResponseWriter, r *http.Request) {
	why := s.readClientForm(r)
	if why == nil && r.PostForm.Get("token") == "" {
		why = missing("token")
	}
	if why != nil {
		s.refuse(r, why).send(w)
		return
	}
	jsonReply(http.StatusOK, s.dialect.contentType, s.ledger.introspect(r.PostForm.Get("token"))).send(w)
}

// introspect returns the introspection response of RFC 7662 §2.2. A refresh token has no exp.
func (l *ledger) introspect(token string) members {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if a := l.byAccess(token, now); a.grant != nil {
		return l.active(a.grant, l.dialect.accessType).
			with("exp", a.expires.Unix()).
			with("iat", a.issued.Unix()).
			with("nbf", a.issued.Unix())
	}
	if g := l.unspent(token, now); g != nil {
		return l.active(g, l.dialect.refreshType)
	}
	return members{{"active", false}}
}

func (l *ledger) active(g *grant, tokenType string) members {
	m := members{
		{"active", true},
		{"scope", g.scope},
		{"client_id", l.cfg.ClientID},
		{"username", username},
		{"sub", l.dialect.subject},
	}
	if tokenType != "" {
		m = m.with("token_type", tokenType)
	}
	if len(g.resources) > 0 {
		m = m.with("aud", g.resources)
	}
	return m
}
