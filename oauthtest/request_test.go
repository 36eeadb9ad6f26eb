package oauthtest

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestRefusedRequests(t *testing.T) {
	const secret = "a secret:+%"
	for _, test := range []struct {
		name    string
		require bool
		change  func(form url.Values, r http.Header)
		code    string // "" for success
		generic string // code and status of the generic server, where they differ
		status  int
	}{
		{name: "public client"},
		{name: "public client, secret required", require: true, code: "invalid_client", status: 401},
		{name: "secret in the body", require: true, change: body("client_secret", secret)},
		{name: "wrong secret", change: body("client_secret", "wrong"), code: "invalid_client", status: 401},
		{
			name: "wrong client", change: body("client_id", "wrong"), code: "invalid_client_id",
			generic: "invalid_client", status: 401,
		},
		{
			name: "no client", change: body("client_id", ""), code: "invalid_client_id", generic: "invalid_client",
			status: 401,
		},
		{name: "basic", require: true, change: basic("client+%", secret)},
		{name: "basic without a secret", change: basic("client+%", "")},
		{name: "basic, wrong secret", change: basic("client+%", "wrong"), code: "invalid_client", status: 401},
		{name: "basic, malformed", change: func(form url.Values, h http.Header) {
			form.Del("client_id")
			h.Set("Authorization", "Basic ???")
		}, code: "invalid_basic_auth_header", generic: "invalid_client", status: 401},
		{name: "basic, and the client id in the body", require: true, change: func(form url.Values, h http.Header) {
			basic("client+%", secret)(form, h)
			form.Set("client_id", "client+%") // which does not authenticate (RFC 6749 §3.2.1)
		}},
		{name: "basic, and another client in the body", change: func(form url.Values, h http.Header) {
			basic("client+%", secret)(form, h)
			form.Set("client_id", "another")
		}, code: "invalid_request"},
		{name: "basic and body", change: func(form url.Values, h http.Header) {
			basic("client+%", secret)(form, h)
			form.Set("client_secret", secret)
		}, code: "invalid_request"},
		{
			name:   "duplicate parameter",
			change: func(form url.Values, _ http.Header) { form.Add("client_id", "client+%") },
			code:   "invalid_request",
		},
		{name: "no grant type", change: body("grant_type", ""), code: "invalid_request"},
		{name: "another grant type", change: body("grant_type", "password"), code: "unsupported_grant_type"},
		{name: "no refresh token", change: body("refresh_token", ""), code: "invalid_request"},
		{name: "garbage", change: body("refresh_token", "garbage"), code: "invalid_grant"},
		{
			name:   "a form that calls itself JSON",
			change: func(_ url.Values, h http.Header) { h.Set("Content-Type", "application/json") },
			code:   "invalid_request",
		},
	} {
		for _, provider := range providers {
			t.Run(provider+"/"+test.name, func(t *testing.T) {
				s := start(t, Config{
					Provider: provider, ClientID: "client+%", ClientSecret: secret, RequireSecret: test.require,
				})
				form, header := refreshForm(s, refreshToken(t, s)), http.Header{}
				if test.change != nil {
					test.change(form, header)
				}
				r := formRequest(s.TokenEndpoint(), form)
				for name, values := range header {
					r.Header[name] = values
				}
				response, body := send(t, r)
				code, status := test.code, http.StatusBadRequest
				if provider == Generic && test.generic != "" {
					code = test.generic
				}
				if provider == Generic && test.status != 0 {
					status = test.status
				}
				if code == "" {
					status = http.StatusOK
				}
				got, _ := object(t, body)["error"].(string)
				if response.StatusCode != status || got != code {
					t.Errorf("status %d: %s; want %d, %q", response.StatusCode, body, status, code)
				}
				challenged := response.Header.Get("WWW-Authenticate") != ""
				want := status == http.StatusUnauthorized && header.Get("Authorization") != ""
				if challenged != want {
					t.Errorf("challenged: %t, want %t", challenged, want)
				}
				if acted := s.Stats().Refreshes == 1; acted != (code == "") {
					t.Errorf("acted: %t", acted)
				}
			})
		}
	}
}

