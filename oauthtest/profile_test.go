package oauthtest

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// refreshAs refreshes as a client of this provider does.
func refreshAs(t *testing.T, s *Server, token string) map[string]any {
	t.Helper()
	w := replyTest{auth: authOf[s.cfg.Provider]}
	_, reply, _ := strings.Cut(w.send(t, s, w.refreshForm(s, token), s.ClientSecret()), "{")
	return object(t, []byte("{"+reply))
}

// authOf is how clients authenticate to providers that do not accept the secret in the body.
var authOf = map[string]auth{
	"quickbooks": secretInBasic, "stripe": secretAsUserName, "x": secretInBasic, "zoom": secretInBasic,
}

// forever is longer than the lifetime of any token.
const forever = 100 * 365 * day

func TestPreviousTokensAfterARefresh(t *testing.T) {
	for _, test := range []struct {
		provider string
		config   Config
		grace    time.Duration // how long the previous refresh token is valid
		access   time.Duration // how long the previous access token is valid
		ends     bool          // a later use of the previous refresh token ends the grant
	}{
		{provider: "atlassian", grace: 10 * time.Minute, access: 10 * time.Minute, ends: true},
		{provider: "auth0", config: Config{Rotate: true}, access: day, ends: true},
		{
			provider: "auth0", config: Config{Rotate: true, Grace: time.Minute}, grace: time.Minute, access: day,
			ends: true,
		},
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
				wantLifetime(t, "the previous access token", s.ValidAccess, before["access_token"].(string),
					test.access)
			})
			refreshed(t, func(s *Server, before, after map[string]any) {
				token := before["refresh_token"].(string)
				wantLifetime(t, "the previous refresh token", s.ValidRefresh, token, test.grace)
				if late := refreshAs(t, s, token); (late["access_token"] != nil) != (test.grace == forever) {
					t.Errorf("the previous refresh token, later: %v", late)
				}
				if got := s.ValidRefresh(after["refresh_token"].(string)); got == test.ends {
					t.Errorf("the current refresh token is valid then: %t", got)
				}
			})
		})
	}
}

// wantLifetime checks that token becomes invalid after life.
func wantLifetime(t *testing.T, what string, valid func(string) bool, token string, life time.Duration) {
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

// Shopify accepts the previous refresh token until the current one is used.
func TestUseOfTheNextTokenEndsGrace(t *testing.T) {
	s := NewHandler(Config{Provider: "shopify"}, local)
	first := saved(t, s)["refresh_token"].(string)
	second := refreshAs(t, s, first)["refresh_token"].(string)
	if again := refreshAs(t, s, first)["refresh_token"]; again != second {
		t.Errorf("the first token gets %v, then %v", second, again)
	}
	refreshAs(t, s, second)
	if s.ValidRefresh(first) || !s.ValidRefresh(second) {
		t.Errorf("valid are the first: %t, the second: %t", s.ValidRefresh(first), s.ValidRefresh(second))
	}
}

// QuickBooks changes the refresh token once a day, and accepts the previous one for another day.
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
			t.Errorf("the previous token gets %v, want %s", again, second)
		}
		time.Sleep(day)
		if s.ValidRefresh(first) || !s.ValidRefresh(second) {
			t.Errorf("a day later the first is valid: %t, the second: %t", s.ValidRefresh(first),
				s.ValidRefresh(second))
		}
	})
}

func TestAccessTokensWithoutRefreshTokenDoNotExpire(t *testing.T) {
	for provider, permanent := range map[string]bool{"github": true, "slack": true, "shopify": true, "zoom": false} {
		synctest.Test(t, func(t *testing.T) {
			s := NewHandler(Config{Provider: provider, NoRefreshToken: true}, local)
			w := replyTest{auth: authOf[provider]}
			seen := new(seenTokens)
			seen.normalize(s, w.send(t, s, codeForm(s, allowedCode(t, s)), s.ClientSecret()))
			time.Sleep(365 * day)
			if got := s.ValidAccess(seen.last()); got != permanent {
				t.Errorf("%s: valid after a year: %t", provider, got)
			}
		})
	}
}

func TestRefreshTokenIsIssuedOnlyOnRequest(t *testing.T) {
	for provider, request := range map[string]change{
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
			return new(replyTest).send(t, s, codeForm(s, allowedCode(t, s, change)), s.ClientSecret())
		}
		if reply := login(request); !strings.Contains(reply, `"refresh_token":`) {
			t.Errorf("%s: %s", provider, reply)
		}
		if reply := login(with("scope", "some")); strings.Contains(reply, `"refresh_token":`) {
			t.Errorf("%s without it: %s", provider, reply)
		}
	}
}

