package oauthtest

import (
	"net/http"
	"net/url"
	"time"
)

// serveToken acts, waits and replies, in that order: whatever becomes of the reply, the refresh has happened.
func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		s.dialect.wrongMethod().send(w)
		return
	}
	s.count(func(stats *Stats) { stats.Requests++ })
	kind, text := s.faults.next()
	answer, finish := s.act(r, kind, text)
	s.pause(s.cfg.Latency)
	finish()
	if kind.deliver != nil {
		kind.deliver(s, w, r, answer)
		return
	}
	answer.send(w)
}

// act returns the reply to r, and what is left to do when it goes out.
func (s *Server) act(r *http.Request, kind faultKind, text string) (answer reply, finish func()) {
	finish = func() {}
	if kind.answer != nil {
		return kind.answer(s.dialect, text), finish
	}
	if why := s.checkRequest(r); why != nil {
		return s.refuse(r, why), finish
	}
	if s.startsDevice(r.PostForm) {
		return s.startDevice(r.PostForm), finish
	}
	issued, why := s.grant(r.PostForm, s.cfg.Rotate && !kind.keeps)
	if why != nil {
		return s.refuse(r, why), finish
	}
	m := s.members(issued, kind)
	if kind.reshape != nil {
		m = kind.reshape(m, issued)
	}
	return jsonReply(http.StatusOK, s.dialect.contentType, m), func() { s.ledger.done(issued.presented) }
}

// grant gives out the tokens that form, which checkRequest has seen, asks for.
func (s *Server) grant(form url.Values, rotate bool) (issue, *refusal) {
	switch form.Get("grant_type") {
	case "authorization_code":
		return s.ledger.exchange(form)
	case "refresh_token":
		return s.ledger.refresh(form.Get("refresh_token"), rotate)
	default:
		return s.ledger.poll(form.Get(s.dialect.deviceCode))
	}
}

// members is the reply to a success.
func (s *Server) members(i issue, kind faultKind) members {
	m := s.dialect.members(i)
	if !i.grant.openID() {
		return m
	}
	claims := s.claims(i.nonce, i.at)
	if kind.claims != nil {
		claims = kind.claims(claims)
	}
	return m.with("id_token", s.jwt(claims))
}

// checkRequest checks everything about r but whether its code or token is any good.
func (s *Server) checkRequest(r *http.Request) *refusal {
	if s.cfg.JSONOnly && !isJSON(r) {
		return &mustBeJSON
	}
	if why := readForm(r); why != nil {
		return why
	}
	if s.startsDevice(r.PostForm) {
		return s.checkClient(r)
	}
	var needed string
	switch r.PostForm.Get("grant_type") {
	case "":
		return missing("grant_type")
	case "authorization_code":
		needed = "code"
	case "refresh_token":
		needed = "refresh_token"
	case s.dialect.deviceGrant:
		needed = s.dialect.deviceCode
	default:
		return &unsupportedGrant
	}
	if r.PostForm.Get(needed) == "" {
		return missing(needed)
	}
	return s.checkClient(r)
}

// checkClient authenticates the client (RFC 6749 §2.3.1).
func (s *Server) checkClient(r *http.Request) *refusal {
	id, secret := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	if r.Header.Get("Authorization") != "" {
		if id != "" || secret != "" {
			return &twoCredentials
		}
		var ok bool
		if id, secret, ok = basicAuth(r); !ok {
			return &malformedBasic
		}
	}
	switch {
	case id != s.cfg.ClientID:
		return &unknownClient
	case secret == "" && !s.cfg.RequireSecret:
		return nil
	case secret != s.cfg.ClientSecret:
		return &wrongSecret
	}
	return nil
}

// basicAuth undoes the form encoding that OAuth adds inside HTTP Basic.
func basicAuth(r *http.Request) (id, secret string, ok bool) {
	id, secret, ok = r.BasicAuth()
	if !ok {
		return "", "", false
	}
	id, errID := url.QueryUnescape(id)
	secret, errSecret := url.QueryUnescape(secret)
	return id, secret, errID == nil && errSecret == nil
}

// pause waits for d, or until the server closes. It does not care whether the client is still there: nor would a real
// server that is busy.
func (s *Server) pause(d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-s.closed:
	}
}
