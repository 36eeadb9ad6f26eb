package oauthtest

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestCodeExchange(t *testing.T) {
	for provider, want := range map[string]string{
		Generic:    "access_token refresh_token token_type expires_in scope",
		Salesforce: "access_token refresh_token signature scope instance_url id token_type issued_at",
	} {
		s := NewHandler(Config{Provider: provider, Rotate: true}, local)
		w := exchange(s, allowedCode(t, s, with("scope", "api refresh_token")))
		access, refresh := wantSuccess(t, w)
		if got := names(t, w.Body.Bytes()); got != want {
			t.Errorf("%s: members %s", provider, got)
		}
		if !s.ValidAccess(access) || !s.ValidRefresh(refresh) {
			t.Errorf("%s: tokens that are not valid", provider)
		}
		for _, body := range [][]byte{w.Body.Bytes(), record(s, refreshRequest(s, refresh)).Body.Bytes()} {
			if got := object(t, body)["scope"]; got != "api refresh_token" {
				t.Errorf("%s: scope %v", provider, got)
			}
		}
		wantStats(t, s, Stats{Requests: 2, Logins: 1, Refreshes: 1})
	}
}

func TestCodeSignature(t *testing.T) {
	s := NewHandler(Config{Provider: Salesforce, ClientSecret: "key"}, local)
	m := object(t, exchange(s, allowedCode(t, s)).Body.Bytes())
	if m["signature"] != sign("key", m["id"].(string)+m["issued_at"].(string)) {
		t.Error("the signature does not verify")
	}
	if m["scope"] != "refresh_token id" {
		t.Errorf("scope %v, when none was asked for", m["scope"])
	}
}

func TestNoRefreshToken(t *testing.T) {
	for _, provider := range providers {
		s := NewHandler(Config{Provider: provider, NoRefreshToken: true}, local)
		if _, refresh := wantSuccess(t, exchange(s, allowedCode(t, s))); refresh != "" {
			t.Errorf("%s: refresh_token %q", provider, refresh)
		}
		if refreshToken(t, s) == "" {
			t.Errorf("%s: a document without a refresh token", provider)
		}
	}
}

func TestRefusedCodes(t *testing.T) {
	s256, plain := pkce(challengeS256, "S256"), pkce(verifier, "plain")
	for _, test := range []struct {
		name        string
		asked       []change
		exchanged   change
		description string // "" for success
		salesforce  string // the error, where it is not invalid_grant
	}{
		{
			name: "another redirect URI", exchanged: with("redirect_uri", callback+"/"),
			description: "redirect_uri must match configuration", salesforce: "redirect_uri_mismatch",
		},
		{
			name: "no redirect URI", exchanged: without("redirect_uri"),
			description: "redirect_uri must match configuration", salesforce: "redirect_uri_mismatch",
		},
		{name: "garbage", exchanged: with("code", "garbage"), description: "invalid authorization code"},
		{name: "verifier", asked: s256, exchanged: with("code_verifier", verifier)},
		{name: "plain verifier", asked: plain, exchanged: with("code_verifier", verifier)},
		{
			name: "plain by default", asked: []change{with("code_challenge", verifier)},
			exchanged: with("code_verifier", verifier),
		},
		{
			name: "wrong verifier", asked: s256, exchanged: with("code_verifier", challengeS256),
			description: "invalid code verifier",
		},
		{
			name: "wrong plain verifier", asked: plain, exchanged: with("code_verifier", challengeS256),
			description: "invalid code verifier",
		},
		{name: "no verifier", asked: s256, exchanged: without("code_verifier"), description: "invalid code verifier"},
		{
			name: "verifier without a challenge", exchanged: with("code_verifier", verifier),
			description: "invalid code verifier",
		},
	} {
		for _, provider := range providers {
			t.Run(provider+"/"+test.name, func(t *testing.T) {
				s := NewHandler(Config{Provider: provider}, local)
				w := exchange(s, allowedCode(t, s, test.asked...), test.exchanged)
				if test.description == "" {
					wantSuccess(t, w)
					return
				}
				code := "invalid_grant"
				if provider == Salesforce && test.salesforce != "" {
					code = test.salesforce
				}
				wantError(t, w, code, test.description)
				wantStats(t, s, Stats{Requests: 1})
			})
		}
	}
}

func TestRefusedExchangeKeepsTheCode(t *testing.T) {
	s := NewHandler(Config{}, local)
	code := allowedCode(t, s)
	wantError(t, exchange(s, code, without("redirect_uri")), "invalid_grant", "redirect_uri must match configuration")
	wantSuccess(t, exchange(s, code))
}

func TestCodeReuseEndsTheGrant(t *testing.T) {
	for _, provider := range providers {
		s := NewHandler(Config{Provider: provider}, local)
		code := allowedCode(t, s)
		access, refresh := wantSuccess(t, exchange(s, code))
		for range 2 {
			wantError(t, exchange(s, code), "invalid_grant", "expired authorization code")
		}
		if s.ValidAccess(access) || s.ValidRefresh(refresh) {
			t.Errorf("%s: a token is still valid", provider)
		}
		wantStats(t, s, Stats{Requests: 3, Logins: 1, CodeReuses: 2, GrantsRevoked: 1})
	}
}

func TestCodeLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewHandler(Config{Provider: Salesforce}, local)
		first, second := allowedCode(t, s), allowedCode(t, s)
		time.Sleep(time.Minute - 1)
		wantSuccess(t, exchange(s, first))
		time.Sleep(time.Nanosecond)
		wantError(t, exchange(s, second), "invalid_grant", "expired authorization code")
		wantStats(t, s, Stats{Requests: 2, Logins: 1})
	})
}

// A code is spent even if the reply is lost. Another try ends the grant.
func TestLostCodeExchange(t *testing.T) {
	s := start(t, Config{Faults: []Fault{{Name: "lost", Count: 1}}})
	form := codeForm(s, allowedCode(t, s))
	if _, err := overHTTP(t, formRequest(s.TokenEndpoint(), form)); err == nil {
		t.Error("the reply arrived")
	}
	wantStats(t, s, Stats{Requests: 1, Logins: 1})
	send(t, formRequest(s.TokenEndpoint(), form))
	wantStats(t, s, Stats{Requests: 2, Logins: 1, CodeReuses: 1, GrantsRevoked: 1})
}

// At a login there is no previous refresh token that the server could send.
func TestSameRefreshFaultAtLogin(t *testing.T) {
	s := NewHandler(Config{Faults: []Fault{{Name: "same-refresh"}}}, local)
	if _, refresh := wantSuccess(t, exchange(s, allowedCode(t, s))); !s.ValidRefresh(refresh) {
		t.Errorf("refresh_token %q", refresh)
	}
}
