package oauthtest

import (
	"net/http"
	"net/url"
)

// checkClient authenticates the client (RFC 6749 §2.3.1).
func (s *Server) checkClient(r *http.Request) *refusal {
	id, secret := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	basic := r.Header.Get("Authorization") != ""
	if s.dialect.auth == secretAsUser {
		return s.checkKey(r, id)
	}
	if basic {
		stated, twice := id, secret != ""
		var ok bool
		if id, secret, ok = basicAuth(r); !ok {
			return &malformedBasic
		}
		if twice || stated != "" && stated != id {
			return &twoCredentials
		}
	}
	switch {
	case id != s.cfg.ClientID:
		return &unknownClient
	case !s.takes(basic, secret):
		return &otherAuth
	case secret == "" && (!s.cfg.RequireSecret || s.public(r.PostForm)):
		return nil
	case secret != s.cfg.ClientSecret:
		return &wrongSecret
	}
	return nil
}

// public reports whether form is about a login that needs no secret, or the grant that it began.
func (s *Server) public(form url.Values) bool {
	d := s.dialect
	if s.grantType(form) == "" { // a device that begins
		return d.publicDevices
	}
	return s.ledger.public(form.Get("code"), form.Get(d.deviceCode), form.Get(d.refreshGrant))
}

// public reports whether one of these, a code, a device code or a refresh token, is of a login that needs no secret.
func (l *ledger) public(code, deviceCode, refreshToken string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.codes.get(code); c != nil {
		return c.public
	}
	if d := l.devices.get(deviceCode); d != nil {
		return d.public
	}
	g, _ := l.byRefresh(refreshToken)
	return g != nil && g.public
}

// takes reports whether the provider looks for a secret where this one stands.
func (s *Server) takes(basic bool, secret string) bool {
	switch s.dialect.auth {
	case inBasic:
		return basic || secret == ""
	case inBody:
		return !basic
	default:
		return true
	}
}

// checkKey authenticates a client whose secret is the user name of HTTP Basic, and whose id need not come.
func (s *Server) checkKey(r *http.Request, id string) *refusal {
	key, _, ok := r.BasicAuth()
	switch {
	case !ok:
		return &otherAuth
	case key != s.cfg.ClientSecret:
		return &wrongSecret
	case id != "" && id != s.cfg.ClientID:
		return &unknownClient
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