func body(name, value string) func(url.Values, http.Header) {
	return func(form url.Values, _ http.Header) { form.Set(name, value) }
}

// basic authenticates with HTTP Basic instead of the body.
func basic(id, secret string) func(url.Values, http.Header) {
	return func(form url.Values, header http.Header) {
		form.Del("client_id")
		r := http.Request{Header: header}
		r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
	}
}

func TestJSONRequests(t *testing.T) {
	for _, test := range []struct {
		name, contentType, body string
		only                    bool
		description             string // "" for success
	}{
		{
			name: "JSON", contentType: "application/json; charset=utf-8",
			body: `{"grant_type":"refresh_token","client_id":"oauthtest-client","refresh_token":"TOKEN"}`,
		},
		{
			name: "code", contentType: "application/json",
			body: `{"grant_type":"authorization_code","client_id":"oauthtest-client","code":"CODE",` +
				`"redirect_uri":"` + callback + `"}`,
		},
		{
			name: "JSON only", only: true, contentType: "application/json",
			body: `{"grant_type":"refresh_token","client_id":"oauthtest-client","refresh_token":"TOKEN"}`,
		},
		{
			name: "form", contentType: "application/x-www-form-urlencoded",
			body: "grant_type=refresh_token&client_id=oauthtest-client&refresh_token=TOKEN",
		},
		{
			name: "form, but JSON only", only: true, contentType: "application/x-www-form-urlencoded",
			body: "grant_type=refresh_token", description: "the body must be JSON",
		},
		{
			name: "form that calls itself JSON", contentType: "application/json", body: "grant_type=refresh_token",
			description: "malformed body",
		},
		{name: "number", contentType: "application/json", body: `{"grant_type":1}`, description: "malformed body"},
	} {
		for _, provider := range providers {
			t.Run(provider+"/"+test.name, func(t *testing.T) {
				s := NewHandler(Config{Provider: provider, JSONOnly: test.only}, local)
				body := strings.NewReplacer("TOKEN", refreshToken(t, s), "CODE", allowedCode(t, s)).Replace(test.body)
				r := httptest.NewRequest(http.MethodPost, s.TokenEndpoint(), strings.NewReader(body))
				r.Header.Set("Content-Type", test.contentType)
				if w := record(s, r); test.description == "" {
					wantSuccess(t, w)
				} else {
					wantError(t, w, "invalid_request", test.description)
				}
			})
		}
	}
}

