package oauthtest

import (
	"net/http"
	"net/url"
	"testing"
)

func TestClientCredentials(t *testing.T) {
	s := NewHandler(Config{}, local)
	form := func(more ...string) url.Values {
		v := url.Values{
			"grant_type": {"client_credentials"}, "client_id": {s.ClientID()}, "client_secret": {s.ClientSecret()},
		}
		for i := 0; i < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	first, refresh := wantSuccess(t, post(s, s.TokenEndpoint(), form("scope", "read")))
	second, _ := wantSuccess(t, post(s, s.TokenEndpoint(), form("scope", "read")))
	if refresh != "" || first == second || !s.ValidAccess(first) || !s.ValidAccess(second) {
		t.Errorf("refresh token %q, same access token %v", refresh, first == second)
	}
	if got := len(s.ledger.grants); got != 1 {
		t.Errorf("%d grants for requests of one scope, want 1", got)
	}
	wantSuccess(t, post(s, s.TokenEndpoint(), form("scope", "openid")))
	s.Fail(Fault{Name: "add-refresh", Count: 1})
	if _, refresh := wantSuccess(t, post(s, s.TokenEndpoint(), form())); !s.ValidRefresh(refresh) {
		t.Errorf("the fault add-refresh: refresh token %q", refresh)
	}
	wantStats(t, s, Stats{Requests: 4, ClientTokens: 4})

	wantError(t, post(s, s.TokenEndpoint(), form("client_secret", "")), publicClient.Code, publicClient.Description)
	out := post(s, s.TokenEndpoint(), form("client_secret", "wrong"))
	if out.Code != http.StatusUnauthorized {
		t.Errorf("a wrong secret: status %d", out.Code)
	}
}
