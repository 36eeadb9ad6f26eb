package oauthtest

import (
	"net/http"
	"time"
)

// serveIntrospect is the introspection endpoint of RFC 7662. A token that has ended is as unknown as
// one that never existed.
func (s *Server) serveIntrospect(w http.ResponseWriter, r *http.Request) {
	e := s.readRequest(r)
	if e == nil && r.PostForm.Get("token") == "" {
		e = missing("token")
	}
	if e != nil {
		s.errorReply(r, e).send(w)
		return
	}
	jsonReply(http.StatusOK, s.profile.ContentType, s.ledger.introspect(r.PostForm.Get("token"))).send(w)
}

// introspect returns the introspection response of RFC 7662 §2.2. A refresh token has no exp.
func (l *ledger) introspect(token string) members {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if a := l.findAccess(token, now); a.grant != nil {
		return l.active(a.grant, l.profile.AccessTokenType).
			with("exp", a.expires.Unix()).
			with("iat", a.issued.Unix()).
			with("nbf", a.issued.Unix())
	}
	if g := l.findValidRefresh(token, now); g != nil {
		return l.active(g, l.profile.RefreshTokenType)
	}
	return members{{"active", false}}
}

// active returns the members that a valid token has. l.mu is held.
func (l *ledger) active(g *grant, tokenType string) members {
	m := members{
		{"active", true},
		{"scope", g.scope},
		{"client_id", l.cfg.ClientID},
		{"username", username},
		{"sub", l.profile.Subject},
	}
	if g.client {
		m = m.without("username").with("sub", l.cfg.ClientID)
	}
	if tokenType != "" {
		m = m.with("token_type", tokenType)
	}
	if len(g.resources) > 0 {
		m = m.with("aud", g.resources)
	}
	return m
}
