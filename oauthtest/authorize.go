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

// outOfBand is the redirect URI of a client that cannot receive a redirect. The user copies the code
// from a page.
const outOfBand = "urn:ietf:wg:oauth:2.0:oob"

// authorization is an authorization request: RFC 6749 §4.1.1, with the parameters of RFC 7636,
// RFC 8707 and OpenID Connect Core §3.1.2.1.
type authorization struct {
	consent
	redirectURI string
	mode        string // query, fragment or form_post
	state       string
	hybrid      bool // an id_token comes with the code
	challenge   challenge
}

// serveAuthorize asks the user, or decides by itself, and redirects. The page posts to its own URL,
// so that the second request is checked like the first.
func (s *Server) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if e := s.checkTarget(query); e != nil {
		// Never redirected: RFC 6749 §4.1.2.1.
		show(w, http.StatusBadRequest, failurePage(e.Code, e.Description))
		return
	}
	a, e := s.parseAuthorization(query)
	if e != nil {
		s.redirect(w, r, a, e.values())
		return
	}
	decision := s.cfg.Consent
	if r.Method == http.MethodPost {
		decision = r.PostFormValue("decision")
	}
	switch decision {
	case Allow:
		s.redirect(w, r, a, s.issueCode(a))
	case Deny:
		s.redirect(w, r, a, accessDenied.values())
	default:
		show(w, http.StatusOK, s.consentPage(a.consent, ""))
	}
}

// checkTarget checks the client and its redirect URI.
func (s *Server) checkTarget(query url.Values) *oauthError {
	for _, name := range []string{"client_id", "redirect_uri"} {
		if len(query[name]) > 1 {
			return duplicate(name)
		}
	}
	redirectURI, registered := query.Get("redirect_uri"), s.cfg.RedirectURIs
	switch {
	case query.Get("client_id") != s.cfg.ClientID:
		return &unknownClient
	case redirectURI == "":
		return &missingRedirect
	case len(registered) > 0 && !slices.Contains(registered, redirectURI):
		return &wrongRedirect
	case !isAllowedTarget(redirectURI) && !(len(registered) > 0 && isName(redirectURI)):
		return &wrongRedirect
	}
	return nil
}

// isName reports whether redirectURI is a registered name for a page, as at eBay.
func isName(redirectURI string) bool { return !strings.ContainsAny(redirectURI, ":/?#") }

// isAllowedTarget reports whether redirectURI is outOfBand, on this machine (RFC 8252 §7.3) or https.
func isAllowedTarget(redirectURI string) bool {
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

// parseAuthorization checks the rest of a request that checkTarget has accepted. The authorization
// says where to redirect even if there is an error.
func (s *Server) parseAuthorization(query url.Values) (authorization, *oauthError) {
	a := authorization{
		consent:     consent{scope: query.Get("scope"), resources: query["resource"], nonce: query.Get("nonce")},
		redirectURI: query.Get("redirect_uri"),
		mode:        "query",
		state:       query.Get("state"),
		challenge:   challenge{query.Get("code_challenge"), query.Get("code_challenge_method")},
	}
	if s.profile.UserScopes && a.scope == "" && query.Get("user_scope") != "" {
		a.scope, a.user = query.Get("user_scope"), true
	}
	if a.scope == "" {
		a.scope = s.profile.Scope
	}
	a.offline = s.profile.asksOffline(a.scope, query)
	a.public = s.profile.PublicWithPKCE && a.challenge.text != ""
	if a.challenge.text != "" && a.challenge.method == "" {
		a.challenge.method = "plain" // RFC 7636 §4.3
	}
	for name, values := range query {
		if len(values) > 1 && name != "resource" { // RFC 8707 §2
			return a, duplicate(name)
		}
	}
	if e := s.parseResponseType(&a, query); e != nil {
		return a, e
	}
	for _, check := range []func(authorization) *oauthError{s.checkChallenge, checkScope, checkResources} {
		if e := check(a); e != nil {
			return a, e
		}
	}
	return a, nil
}

// parseResponseType reads response_type and response_mode (OAuth 2.0 Multiple Response Type Encoding
// Practices).
func (s *Server) parseResponseType(a *authorization, query url.Values) *oauthError {
	types := strings.Fields(query.Get("response_type"))
	slices.Sort(types)
	switch strings.Join(types, " ") {
	case "":
		return missing("response_type")
	case "code":
	case "code id_token":
		if !s.profile.Hybrid {
			return &unsupportedResponseType
		}
		a.hybrid, a.mode = true, "fragment"
	default:
		return &unsupportedResponseType
	}
	switch mode := query.Get("response_mode"); mode {
	case "", a.mode:
	case "form_post":
		a.mode = mode
	default: // also query for a hybrid flow: the id_token would end up in logs
		return &oauthError{"invalid_request", "response mode not supported"}
	}
	switch {
	case a.hybrid && !a.openID():
		return &oauthError{"invalid_scope", "an id_token needs the scope openid"}
	case a.hybrid && a.nonce == "":
		return missing("nonce")
	}
	return nil
}

// challengePattern is the grammar of RFC 7636 §4.2. It is compiled when it is first used, because a
// program with a test server would otherwise compile it at every start.
var challengePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`) })

func (s *Server) checkChallenge(a authorization) *oauthError {
	switch c := a.challenge; {
	case c == challenge{} && !s.cfg.RequirePKCE:
		return nil
	case c.text == "":
		return &missingChallenge
	case c.method != "S256" && c.method != "plain":
		return &oauthError{"invalid_request", "code challenge method not supported"}
	case !challengePattern().MatchString(c.text):
		return &oauthError{"invalid_request", "invalid code challenge"}
	}
	return nil
}

// scopePattern is the grammar of RFC 6749 §3.3.
var scopePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[!#-\[\]-~]+( [!#-\[\]-~]+)*$`) })

