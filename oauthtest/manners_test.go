package oauthtest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// refreshAs refreshes as a client of this provider does.
func refreshAs(t *testing.T, s *Server, token string) map[string]any {
	t.Helper()
	w := wire{auth: authOf[s.cfg.Provider]}
	_, reply, _ := strings.Cut(w.send(t, s, w.refreshForm(s, token), s.ClientSecret()), "{")
	return object(t, []byte("{"+reply))
}

// authOf is how clients authenticate where the body will not do.
var authOf = map[string]auth{"quickbooks": secretInBasic, "stripe": secretAsUserName, "x": secretInBasic, "zoom": secretInBasic}

// forever is longer than any token lives.
const forever = 100 * 365 * day

// What becomes of the tokens before, when a refresh brings new ones.
func TestTokensBefore(t *testing.T) {
	for _, test := range []struct {
		provider string
		config   Config
		grace    time.Duration // for how long the refresh token before is still answered
		access   time.Duration // for how long the access token before is still valid
		ends     bool          // one that comes later ends the grant
	}{
		{provider: "atlassian", grace: 10 * time.Minute, access: 10 * time.Minute, ends: true},
		{provider: "auth0", config: Config{Rotate: true}, access: day, ends: true},
		{provider: "auth0", config: Config{Rotate: true, Grace: time.Minute}, grace: time.Minute, access: day, ends: true},
		{provider: "box", access: 4169 * time.Second},
		{provider: "github"},
		{provider: "microsoft", config: Config{IdleLimit: 2 * forever}, grace: forever, access: time.Hour},
		{provider: "okta", config: Config{Rotate: true}, grace: 30 * time.Second, access: time.Hour, ends: true},
		{provider: "okta", config: Config{Rotate: true, Grace: -1}, access: time.Hour, ends: true},
		{provider: "shopify", grace: 30 * day, access: time.Hour},
		{provider: "slack", access: 12 * time.Hour},
		{provider: "stripe", access: time.Hour},
		{provider: "x", access: 2 * time.Hour},
		{provider: "xero", grace: 30 * time.Minute, access: 30 * time.Minute},
		{provider: "zoom", access: 3599 * time.Second},
	} {
		test.config.Provider = test.provider
		refreshed := func(t *testing.T, then func(s *Server, before, after map[string]any)) {
			synctest.Test(t, func(t *testing.T) {
				s := NewHandler(test.config, local)
				before := saved(t, s)
				then(s, before, refreshAs(t, s, before["refresh_token"].(string)))
			})
		}
		t.Run(test.provider, func(t *testing.T) {
			refreshed(t, func(s *Server, before, _ map[string]any) {
				wantLife(t, "the access token before", s.ValidAccess, before["access_token"].(string), test.access)
			})
			refreshed(t, func(s *Server, before, after map[string]any) {
				token := before["refresh_token"].(string)
				wantLife(t, "the refresh token before", s.ValidRefresh, token, test.grace)
				if late := refreshAs(t, s, token); (late["access_token"] != nil) != (test.grace == forever) {
					t.Errorf("the refresh token before, later: %v", late)
				}
				if got := s.ValidRefresh(after["refresh_token"].(string)); got == test.ends {
					t.Errorf("the refresh token after it is valid then: %t", got)
				}
			})
		})
	}
}

// wantLife waits for life to pass, at whose end token becomes invalid.
func wantLife(t *testing.T, what string, valid func(string) bool, token string, life time.Duration) {
	t.Helper()
	if life > 0 {
		time.Sleep(life - time.Nanosecond)
		if !valid(token) {
			t.Errorf("%s is not valid until %v after the refresh", what, life)
		}
		time.Sleep(time.Nanosecond)
	}
	if valid(token) != (life == forever) {
		t.Errorf("%s is valid %v after the refresh: %t", what, life, valid(token))
	}
}

