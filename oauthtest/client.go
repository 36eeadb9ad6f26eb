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
	case !s.takes(basic, secret):
		return &otherAuth
	case secret == "" && !s.cfg.RequireSecret:
		return nil
	case secret != s.cfg.ClientSecret:
		return &wrongSecret
	}
	return nil
}

// takes reports whether the provider lets a client authenticate with a secret, if it has one, where this one stands.
func (s *Server) takes(basic bool, secret string) bool {
	switch s.dialect.auth {
	case inBasic:
		return basic || secret == "" && !s.cfg.RequireSecret
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
