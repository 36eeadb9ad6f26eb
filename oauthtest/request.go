package oauthtest

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
)

// readRequest reads the parameters of r and authenticates the client.
func (s *Server) readRequest(r *http.Request) *oauthError {
	if e := s.readForm(r); e != nil {
		return e
	}
	return s.checkClient(r)
}

// readForm puts the parameters of r's body, a form or a JSON object of strings, into r.PostForm. It
// adds those of the URL if the provider reads them.
func (s *Server) readForm(r *http.Request) *oauthError {
	if isJSON(r) && (s.cfg.JSONOnly || !s.profile.FormOnly) {
		return readJSON(r)
	}
	if err := r.ParseForm(); err != nil {
		return &malformedBody
	}
	if s.profile.QueryParams {
		r.PostForm = r.Form
	}
	for name, values := range r.PostForm {
		if len(values) > 1 && name != "resource" { // RFC 8707 §2
			return duplicate(name)
		}
	}
	return nil
}

func isJSON(r *http.Request) bool {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && mediaType == "application/json"
}

func readJSON(r *http.Request) *oauthError {
	data, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return &malformedBody
	}
	var object map[string]string
	if err := json.Unmarshal(data, &object); err != nil {
		return &malformedBody
	}
	r.PostForm = make(url.Values, len(object))
	for name, value := range object {
		r.PostForm.Set(name, value)
	}
	return nil
}

// grantType returns the grant_type of form. Some providers need none for a code.
func (s *Server) grantType(form url.Values) string {
	if s.profile.ImplicitCodeGrant && !form.Has("grant_type") && form.Has("code") {
		return "authorization_code"
	}
	return form.Get("grant_type")
}

// checkClient authenticates the client (RFC 6749 §2.3.1).
func (s *Server) checkClient(r *http.Request) *oauthError {
	id, secret := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	basic := r.Header.Get("Authorization") != ""
	if r.PostForm.Has("client_assertion") {
		return s.checkAssertion(r.PostForm)
	}
	if s.profile.Auth == authKey {
		return s.checkKey(r, id)
	}
	if basic {
		idInForm, secretInForm := id, secret
		var ok bool
		if id, secret, ok = basicAuth(r); !ok {
			return &malformedBasic
		}
		if secretInForm != "" || idInForm != "" && idInForm != id {
			return &twoCredentials
		}
	}
	switch {
	case id != s.cfg.ClientID:
		return &unknownClient
	case s.profile.Auth == authBody && basic, s.profile.Auth == authBasic && !basic && secret != "":
		return &wrongClientAuth
	case secret == "" && (!s.cfg.RequireSecret || s.isPublic(r.PostForm)):
		return nil
	case secret != s.cfg.ClientSecret:
		return &wrongSecret
	}
	return nil
}

// checkOwnClient authenticates a client that asks for a token of its own. It must have a secret (RFC
// 6749 §4.4.2).
func (s *Server) checkOwnClient(r *http.Request) *oauthError {
	if e := s.checkClient(r); e != nil {
		return e
	}
	isSigned := r.PostForm.Has("client_assertion")
	if !isSigned && r.Header.Get("Authorization") == "" && r.PostForm.Get("client_secret") == "" {
		return &publicClient
	}
	return nil
}

// checkJWTBearer checks a request for a token by an assertion. The client need not authenticate
// otherwise (RFC 7521 §4.1).
func (s *Server) checkJWTBearer(r *http.Request) *oauthError {
	if !r.PostForm.Has("assertion") {
		return missing("assertion")
	}
	authenticates := r.Header.Get("Authorization") != "" || r.PostForm.Has("client_secret") || r.PostForm.Has("client_assertion")
	if authenticates {
		if e := s.checkClient(r); e != nil {
			return e
		}
	}
	return s.checkGrantAssertion(r.PostForm)
}

// checkKey authenticates a client by its secret alone, which is the user name of HTTP Basic.
func (s *Server) checkKey(r *http.Request, id string) *oauthError {
	key, _, ok := r.BasicAuth()
	switch {
	case !ok:
		return &wrongClientAuth
	case key != s.cfg.ClientSecret:
		return &wrongSecret
	case id != "" && id != s.cfg.ClientID:
		return &unknownClient
	}
	return nil
}

// isPublic reports whether form is about a login that needs no client secret, or about its grant.
func (s *Server) isPublic(form url.Values) bool {
	p := s.profile
	if s.grantType(form) == "" { // a device asks for its code
		return p.PublicDevices
	}
	return s.ledger.isPublic(form.Get("code"), form.Get(p.DeviceCode), form.Get(p.RefreshGrant))
}

// basicAuth decodes HTTP Basic and the form encoding that OAuth has inside it (RFC 6749 §2.3.1).
func basicAuth(r *http.Request) (id, secret string, ok bool) {
	id, secret, ok = r.BasicAuth()
	if !ok {
		return "", "", false
	}
	id, errID := url.QueryUnescape(id)
	secret, errSecret := url.QueryUnescape(secret)
	return id, secret, errID == nil && errSecret == nil
}