// Shopify answers the refresh token before until its replacement is used.
func TestReplacementEndsGrace(t *testing.T) {
	s := NewHandler(Config{Provider: "shopify"}, local)
	first := saved(t, s)["refresh_token"].(string)
	second := refreshAs(t, s, first)["refresh_token"].(string)
	if again := refreshAs(t, s, first)["refresh_token"]; again != second {
		t.Errorf("the first brings %v, then %v", second, again)
	}
	refreshAs(t, s, second)
	if s.ValidRefresh(first) || !s.ValidRefresh(second) {
		t.Errorf("valid are the first: %t, the second: %t", s.ValidRefresh(first), s.ValidRefresh(second))
	}
}

// QuickBooks changes the refresh token about once a day, and goes on answering the one before for another.
func TestDailyRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewHandler(Config{Provider: "quickbooks"}, local)
		first := saved(t, s)["refresh_token"].(string)
		if got := refreshAs(t, s, first)["refresh_token"]; got != first {
			t.Errorf("changed at once")
		}
		time.Sleep(day)
		second := refreshAs(t, s, first)["refresh_token"].(string)
		if second == first {
			t.Errorf("not changed after a day")
		}
		if again := refreshAs(t, s, first)["refresh_token"]; again != second {
			t.Errorf("the token before brings %v, want %s", again, second)
		}
		time.Sleep(day)
		if s.ValidRefresh(first) || !s.ValidRefresh(second) {
			t.Errorf("a day later the first is valid: %t, the second: %t", s.ValidRefresh(first), s.ValidRefresh(second))
		}
	})
}

// A token without a refresh token does not expire where the vendor has such tokens.
func TestPermanentTokens(t *testing.T) {
	for provider, lives := range map[string]bool{"github": true, "slack": true, "shopify": true, "zoom": false} {
		synctest.Test(t, func(t *testing.T) {
			s := NewHandler(Config{Provider: provider, NoRefreshToken: true}, local)
			w := wire{auth: authOf[provider]}
			seen := new(tokensSeen)
			seen.in(s, w.send(t, s, codeForm(s, allowedCode(t, s)), s.ClientSecret()))
			time.Sleep(365 * day)
			if got := s.ValidAccess(seen.last()); got != lives {
				t.Errorf("%s: valid after a year: %t", provider, got)
			}
		})
	}
}

// Where a login asks for a refresh token in the provider's own way.
func TestOfflineAccess(t *testing.T) {
	for provider, asks := range map[string]change{
		"google":    with("access_type", "offline"),
		"zoho":      with("access_type", "offline"),
		"dropbox":   with("token_access_type", "offline"),
		"microsoft": with("scope", "User.Read offline_access"),
		"okta":      with("scope", "offline_access"),
		"auth0":     with("scope", "offline_access"),
		"xero":      with("scope", "offline_access"),
		"atlassian": with("scope", "offline_access"),
	} {
		s := NewHandler(Config{Provider: provider}, local)
		login := func(change change) string {
			return new(wire).send(t, s, codeForm(s, allowedCode(t, s, change)), s.ClientSecret())
		}
		if reply := login(asks); !strings.Contains(reply, `"refresh_token":`) {
			t.Errorf("%s: %s", provider, reply)
		}
		if reply := login(with("scope", "some")); strings.Contains(reply, `"refresh_token":`) {
			t.Errorf("%s without it: %s", provider, reply)
		}
	}
}

// Facebook exchanges an access token that is still valid for the next.
func TestProlonging(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewHandler(Config{Provider: "facebook"}, local)
		document := saved(t, s)
		if document["refresh_token"] != nil {
			t.Errorf("document %v", document)
		}
		first := document["access_token"].(string)
		time.Sleep(59 * day)
		w := wire{facebook: true, get: true}
		seen := new(tokensSeen)
		seen.in(s, w.send(t, s, w.refreshForm(s, first), s.ClientSecret()))
		time.Sleep(2 * day)
		if s.ValidAccess(first) || !s.ValidAccess(seen.last()) {
			t.Errorf("valid are the first: %t, the second: %t", s.ValidAccess(first), s.ValidAccess(seen.last()))
		}
		if reply := w.send(t, s, w.refreshForm(s, first), s.ClientSecret()); !strings.HasPrefix(reply, "400 ") {
			t.Errorf("one that has expired: %s", reply)
		}
		wantStats(t, s, Stats{Requests: 2, Refreshes: 1})
	})
}

