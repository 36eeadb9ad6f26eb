package oauthtest

import (
	"net/http"
	"strings"
	"testing"
)

func TestNewServerPanics(t *testing.T) {
	taken := start(t, Config{})
	for name, cfg := range map[string]Config{
		"address taken":    {Addr: strings.TrimPrefix(taken.URL(), "http://")},
		"unknown provider": {Provider: "acme"},
		"unknown fault":    {Faults: []Fault{{Name: "lots"}}},
		"negative count":   {Faults: []Fault{{Name: "lost", Count: -1}}},
		"unknown consent":  {Consent: "perhaps"},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			NewServer(cfg).Close()
		})
	}
}

func TestDefaults(t *testing.T) {
	for provider, path := range map[string]string{
		"": "/token", Generic: "/token", Salesforce: "/services/oauth2/token",
	} {
		s := start(t, Config{Provider: provider})
		if s.TokenEndpoint() != s.URL()+path || !strings.HasPrefix(s.URL(), "http://127.0.0.1:") {
			t.Errorf("%q: %s at %s", provider, s.TokenEndpoint(), s.URL())
		}
		if s.ClientID() != "oauthtest-client" || s.ClientSecret() != "oauthtest-not-a-secret" {
			t.Errorf("client %q, %q", s.ClientID(), s.ClientSecret())
		}
	}
}

func TestStatsEndpoint(t *testing.T) {
	s := start(t, Config{Rotate: true})
	token := refreshToken(t, s)
	for range 2 {
		send(t, refreshRequest(s, token))
	}
	r := formRequest(s.URL()+"/testserver/stats", nil)
	r.Method, r.Body = http.MethodGet, nil
	_, body := send(t, r)
	const want = `{"refreshes":1,"reuses":1,"grants_revoked":1,"requests":2,"redirects_followed":0,"logins":0,"client_tokens":0,` +
		`"code_reuses":0,"revocations":0,"resource_requests":0,"resource_refused":0}`
	if got := string(body); got != want {
		t.Error(got)
	}
}

func TestCloseCutsConnections(t *testing.T) {
	s := start(t, Config{})
	s.Close()
	if _, err := overHTTP(t, refreshRequest(s, "garbage")); err == nil {
		t.Error("a closed server answered")
	}
}
