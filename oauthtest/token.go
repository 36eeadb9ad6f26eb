package oauthtest

import (
	"net/http"
	"net/url"
	"time"
)

// serveToken acts, waits and replies, in that order: whatever becomes of the reply, the refresh has happened.
func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost && !(s.dialect.takesGet && r.Method == http.MethodGet) {
		s.dialect.wrongMethod().send(w)
		return
	}
	s.count(func(stats *Stats) { stats.Requests++ })
	kind, text := s.faults.next()
	answer, finish := s.act(r, kind, text)
	answer = s.asked(r, answer)
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
	issued, why := s.grant(r.PostForm, kind.keeps)
	if why != nil {
		return s.refuse(r, why), finish
	}
	m := s.members(issued, kind)
	if kind.reshape != nil {
		m = kind.reshape(m, issued)
	}
	presented := issued.presented
	return jsonReply(http.StatusOK, s.dialect.contentType, s.shape(m, issued)), func() { s.ledger.done(presented) }
}

// grant gives out the tokens that form, which checkRequest has seen, asks for. If it keeps, no refresh token is replaced.
func (s *Server) grant(form url.Values, keeps bool) (issue, *refusal) {
	switch s.grantType(form) {
	case "authorization_code":
		return s.ledger.exchange(form)
	case s.dialect.refreshGrant:
		token := form.Get(s.dialect.refreshGrant)
		if s.dialect.prolongs {
			return s.ledger.prolong(token)
		}
		return s.ledger.refresh(token, keeps)
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

// grantType is the grant_type of form. Some providers have none for a code.
func (s *Server) grantType(form url.Values) string {
	if s.dialect.codeAlone && !form.Has("grant_type") && form.Has("code") {
		return "authorization_code"
	}
	return form.Get("grant_type")
}

// checkRequest checks everything about r but whether its code or token is any good.
func (s *Server) checkRequest(r *http.Request) *refusal {
	if s.cfg.JSONOnly && !isJSON(r) {
		return &mustBeJSON
	}
	if why := s.readForm(r); why != nil {
		return why
	}
	if s.startsDevice(r.PostForm) {
		return s.checkClient(r)
	}
	var needed string
	switch s.grantType(r.PostForm) {
	case "":
		return missing("grant_type")
	case "authorization_code":
		needed = "code"
	case s.dialect.refreshGrant:
		needed = s.dialect.refreshGrant
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
