package oauthtest

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// verifier and its challenge are those of RFC 7636, appendix B.
const (
	verifier      = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	challengeS256 = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

func TestConsentPage(t *testing.T) {
	for _, provider := range providers {
		s := NewHandler(Config{Provider: provider, ClientID: "an <app>"}, local)
		w := get(s, authorizationURL(s, with("scope", "openid made:up")))
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
			t.Fatalf("%s: status %d, %s", provider, w.Code, w.Header())
		}
		for _, part := range []string{
			"an &lt;app&gt;", username,
			"<span>know who you are</span> <code>openid</code>", "<li><code>made:up</code></li>",
			`<button id="allow" name="decision" value="allow"`, `<button id="deny" name="decision" value="deny"`,
		} {
			if !strings.Contains(w.Body.String(), part) {
				t.Errorf("%s: the page lacks %s", provider, part)
			}
		}
		if strings.Contains(w.Body.String(), "<script") {
			t.Errorf("%s: the page has a script", provider)
		}
	}
}

func TestDecision(t *testing.T) {
	for _, test := range []struct {
		name    string
		consent string
		ask     func(s *Server) *httptest.ResponseRecorder
		status  int
		error   string // "" for a code
	}{
		{"the user allows", "", press(Allow), http.StatusSeeOther, ""},
		{"the user denies", "", press(Deny), http.StatusSeeOther, "access_denied"},
		{"by itself", Allow, open, http.StatusFound, ""},
		{"denied by itself", Deny, open, http.StatusFound, "access_denied"},
	} {
		for _, provider := range providers {
			t.Run(provider+"/"+test.name, func(t *testing.T) {
				more := map[string]string{"realmId": "123"}
				s := NewHandler(Config{Provider: provider, Consent: test.consent, RedirectParams: more}, local)
				w := test.ask(s)
				target, params := redirected(t, w)
				if w.Code != test.status || target != callback || params.Get("state") != "its state" {
					t.Errorf("status %d to %s with %v", w.Code, target, params)
				}
				allowed := test.error == ""
				if params.Get("error") != test.error || params.Has("code") != allowed ||
					params.Has("realmId") != allowed {
					t.Errorf("parameters %v", params)
				}
				if test.error != "" && params.Get("error_description") != "end-user denied authorization" {
					t.Errorf("description %q", params.Get("error_description"))
				}
				issuer := ""
				if provider == Generic {
					issuer = s.URL()
				}
				if got := params.Get("iss"); got != issuer {
					t.Errorf("iss %q, want %q", got, issuer)
				}
			})
		}
	}
}

func open(s *Server) *httptest.ResponseRecorder { return get(s, authorizationURL(s)) }

// press clicks a button of the page.
func press(decision string) func(s *Server) *httptest.ResponseRecorder {
	return func(s *Server) *httptest.ResponseRecorder {
		return post(s, authorizationURL(s), url.Values{"decision": {decision}})
	}
}

