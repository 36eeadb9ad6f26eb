package oauthtest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet/oauthtest"
)

func TestWithoutRotation(t *testing.T) {
	s := newServer(t, oauthtest.Config{})
	refreshToken := document(t, s).member("refresh_token")
	for range 3 {
		if a := refresh(s, refreshToken); a.status != http.StatusOK || !s.AccessTokenLive(a.member("access_token")) {
			t.Fatalf("got %d %s", a.status, a.body)
		}
	}
	wantStats(t, s, oauthtest.Stats{Requests: 3, Refreshes: 3})
}

func TestReuse(t *testing.T) {
	s := newServer(t, oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true})
	doc, other := document(t, s), document(t, s)
	first := refresh(s, doc.member("refresh_token"))
	second := refresh(s, first.member("refresh_token"))
	if s.RefreshTokenLive(first.member("refresh_token")) || !s.RefreshTokenLive(second.member("refresh_token")) {
		t.Fatal("the refresh token was not rotated")
	}
	for _, spent := range []answer{doc, first} { // the older one too, and the grant is revoked only once
		wantError(t, refresh(s, spent.member("refresh_token")), 400, "invalid_grant", "expired access/refresh token")
	}
	wantError(t, refresh(s, second.member("refresh_token")), 400, "invalid_grant", "expired access/refresh token")
	for _, a := range []answer{doc, first, second} {
		if s.AccessTokenLive(a.member("access_token")) || s.RefreshTokenLive(a.member("refresh_token")) {
			t.Error("a token outlives its grant")
		}
	}
	if !s.AccessTokenLive(other.member("access_token")) || !s.RefreshTokenLive(other.member("refresh_token")) {
		t.Error("another grant was revoked too")
	}
	wantStats(t, s, oauthtest.Stats{Requests: 5, Refreshes: 2, Reuses: 2, GrantsRevoked: 1})
}

func TestRevoke(t *testing.T) {
	for _, by := range []string{"refresh_token", "access_token"} {
		s := newServer(t, oauthtest.Config{})
		doc := document(t, s)
		if s.Revoke("garbage") || !s.Revoke(doc.member(by)) {
			t.Errorf("Revoke by %s found the wrong grant", by)
		}
		wantError(t, refresh(s, doc.member("refresh_token")), 400, "invalid_grant", "")
		if s.AccessTokenLive(doc.member("access_token")) {
			t.Error("the access token outlives its grant")
		}
		wantStats(t, s, oauthtest.Stats{Requests: 1, GrantsRevoked: 1})
	}
}

func TestGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := oauthtest.NewHandler(oauthtest.Config{Rotate: true, Grace: time.Minute})
		old := document(t, s).member("refresh_token")
		current := refreshDirectly(s, old).member("refresh_token")
		time.Sleep(time.Minute - 1)
		again := refreshDirectly(s, old)
		if again.status != http.StatusOK || again.member("refresh_token") != current {
			t.Fatalf("within the grace: got %d %s, want the refresh token %s", again.status, again.body, current)
		}
		wantStats(t, s, oauthtest.Stats{Requests: 2, Refreshes: 2})
		time.Sleep(1) // a refresh within the grace does not extend it
		if s.RefreshTokenLive(old) || !s.RefreshTokenLive(current) {
			t.Error("the grace does not end")
		}
		wantError(t, refreshDirectly(s, old), 400, "invalid_grant", "")
		wantStats(t, s, oauthtest.Stats{Requests: 3, Refreshes: 2, Reuses: 1, GrantsRevoked: 1})
	})
}

func TestGraceIsForThePreviousTokenOnly(t *testing.T) {
	s := newServer(t, oauthtest.Config{Rotate: true, Grace: time.Hour})
	oldest := document(t, s).member("refresh_token")
	refresh(s, refresh(s, oldest).member("refresh_token"))
	wantError(t, refresh(s, oldest), 400, "invalid_grant", "")
	wantStats(t, s, oauthtest.Stats{Requests: 3, Refreshes: 2, Reuses: 1, GrantsRevoked: 1})
}

func TestTTL(t *testing.T) {
	for _, provider := range []string{oauthtest.Salesforce, oauthtest.Generic} {
		for configured, want := range map[time.Duration]time.Duration{0: time.Hour, 90 * time.Second: 90 * time.Second} {
			synctest.Test(t, func(t *testing.T) {
				s := oauthtest.NewHandler(oauthtest.Config{Provider: provider, TTL: configured})
				doc := document(t, s)
				if got, ok := doc.members["expires_in"]; ok != (provider == oauthtest.Generic) || ok && got != want.Seconds() {
					t.Errorf("%s: expires_in is %v", provider, got)
				}
				time.Sleep(want - 1)
				if !s.AccessTokenLive(doc.member("access_token")) {
					t.Errorf("%s: the access token died early", provider)
				}
				time.Sleep(1)
				if s.AccessTokenLive(doc.member("access_token")) {
					t.Errorf("%s: the access token did not die", provider)
				}
			})
		}
	}
}

func TestSameAccessToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := oauthtest.NewHandler(oauthtest.Config{SameAccessToken: true, TTL: time.Hour})
		doc := document(t, s)
		time.Sleep(40 * time.Minute)
		a := refreshDirectly(s, doc.member("refresh_token"))
		if a.member("access_token") != doc.member("access_token") || a.members["expires_in"] != 1200.0 {
			t.Errorf("got %s, want the access token there was and what is left of it", a.body)
		}
		time.Sleep(20 * time.Minute)
		a = refreshDirectly(s, doc.member("refresh_token"))
		if a.member("access_token") == doc.member("access_token") || !s.AccessTokenLive(a.member("access_token")) {
			t.Error("a dead access token was returned")
		}
	})
}

func TestOverlap(t *testing.T) {
	for _, test := range []struct {
		config oauthtest.Config
		status int
		error  string
		stats  oauthtest.Stats
	}{
		{
			oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true},
			400, "token request is already being processed",
			oauthtest.Stats{Requests: 2, Refreshes: 1},
		},
		{
			oauthtest.Config{Provider: oauthtest.Salesforce},
			400, "token request is already being processed",
			oauthtest.Stats{Requests: 2, Refreshes: 1},
		},
		{
			oauthtest.Config{Rotate: true},
			400, "the refresh token is unknown, spent or revoked",
			oauthtest.Stats{Requests: 2, Refreshes: 1, Reuses: 1, GrantsRevoked: 1},
		},
		{
			oauthtest.Config{Rotate: true, Grace: time.Hour},
			200, "",
			oauthtest.Stats{Requests: 2, Refreshes: 2},
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			test.config.Latency = time.Minute
			s := oauthtest.NewHandler(test.config)
			refreshToken := document(t, s).member("refresh_token")
			var first answer
			var wait sync.WaitGroup
			wait.Go(func() { first = refreshDirectly(s, refreshToken) })
			synctest.Wait() // the first has acted and is in its latency
			second := refreshDirectly(s, refreshToken)
			if second.status != test.status || second.member("error_description") != test.error {
				t.Errorf("%+v: the second got %d %s", test.config, second.status, second.body)
			}
			wait.Wait()
			if first.status != http.StatusOK {
				t.Errorf("%+v: the first got %d %s", test.config, first.status, first.body)
			}
			wantStats(t, s, test.stats)
			if test.config.Provider == oauthtest.Salesforce && test.config.Rotate {
				wantError(t, refreshDirectly(s, refreshToken), 400, "invalid_grant", "expired access/refresh token")
			}
		})
	}
}

func TestCloseEndsLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := oauthtest.NewHandler(oauthtest.Config{Latency: time.Hour})
		refreshToken := document(t, s).member("refresh_token")
		start := time.Now()
		var wait sync.WaitGroup
		wait.Go(func() { refreshDirectly(s, refreshToken) })
		synctest.Wait()
		s.Close()
		wait.Wait()
		if waited := time.Since(start); waited != 0 {
			t.Errorf("the latency went on for %v", waited)
		}
	})
}

func TestLeavingUndoesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := oauthtest.NewHandler(oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true, Latency: time.Minute})
		refreshToken := document(t, s).member("refresh_token")
		ctx, cancel := context.WithCancel(t.Context())
		body := strings.NewReader(refreshForm(s, refreshToken).Encode())
		req := httptest.NewRequestWithContext(ctx, http.MethodPost, s.TokenEndpoint(), body)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		var wait sync.WaitGroup
		wait.Go(func() { s.ServeHTTP(httptest.NewRecorder(), req) })
		synctest.Wait()
		cancel()
		synctest.Wait()
		wantError(t, refreshDirectly(s, refreshToken), 400, "invalid_grant", "token request is already being processed")
		wait.Wait()
		if s.RefreshTokenLive(refreshToken) {
			t.Error("the refresh token lives again")
		}
	})
}

func TestConcurrentUse(t *testing.T) {
	s := newServer(t, oauthtest.Config{Rotate: true})
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			refreshToken := document(t, s).member("refresh_token")
			for range 10 {
				a := refresh(s, refreshToken)
				if a.status != http.StatusOK || resource(t, s, a.member("access_token")).status != http.StatusOK {
					t.Errorf("got %d %s (%v)", a.status, a.body, a.err)
				}
				refreshToken = a.member("refresh_token")
			}
		})
	}
	wait.Wait()
	wantStats(t, s, oauthtest.Stats{Requests: 80, Refreshes: 80})
}