func TestClientAuthentication(t *testing.T) {
	nothing := func(url.Values, http.Header, string) {}
	for _, test := range []struct {
		provider  string
		accepts   auth
		refuses   []auth
		asksSetup Config
	}{
		{provider: "quickbooks", accepts: secretInBasic, refuses: []auth{secretInBody, nothing}},
		{provider: "zoom", accepts: secretInBasic, refuses: []auth{secretInBody, nothing}},
		{provider: "x", accepts: secretInBasic, refuses: []auth{secretInBody}},
		{provider: "x", accepts: nothing},
		{provider: "x", accepts: secretInBasic, refuses: []auth{nothing}, asksSetup: Config{RequireSecret: true}},
		{provider: "hubspot", accepts: secretInBody, refuses: []auth{secretInBasic, nothing}},
		{provider: "github", accepts: secretInBody, refuses: []auth{secretInBasic, nothing}},
		{provider: "google", accepts: secretInBasic, refuses: []auth{nothing}},
		{provider: "microsoft", accepts: nothing},
		{provider: "stripe", accepts: secretAsUserName, refuses: []auth{secretInBasic, secretInBody, nothing}},
	} {
		test.asksSetup.Provider = test.provider
		s := NewHandler(test.asksSetup, local)
		refresh := func(how auth) string {
			w := wire{auth: how}
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

// Some clients have no secret though the provider wants one of the others.
func TestPublicClients(t *testing.T) {
	nothing := func(url.Values, http.Header, string) {}
	for provider, asks := range map[string][]change{"slack": {with("user_scope", "chat:write")}, "zoom": nil} {
		s := NewHandler(Config{Provider: provider}, local)
		w, seen := wire{auth: nothing}, new(tokensSeen)
		pkce := slices.Concat(asks, []change{with("code_challenge", verifier)})
		login := w.send(t, s, codeForm(s, allowedCode(t, s, pkce...), with("code_verifier", verifier)), "")
		seen.in(s, login)
		if refreshed := w.send(t, s, w.refreshForm(s, seen.last()), ""); !strings.Contains(refreshed, "access_token") {
			t.Errorf("%s with PKCE: %s, then %s", provider, login, refreshed)
		}
		if reply := w.send(t, s, codeForm(s, allowedCode(t, s, asks...)), ""); strings.Contains(reply, "access_token") {
			t.Errorf("%s without PKCE: %s", provider, reply)
		}
	}
}

// A device of GitHub's needs no secret, and gets what it asks for as a form.
func TestGitHubDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewHandler(Config{Provider: "github", Consent: Allow}, local)
		begun := post(s, s.DeviceEndpoint(), url.Values{"client_id": {s.ClientID()}})
		form, err := url.ParseQuery(begun.Body.String())
		if err != nil || form.Get("verification_uri") != local+"/login/device" {
			t.Fatalf("%s, %v", begun.Body, err)
		}
		poll := url.Values{"client_id": {s.ClientID()}, "grant_type": {s.dialect.deviceGrant}, "device_code": form["device_code"]}
		if got := post(s, s.TokenEndpoint(), poll); got.Code != http.StatusOK || !strings.HasPrefix(got.Body.String(), "error=authorization_pending&") {
			t.Errorf("status %d: %s", got.Code, got.Body)
		}
		time.Sleep(5 * time.Second)
		issued, err := url.ParseQuery(post(s, s.TokenEndpoint(), poll).Body.String())
		if err != nil || issued.Get("access_token") == "" {
			t.Fatalf("%v, %v", issued, err)
		}
		refreshed := post(s, s.TokenEndpoint(), refreshForm(s, issued.Get("refresh_token")))
		if !strings.HasPrefix(refreshed.Body.String(), "access_token=ghu_") {
			t.Errorf("refresh: %s", refreshed.Body)
		}
		if got := post(s, s.TokenEndpoint(), refreshForm(s, refreshToken(t, s))); !strings.HasPrefix(got.Body.String(), "error=incorrect_client_credentials&") {
			t.Errorf("refresh of another grant: %s", got.Body)
		}
	})
}