func TestAnyOtherButtonAsksAgain(t *testing.T) {
	s := NewHandler(Config{}, local)
	if w := press("perhaps")(s); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `id="allow"`) {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

// The client and its redirect URI must be known before anything is sent there (RFC 6749 §4.1.2.1).
func TestRedirectURIs(t *testing.T) {
	for _, test := range []struct {
		name       string
		registered []string
		change     change
		error      string // "" if it is served
	}{
		{"loopback", nil, with("redirect_uri", "http://127.0.0.1:1/x?y=z"), ""},
		{"loopback by name", nil, with("redirect_uri", "http://localhost/"), ""},
		{"loopback of IPv6", nil, with("redirect_uri", "http://[::1]:8080/"), ""},
		{"https", nil, with("redirect_uri", "https://app.example/callback"), ""},
		{"out of band", nil, with("redirect_uri", outOfBand), ""},
		{"registered", []string{"http://127.0.0.1/a", callback}, with("redirect_uri", callback), ""},
		{"not registered", []string{callback}, with("redirect_uri", callback+"/"), "redirect_uri_mismatch"},
		{"http elsewhere", nil, with("redirect_uri", "http://app.example/callback"), "redirect_uri_mismatch"},
		{
			"registered, but http elsewhere",
			[]string{"http://app.example/"},
			with("redirect_uri", "http://app.example/"), "redirect_uri_mismatch",
		},
		{"looks like loopback", nil, with("redirect_uri", "http://localhost.app.example/"), "redirect_uri_mismatch"},
		{"fragment", nil, with("redirect_uri", callback+"#x"), "redirect_uri_mismatch"},
		{"script", nil, with("redirect_uri", "javascript:alert(1)"), "redirect_uri_mismatch"},
		{"malformed", nil, with("redirect_uri", "http://127.0.0.1:x/"), "redirect_uri_mismatch"},
		{"no redirect URI", nil, without("redirect_uri"), "redirect_uri_missing"},
		{"two redirect URIs", nil, with("redirect_uri", callback, callback), "invalid_request"},
		{"wrong client", nil, with("client_id", "wrong"), "invalid_client_id"},
		{"no client", nil, without("client_id"), "invalid_client_id"},
	} {
		for _, provider := range providers {
			t.Run(provider+"/"+test.name, func(t *testing.T) {
				s := NewHandler(Config{Provider: provider, RedirectURIs: test.registered}, local)
				w := get(s, authorizationURL(s, test.change, with("response_type", "code")))
				wantStatus := http.StatusOK
				if test.error != "" {
					wantStatus = http.StatusBadRequest
					if !strings.Contains(w.Body.String(), `<code id="error">`+test.error+`</code>`) {
						t.Errorf("body %s", w.Body)
					}
				}
				if w.Code != wantStatus || w.Header().Get("Location") != "" {
					t.Errorf("status %d, %s", w.Code, w.Header())
				}
			})
		}
	}
}

func TestAuthorizationRequests(t *testing.T) {
	for _, test := range []struct {
		name    string
		cfg     Config
		changes []change
		error   string // "" for a code
	}{
		{name: "no scope", changes: []change{without("scope")}},
		{name: "no state", changes: []change{without("state")}},
		{name: "no response type", changes: []change{without("response_type")}, error: "invalid_request"},
		{
			name: "implicit flow", changes: []change{with("response_type", "token")},
			error: "unsupported_response_type",
		},
		{name: "two scopes", changes: []change{with("scope", "a", "b")}, error: "invalid_request"},
		{name: "malformed scope", changes: []change{with("scope", `a "b"`)}, error: "invalid_scope"},
		{name: "response mode", changes: []change{with("response_mode", "web_message")}, error: "invalid_request"},
		{
			name: "response mode fragment", changes: []change{with("response_mode", "fragment")},
			error: "invalid_request",
		},
		{name: "response mode query", changes: []change{with("response_mode", "query")}},
		{name: "two resources", changes: []change{with("resource", "https://a.example", "urn:b")}},
		{name: "relative resource", changes: []change{with("resource", "/a")}, error: "invalid_target"},
		{
			name: "resource with a fragment", changes: []change{with("resource", "https://a.example#b")},
			error: "invalid_target",
		},

		{name: "PKCE", cfg: Config{RequirePKCE: true}, changes: pkce(challengeS256, "S256")},
		{name: "PKCE, plain", cfg: Config{RequirePKCE: true}, changes: pkce(verifier, "plain")},
		{name: "no PKCE", cfg: Config{RequirePKCE: true}, error: "invalid_request"},
		{
			name: "method without a challenge", changes: []change{with("code_challenge_method", "S256")},
			error: "invalid_request",
		},
		{name: "unknown method", changes: pkce(challengeS256, "S512"), error: "invalid_request"},
		{name: "short challenge", changes: pkce("short", "S256"), error: "invalid_request"},
		{
			name:    "challenge that is not base64url",
			changes: pkce(strings.Replace(challengeS256, "-", "+", 1), "S256"), error: "invalid_request",
		},
	} {
		for _, provider := range providers {
			t.Run(provider+"/"+test.name, func(t *testing.T) {
				test.cfg.Provider, test.cfg.Consent = provider, Allow
				s := NewHandler(test.cfg, local)
				target, params := redirected(t, get(s, authorizationURL(s, test.changes...)))
				if params.Get("error") != test.error || params.Has("code") != (test.error == "") ||
					target != callback {
					t.Errorf("redirected to %s with %v", target, params)
				}
				if got := params.Get("state"); got != "its state" && test.name != "no state" {
					t.Errorf("state %q", got)
				}
			})
		}
	}
}

func pkce(challenge, method string) []change {
	return []change{with("code_challenge", challenge), with("code_challenge_method", method)}
}

// The reply of a hybrid flow is never in a query, which ends up in logs.
func TestHybrid(t *testing.T) {
	for _, test := range []struct {
		name    string
		changes []change
		mode    string
		error   string
	}{
		{"default mode", nil, "fragment", ""},
		{"the other order", []change{with("response_type", "id_token code")}, "fragment", ""},
		{"form_post", []change{with("response_mode", "form_post")}, "form_post", ""},
		{"query", []change{with("response_mode", "query")}, "fragment", "invalid_request"},
		{"no nonce", []change{without("nonce")}, "fragment", "invalid_request"},
		{"no openid", []change{with("scope", "email")}, "fragment", "invalid_scope"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := NewHandler(Config{Consent: Allow}, local)
			hybrid := []change{with("response_type", "code id_token"), with("scope", "openid"), with("nonce", "n")}
			w := get(s, authorizationURL(s, append(hybrid, test.changes...)...))
			var params url.Values
			if test.mode == "form_post" {
				_, params = posted(t, w)
			} else {
				params = fragment(t, w)
			}
			if params.Get("error") != test.error {
				t.Fatalf("parameters %v", params)
			}
			if test.error == "" {
				claims := verify(t, s, params.Get("id_token"))
				if claims["nonce"] != "n" || claims["c_hash"] != halfHash(params.Get("code")) {
					t.Errorf("claims %v", claims)
				}
			}
		})
	}
	s := NewHandler(Config{Provider: Salesforce, Consent: Allow}, local)
	_, params := redirected(t, get(s, authorizationURL(s, with("response_type", "code id_token"))))
	if params.Get("error") != "unsupported_response_type" {
		t.Errorf("Salesforce: %v", params)
	}
}