// Facebook exchanges a valid access token for the next.
func TestAccessTokenIsExtended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewHandler(Config{Provider: "facebook"}, local)
		document := saved(t, s)
		if document["refresh_token"] != nil {
			t.Errorf("document %v", document)
		}
		first := document["access_token"].(string)
		time.Sleep(59 * day)
		w := replyTest{facebook: true, get: true}
		seen := new(seenTokens)
		seen.normalize(s, w.send(t, s, w.refreshForm(s, first), s.ClientSecret()))
		time.Sleep(2 * day)
		if s.ValidAccess(first) || !s.ValidAccess(seen.last()) {
			t.Errorf("valid are the first: %t, the second: %t", s.ValidAccess(first), s.ValidAccess(seen.last()))
		}
		if reply := w.send(t, s, w.refreshForm(s, first), s.ClientSecret()); !strings.HasPrefix(reply, "400 ") {
			t.Errorf("an expired one: %s", reply)
		}
		wantStats(t, s, Stats{Requests: 2, Refreshes: 1})
	})
}

// A device needs no client secret at GitHub, and gets forms.
func TestGitHubDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewHandler(Config{Provider: "github", Consent: Allow}, local)
		begun := post(s, s.DeviceEndpoint(), url.Values{"client_id": {s.ClientID()}})
		form, err := url.ParseQuery(begun.Body.String())
		if err != nil || form.Get("verification_uri") != local+"/login/device" {
			t.Fatalf("%s, %v", begun.Body, err)
		}
		poll := url.Values{
			"client_id": {s.ClientID()}, "grant_type": {s.profile.DeviceGrant}, "device_code": form["device_code"],
		}
		if got := post(s, s.TokenEndpoint(), poll); got.Code != http.StatusOK ||
			!strings.HasPrefix(got.Body.String(), "error=authorization_pending&") {
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
		other := post(s, s.TokenEndpoint(), refreshForm(s, refreshToken(t, s)))
		if !strings.HasPrefix(other.Body.String(), "error=incorrect_client_credentials&") {
			t.Errorf("refresh of another grant: %s", other.Body)
		}
	})
}

func TestEndpointParts(t *testing.T) {
	s := NewHandler(Config{Provider: "microsoft"}, local)
	if got, want := s.TokenEndpoint(), local+"/common/oauth2/v2.0/token"; got != want {
		t.Errorf("token endpoint %s, want %s", got, want)
	}
	elsewhere := local + "/contoso.example/oauth2/v2.0/token"
	if w := post(s, elsewhere, refreshForm(s, refreshToken(t, s))); w.Code != http.StatusOK {
		t.Errorf("%s: status %d: %s", elsewhere, w.Code, w.Body)
	}
	for provider, name := range map[string]string{
		"quickbooks": "realmId", "shopify": "shop", "zoho": "accounts-server",
	} {
		s := NewHandler(Config{Provider: provider, RedirectParams: map[string]string{"more": "x"}}, local)
		_, params := redirected(t, post(s, authorizationURL(s), url.Values{"decision": {Allow}}))
		if params.Get(name) == "" || params.Get("more") != "x" {
			t.Errorf("%s redirects with %v", provider, params)
		}
	}
}

// Every provider's tokens are recognized as test tokens, and accepted as its APIs require.
func TestAccessTokensOfEveryProvider(t *testing.T) {
	for _, provider := range Providers() {
		s := NewHandler(Config{Provider: provider}, local)
		access := saved(t, s)["access_token"].(string)
		if !IsTestToken(access) {
			t.Errorf("%s: IsTestToken(%s) = false", provider, access)
		}
		for _, way := range []struct {
			header, value string
			accepted      bool
		}{
			{"Authorization", "Bearer " + access, provider != "shopify"},
			{"Authorization", "Zoho-oauthtoken " + access, provider == "zoho"},
			{"X-Shopify-Access-Token", access, provider == "shopify"},
		} {
			r := httptest.NewRequest(http.MethodGet, s.UserinfoEndpoint(), nil)
			r.Header.Set(way.header, way.value)
			if w := record(s, r); strings.Contains(w.Body.String(), `"sub"`) != way.accepted {
				t.Errorf("%s: %s %.10s…: status %d: %s", provider, way.header, way.value, w.Code, w.Body)
			}
		}
	}
}