func checkScope(a authorization) *oauthError {
	if a.scope != "" && !scopePattern().MatchString(a.scope) {
		return &oauthError{"invalid_scope", "malformed scope"}
	}
	return nil
}

func checkResources(a authorization) *oauthError {
	for _, resource := range a.resources {
		if u, err := url.Parse(resource); err != nil || !u.IsAbs() || strings.Contains(resource, "#") {
			return &oauthError{"invalid_target", "a resource is an absolute URI without a fragment"}
		}
	}
	return nil
}

// issueCode issues an authorization code and returns the parameters of the redirect.
func (s *Server) issueCode(a authorization) url.Values {
	text := s.ledger.issueCode(code{consent: a.consent, redirectURI: a.redirectURI, challenge: a.challenge})
	params := url.Values{"code": {text}}
	if a.hybrid {
		params.Set("id_token", s.jwt(s.claims(a.nonce, time.Now()).with("c_hash", halfHash(text))))
	}
	for _, more := range []map[string]string{s.profile.RedirectParams, s.cfg.RedirectParams} {
		for name, value := range more {
			params.Set(name, value)
		}
	}
	return params
}

// redirect sends the user back to the application with params. A fault may change them.
func (s *Server) redirect(w http.ResponseWriter, r *http.Request, a authorization, params url.Values) {
	if a.state != "" {
		params.Set("state", a.state)
	}
	if s.profile.SendsIssuer {
		params.Set("iss", s.url)
	}
	if kind, text := s.redirectFaults.next(); kind.redirect != nil {
		kind.redirect(params, text)
	}
	w.Header().Set("Cache-Control", "no-store")
	onPage := a.redirectURI == outOfBand || isName(a.redirectURI)
	switch {
	case onPage && params.Has("error"):
		show(w, http.StatusOK, failurePage(params.Get("error"), params.Get("error_description")))
	case onPage:
		show(w, http.StatusOK, codePage(params.Get("code")))
	case a.mode == "form_post":
		show(w, http.StatusOK, formPostPage(a.redirectURI, params))
	default:
		status := http.StatusFound
		if r.Method == http.MethodPost {
			status = http.StatusSeeOther // the application must get a GET: RFC 9700 §2.1
		}
		http.Redirect(w, r, redirectURL(a, params), status)
	}
}

// redirectURL returns the redirect URI with params. It keeps a query that the URI has (RFC 6749
// §3.1.2).
func redirectURL(a authorization, params url.Values) string {
	u, err := url.Parse(a.redirectURI)
	if err != nil {
		panic(err) // unreachable: checkTarget has parsed it
	}
	switch {
	case a.mode == "fragment":
		return u.String() + "#" + params.Encode()
	case u.RawQuery != "":
		u.RawQuery += "&" + params.Encode()
	default:
		u.RawQuery = params.Encode()
	}
	return u.String()
}