// Providers that document JSON requests accept them. For the others a JSON request has no parameters.
func TestJSONRequestsByProvider(t *testing.T) {
	for provider, accepted := range map[string]bool{
		"atlassian": true, "auth0": true, "github": true, "shopify": true, "google": false, "box": false,
	} {
		s := NewHandler(Config{Provider: provider}, local)
		body := `{"grant_type":"refresh_token","client_id":"` + s.ClientID() +
			`","client_secret":"` + s.ClientSecret() + `","refresh_token":"` + refreshToken(t, s) + `"}`
		r := httptest.NewRequest(http.MethodPost, s.TokenEndpoint(), strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		if got := strings.Contains(record(s, r).Body.String(), "access_token"); got != accepted {
			t.Errorf("%s accepted it: %t", provider, got)
		}
	}
}

func TestClientAuthentication(t *testing.T) {
	for _, test := range []struct {
		provider string
		accepts  auth
		refuses  []auth
		config   Config
	}{
		{provider: "quickbooks", accepts: secretInBasic, refuses: []auth{secretInBody, noSecret}},
		{provider: "zoom", accepts: secretInBasic, refuses: []auth{secretInBody, noSecret}},
		{provider: "x", accepts: secretInBasic, refuses: []auth{secretInBody}},
		{provider: "x", accepts: noSecret},
		{provider: "x", accepts: secretInBasic, refuses: []auth{noSecret}, config: Config{RequireSecret: true}},
		{provider: "hubspot", accepts: secretInBody, refuses: []auth{secretInBasic, noSecret}},
		{provider: "github", accepts: secretInBody, refuses: []auth{secretInBasic, noSecret}},
		{provider: "google", accepts: secretInBasic, refuses: []auth{noSecret}},
		{provider: "microsoft", accepts: noSecret},
		{provider: "stripe", accepts: secretAsUserName, refuses: []auth{secretInBasic, secretInBody, noSecret}},
	} {
		test.config.Provider = test.provider
		s := NewHandler(test.config, local)
		refresh := func(how auth) string {
			w := replyTest{auth: how}
			return w.send(t, s, w.refreshForm(s, refreshToken(t, s)), s.ClientSecret())
		}
		if reply := refresh(test.accepts); !strings.Contains(reply, "access_token") {
			t.Errorf("%s: %s", test.provider, reply)
		}
		for i, how := range test.refuses {
			if reply := refresh(how); strings.Contains(reply, "access_token") {
				t.Errorf("%s, refused %d: %s", test.provider, i, reply)
			}
		}
	}
}

// A login with PKCE needs no client secret.
func TestPublicClients(t *testing.T) {
	for provider, request := range map[string][]change{"slack": {with("user_scope", "chat:write")}, "zoom": nil} {
		s := NewHandler(Config{Provider: provider}, local)
		w, seen := replyTest{auth: noSecret}, new(seenTokens)
		pkce := slices.Concat(request, []change{with("code_challenge", verifier)})
		login := w.send(t, s, codeForm(s, allowedCode(t, s, pkce...), with("code_verifier", verifier)), "")
		seen.normalize(s, login)
		if refreshed := w.send(t, s, w.refreshForm(s, seen.last()), ""); !strings.Contains(refreshed, "access_token") {
			t.Errorf("%s with PKCE: %s, then %s", provider, login, refreshed)
		}
		reply := w.send(t, s, codeForm(s, allowedCode(t, s, request...)), "")
		if strings.Contains(reply, "access_token") {
			t.Errorf("%s without PKCE: %s", provider, reply)
		}
	}
}

func TestSalesforceErrorTexts(t *testing.T) {
	for text, change := range map[string]func(url.Values, http.Header){
		"client identifier invalid":    body("client_id", "wrong"),
		"invalid client credentials":   body("client_secret", "wrong"),
		"grant type not supported":     body("grant_type", "password"),
		"expired access/refresh token": body("refresh_token", "garbage"),
	} {
		s := NewHandler(Config{Provider: Salesforce}, local)
		form := refreshForm(s, refreshToken(t, s))
		change(form, nil)
		w := record(s, formRequest(s.TokenEndpoint(), form))
		if got := object(t, w.Body.Bytes())["error_description"]; got != text || w.Code != http.StatusBadRequest {
			t.Errorf("status %d: %s; want %q", w.Code, w.Body, text)
		}
	}
}

func TestMustPost(t *testing.T) {
	for provider, status := range map[string]int{
		Generic: http.StatusMethodNotAllowed, Salesforce: http.StatusBadRequest,
	} {
		s := start(t, Config{Provider: provider, Faults: []Fault{{Name: "500"}}})
		r := formRequest(s.TokenEndpoint(), nil)
		r.Method, r.Body = http.MethodGet, nil
		response, body := send(t, r)
		if response.StatusCode != status ||
			!strings.Contains(string(body), `{"error":"invalid_request","error_description":"must use HTTP POST"}`) {
			t.Errorf("%s: status %d: %s", provider, response.StatusCode, body)
		}
		if got := response.Header.Get("Allow"); status == http.StatusMethodNotAllowed && got != http.MethodPost {
			t.Errorf("%s: Allow %q", provider, got)
		}
		wantStats(t, s, Stats{})
	}
}
