package oauthtest

import (
	"net/http"
	"net/url"
	"testing"
)

func TestRevocation(t *testing.T) {
	for _, provider := range providers {
		s := NewHandler(Config{Provider: provider}, local)
		access, refresh := wantSuccess(t, exchange(s, allowedCode(t, s)))
		second, _ := wantSuccess(t, record(s, refreshRequest(s, refresh)))

		wantRevoked(t, s, access, "access_token")
		if s.ValidAccess(access) || !s.ValidAccess(second) || !s.ValidRefresh(refresh) {
			t.Errorf("%s: revoking an access token must end that token and nothing else", provider)
		}
		wantRevoked(t, s, refresh, "")
		if s.ValidAccess(second) || s.ValidRefresh(refresh) {
			t.Errorf("%s: revoking a refresh token must end the grant", provider)
		}
		wantStats(t, s, Stats{Requests: 2, Logins: 1, Refreshes: 1, GrantsRevoked: 1, Revocations: 2})
	}
}

func wantRevoked(t *testing.T, s *Server, token, hint string) {
	t.Helper()
	form := url.Values{"client_id": {s.ClientID()}, "token": {token}}
	if hint != "" {
		form.Set("token_type_hint", hint)
	}
	if w := post(s, s.RevocationEndpoint(), form); w.Code != http.StatusOK || w.Body.Len() > 0 {
		t.Errorf("%s: status %d: %s", s.cfg.Provider, w.Code, w.Body)
	}
}

func TestRevocationRequests(t *testing.T) {
	for _, test := range []struct {
		name                string
		changes             []change
		generic, salesforce string // "" for success
	}{
		{"unknown", []change{with("token", "garbage")}, "", "invalid_token"},
		{"no token", []change{without("token")}, "invalid_request", "invalid_request"},
		{"bad hint", []change{with("token_type_hint", "cookie")}, "", "unsupported_token_type"},
		{"no client", []change{without("client_id")}, "invalid_client", ""},
		{"two tokens", []change{with("token", "a", "b")}, "invalid_request", "invalid_request"},
	} {
		for provider, want := range map[string]string{Generic: test.generic, Salesforce: test.salesforce} {
			s := NewHandler(Config{Provider: provider}, local)
			form := url.Values{"client_id": {s.ClientID()}, "token": {refreshToken(t, s)}}
			for _, change := range test.changes {
				change(form)
			}
			w := post(s, s.RevocationEndpoint(), form)
			if want == "" {
				if w.Code != http.StatusOK {
					t.Errorf("%s, %s: status %d: %s", provider, test.name, w.Code, w.Body)
				}
				continue
			}
			if got := object(t, w.Body.Bytes())["error"]; w.Code < 400 || got != want {
				t.Errorf("%s, %s: status %d, %v", provider, test.name, w.Code, got)
			}
		}
	}
}

func TestRevocationTwice(t *testing.T) {
	s := NewHandler(Config{Provider: Salesforce}, local)
	token := refreshToken(t, s)
	wantRevoked(t, s, token, "")
	wantError(t, post(s, s.RevocationEndpoint(), url.Values{"token": {token}}), "invalid_token", "invalid token")
}

func TestRevocationByGet(t *testing.T) {
	for provider, status := range map[string]int{Generic: http.StatusMethodNotAllowed, Salesforce: http.StatusOK} {
		s := NewHandler(Config{Provider: provider}, local)
		token := refreshToken(t, s)
		w := get(s, s.RevocationEndpoint()+"?token="+url.QueryEscape(token))
		if w.Code != status || s.ValidRefresh(token) != (provider == Generic) {
			t.Errorf("%s: status %d: %s", provider, w.Code, w.Body)
		}
	}
}