func fragment(t *testing.T, w *httptest.ResponseRecorder) url.Values {
	t.Helper()
	_, text, ok := strings.Cut(w.Header().Get("Location"), "#")
	params, err := url.ParseQuery(text)
	if !ok || err != nil {
		t.Fatalf("status %d, %s", w.Code, w.Header())
	}
	return params
}

// The example of OpenID Connect Core, appendix A.3.
func TestHalfHash(t *testing.T) {
	const code, want = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk", "LDktKdoQak3Pk0cnXxCltA"
	if got := halfHash(code); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

var (
	formAction = regexp.MustCompile(`<form method="post" action="([^"]*)">`)
	hidden     = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
)

// posted returns what a form_post page sends, and where.
func posted(t *testing.T, w *httptest.ResponseRecorder) (target string, params url.Values) {
	t.Helper()
	action := formAction.FindStringSubmatch(w.Body.String())
	if w.Code != http.StatusOK || action == nil {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	params = url.Values{}
	for _, input := range hidden.FindAllStringSubmatch(w.Body.String(), -1) {
		params.Add(html.UnescapeString(input[1]), html.UnescapeString(input[2]))
	}
	return html.UnescapeString(action[1]), params
}

func TestFormPost(t *testing.T) {
	for consent, refused := range map[string]string{Allow: "", Deny: "access_denied"} {
		for _, provider := range providers {
			s := NewHandler(Config{Provider: provider, Consent: consent}, local)
			w := get(s, authorizationURL(s, with("response_mode", "form_post"), with("state", `"><script>`)))
			target, params := posted(t, w)
			if target != callback || params.Get("state") != `"><script>` || params.Get("error") != refused ||
				params.Has("code") != (refused == "") {
				t.Errorf("%s: posted to %s: %v", provider, target, params)
			}
			if strings.Contains(w.Body.String(), `"><script>`) {
				t.Errorf("%s: the state is not escaped", provider)
			}
		}
	}
}

func TestRedirectKeepsTheQuery(t *testing.T) {
	s := NewHandler(Config{Consent: Allow}, local)
	_, params := redirected(t, get(s, authorizationURL(s, with("redirect_uri", callback+"?tenant=a%26b"))))
	if params.Get("tenant") != "a&b" || params.Get("code") == "" {
		t.Errorf("parameters %v", params)
	}
}

func TestOutOfBand(t *testing.T) {
	for _, provider := range providers {
		s := NewHandler(Config{Provider: provider, Consent: Allow}, local)
		w := get(s, authorizationURL(s, with("redirect_uri", outOfBand)))
		shown := regexp.MustCompile(`<output id="code">(.*)</output>`).FindStringSubmatch(w.Body.String())
		if shown == nil {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
		wantSuccess(t, exchange(s, html.UnescapeString(shown[1]), with("redirect_uri", outOfBand)))
	}
	s := NewHandler(Config{Consent: Deny}, local)
	w := get(s, authorizationURL(s, with("redirect_uri", outOfBand)))
	if !strings.Contains(w.Body.String(), `<code id="error">access_denied</code>`) {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

var redirectFaultTests = map[string]func(url.Values) bool{
	"state-wrong":   func(p url.Values) bool { return p.Get("state") == "wrong" && p.Has("code") },
	"state-missing": func(p url.Values) bool { return !p.Has("state") && p.Has("code") },
	"iss-wrong":     func(p url.Values) bool { return p.Get("iss") == "https://wrong.example" && p.Has("code") },
	"iss-missing":   func(p url.Values) bool { return !p.Has("iss") && p.Has("code") },
	"code-missing":  func(p url.Values) bool { return !p.Has("code") && p.Get("state") == "its state" },
	"authorize-error=TEXT": func(p url.Values) bool {
		return !p.Has("code") && p.Get("error") == "TEXT" && p.Has("state")
	},
}

func TestRedirectFaults(t *testing.T) {
	for name, spoiled := range redirectFaultTests {
		for _, provider := range providers {
			s := NewHandler(Config{Provider: provider, Consent: Allow}, local)
			s.Fail(Fault{Name: "500", Count: 1}, Fault{Name: name, Count: 1})
			if _, params := redirected(t, get(s, authorizationURL(s))); !spoiled(params) {
				t.Errorf("%s, %s: %v", provider, name, params)
			}
			_, params := redirected(t, get(s, authorizationURL(s)))
			if params.Get("state") != "its state" || params.Get("code") == "" || params.Has("error") {
				t.Errorf("%s: after %s: %v", provider, name, params)
			}
			if w := exchange(s, params.Get("code")); w.Code != http.StatusInternalServerError {
				t.Errorf("%s: the fault of the token endpoint is gone: status %d", provider, w.Code)
			}
		}
	}
}
