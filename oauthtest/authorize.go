package oauthtest

import (
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// outOfBand is the redirect URI of a client that cannot receive a redirect: the code is shown, for the user to copy.
const outOfBand = "urn:ietf:wg:oauth:2.0:oob"

// authorization is an authorization request: RFC 6749 §4.1.1, with the parameters of RFC 7636, RFC 8707 and OpenID
// Connect Core §3.1.2.1.
type authorization struct {
	consent
	redirectURI string
	mode        string // query, fragment or form_post
	state       string
	hybrid      bool // an id_token comes with the code
	challenge   challenge
}

// serveAuthorize asks the user, or decides by itself, and redirects. The page posts to the URL that it came from, so
// that the second request is checked like the first.
func (s *Server) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if why := s.checkTarget(query); why != nil {
		// Never redirected: RFC 6749 §4.1.2.1.
		show(w, http.StatusBadRequest, failurePage(why.code, why.description))
		return
	}
	a, why := s.readAuthorization(query)
	if why != nil {
		s.redirect(w, r, a, why.values())
		return
	}
	decision := s.cfg.Consent
	if r.Method == http.MethodPost {
		decision = r.PostFormValue("decision")
	}
	switch decision {
	case Allow:
		s.redirect(w, r, a, s.allowed(a))
	case Deny:
		s.redirect(w, r, a, denied.values())
	default:
		show(w, http.StatusOK, s.consentPage(a.consent, ""))
	}
}

// checkTarget checks who asks, and where the answer goes.
func (s *Server) checkTarget(query url.Values) *refusal {
	for _, name := range []string{"client_id", "redirect_uri"} {
		if len(query[name]) > 1 {
			return duplicate(name)
		}
	}
	switch redirectURI := query.Get("redirect_uri"); {
	case query.Get("client_id") != s.cfg.ClientID:
		return &unknownClient
	case redirectURI == "":
		return &noRedirect
	case len(s.cfg.RedirectURIs) > 0 && !slices.Contains(s.cfg.RedirectURIs, redirectURI), !allowedTarget(redirectURI):
		return &wrongRedirect
	}
	return nil
}

// allowedTarget reports whether redirectURI is of a kind that an application can have: on this machine (RFC 8252 §7.3),
// on the web, or nowhere.
func allowedTarget(redirectURI string) bool {
	if redirectURI == outOfBand {
		return true
	}
	u, err := url.Parse(redirectURI)
	if err != nil || u.Host == "" || strings.Contains(redirectURI, "#") {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// readAuthorization checks the rest of a request whose target is known. Even one that it refuses says where the answer
// goes.
func (s *Server) readAuthorization(query url.Values) (authorization, *refusal) {
	a := authorization{
		consent:     consent{scope: query.Get("scope"), resources: query["resource"], nonce: query.Get("nonce")},
		redirectURI: query.Get("redirect_uri"),
		mode:        "query",
		state:       query.Get("state"),
		challenge:   challenge{query.Get("code_challenge"), query.Get("code_challenge_method")},
	}
	if s.dialect.userScopes && a.scope == "" && query.Get("user_scope") != "" {
		a.scope, a.user = query.Get("user_scope"), true
	}
	if a.scope == "" {
		a.scope = s.dialect.scope
	}
	a.offline = s.dialect.asksOffline(a.scope, query)
	a.public = s.dialect.publicPKCE && a.challenge.text != ""
	if a.challenge.text != "" && a.challenge.method == "" {
		a.challenge.method = "plain" // RFC 7636 §4.3
	}
	for name, values := range query {
		if len(values) > 1 && name != "resource" { // RFC 8707 §2
			return a, duplicate(name)
		}
	}
	if why := s.readResponseType(&a, query); why != nil {
		return a, why
	}
	for _, check := range []func(authorization) *refusal{s.checkChallenge, checkScope, checkResources} {
		if why := check(a); why != nil {
			return a, why
		}
	}
	return a, nil
}

// readResponseType reads response_type and response_mode (OAuth 2.0 Multiple Response Type Encoding Practices).
func (s *Server) readResponseType(a *authorization, query url.Values) *refusal {
	types := strings.Fields(query.Get("response_type"))
	slices.Sort(types)
	switch strings.Join(types, " ") {
	case "":
		return missing("response_type")
	case "code":
	case "code id_token":
		if !s.dialect.hybrid {
			return &wrongResponse
		}
		a.hybrid, a.mode = true, "fragment"
	default:
		return &wrongResponse
	}
	switch mode := query.Get("response_mode"); mode {
	case "", a.mode:
	case "form_post":
		a.mode = mode
	default: // query too, when the answer has an id_token: it would end up in logs
		return &refusal{"invalid_request", "response mode not supported"}
	}
	switch {
	case a.hybrid && !a.openID():
		return &refusal{"invalid_scope", "an id_token needs the scope openid"}
	case a.hybrid && a.nonce == "":
		return missing("nonce")
	}
	return nil
}

// challengeText is the grammar of RFC 7636 §4.2. (Compiled at its first use: a program that links this package for its test
// server would do so at every start.)
var challengeText = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`) })

func (s *Server) checkChallenge(a authorization) *refusal {
	switch c := a.challenge; {
	case c == challenge{} && !s.cfg.RequirePKCE:
		return nil
	case c.text == "":
		return &noChallenge
	case c.method != "S256" && c.method != "plain":
		return &refusal{"invalid_request", "code challenge method not supported"}
	case !challengeText().MatchString(c.text):
		return &refusal{"invalid_request", "invalid code challenge"}
	}
	return nil
}

// scopeText is the grammar of RFC 6749 §3.3.
var scopeText = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[!#-\[\]-~]+( [!#-\[\]-~]+)*$`) })

func checkScope(a authorization) *refusal {
	if a.scope != "" && !scopeText().MatchString(a.scope) {
		return &refusal{"invalid_scope", "malformed scope"}
	}
	return nil
}

func checkResources(a authorization) *refusal {
	for _, resource := range a.resources {
		if u, err := url.Parse(resource); err != nil || !u.IsAbs() || strings.Contains(resource, "#") {
			return &refusal{"invalid_target", "a resource is an absolute URI without a fragment"}
		}
	}
	return nil
}

// allowed issues a code, and returns the parameters of the redirect that carries it.
func (s *Server) allowed(a authorization) url.Values {
	text := s.ledger.code(code{consent: a.consent, redirectURI: a.redirectURI, challenge: a.challenge})
	params := url.Values{"code": {text}}
	if a.hybrid {
		params.Set("id_token", s.jwt(s.claims(a.nonce, time.Now()).with("c_hash", halfHash(text))))
	}
	for _, more := range []map[string]string{s.dialect.redirect, s.cfg.RedirectParams} {
		for name, value := range more {
			params.Set(name, value)
		}
	}
	return params
}