// Who documents a JSON body takes one. To the others it is a request without parameters.
func TestJSONBodies(t *testing.T) {
	for provider, takes := range map[string]bool{"atlassian": true, "auth0": true, "github": true, "shopify": true, "google": false, "box": false} {
		s := NewHandler(Config{Provider: provider}, local)
		body := `{"grant_type":"refresh_token","client_id":"` + s.ClientID() + `","client_secret":"` + s.ClientSecret() +
			`","refresh_token":"` + refreshToken(t, s) + `"}`
		r := httptest.NewRequest(http.MethodPost, s.TokenEndpoint(), strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		if got := strings.Contains(record(s, r).Body.String(), "access_token"); got != takes {
			t.Errorf("%s took it: %t", provider, got)
		}
	}
}

func TestAddresses(t *testing.T) {
	s := NewHandler(Config{Provider: "microsoft"}, local)
	if got, want := s.TokenEndpoint(), local+"/common/oauth2/v2.0/token"; got != want {
		t.Errorf("token endpoint %s, want %s", got, want)
	}
	elsewhere := local + "/contoso.example/oauth2/v2.0/token"
	if w := post(s, elsewhere, refreshForm(s, refreshToken(t, s))); w.Code != http.StatusOK {
		t.Errorf("%s: status %d: %s", elsewhere, w.Code, w.Body)
	}
	for provider, name := range map[string]string{"quickbooks": "realmId", "shopify": "shop", "zoho": "accounts-server"} {
		s := NewHandler(Config{Provider: provider, RedirectParams: map[string]string{"more": "x"}}, local)
		_, params := redirected(t, post(s, authorizationURL(s), url.Values{"decision": {Allow}}))
		if params.Get(name) == "" || params.Get("more") != "x" {
			t.Errorf("%s redirects with %v", provider, params)
		}
	}
}

// Each imitation issues tokens that are known as worthless, and serves them at its userinfo endpoint, as its vendor's APIs want them.
func TestTokensOfImitations(t *testing.T) {
	for _, provider := range Providers() {
		s := NewHandler(Config{Provider: provider}, local)
		access := saved(t, s)["access_token"].(string)
		if !IsTestToken(access) {
			t.Errorf("%s: %s is not known as a test's", provider, access)
		}
		for _, way := range []struct {
			header, value string
			taken         bool
		}{
			{"Authorization", "Bearer " + access, provider != "shopify"},
			{"Authorization", "Zoho-oauthtoken " + access, provider == "zoho"},
			{"X-Shopify-Access-Token", access, provider == "shopify"},
		} {
			r := httptest.NewRequest(http.MethodGet, s.UserinfoEndpoint(), nil)
			r.Header.Set(way.header, way.value)
			if w := record(s, r); strings.Contains(w.Body.String(), `"sub"`) != way.taken {
				t.Errorf("%s: %s %.10s…: status %d: %s", provider, way.header, way.value, w.Code, w.Body)
			}
		}
	}
}

// APIs that refuse an access token otherwise than with 401.
func TestAPIRefusals(t *testing.T) {
	for provider, want := range map[string]string{
		"slack":    `200 {"ok":false,"error":"token_expired"}`,
		"facebook": `400 {"error":{"message":"Error validating access token: Session has expired.","type":"OAuthException","code":190,"error_subcode":463,"fbtrace_id":"AoauthtestTrace"}}`,
		"xero":     `401 {"error":"invalid_token"}`,
	} {
		s := NewHandler(Config{Provider: provider}, local)
		if w := get(s, local+"/services/data/"); fmt.Sprintf("%d %s", w.Code, w.Body) != want {
			t.Errorf("%s: status %d: %s", provider, w.Code, w.Body)
		}
	}
}
