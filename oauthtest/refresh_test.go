package oauthtest

import (
	"context"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const local = "http://127.0.0.1"

const expiredTokenText = "expired access/refresh token"

func TestRotation(t *testing.T) {
	s := NewHandler(Config{Rotate: true}, local)
	first := saved(t, s)
	token := first["refresh_token"].(string)
	access, next := wantSuccess(t, record(s, refreshRequest(s, token)))
	if next == "" || next == token || s.ValidRefresh(token) || !s.ValidRefresh(next) {
		t.Errorf("%q did not replace %q", next, token)
	}
	if access == first["access_token"] || !s.ValidAccess(access) {
		t.Error("no new access token")
	}
	if !s.ValidAccess(first["access_token"].(string)) {
		t.Error("the refresh ended the older access token")
	}
	wantStats(t, s, Stats{Requests: 1, Refreshes: 1})
}

func TestNoRotation(t *testing.T) {
	s := NewHandler(Config{Grace: time.Hour}, local)
	token := refreshToken(t, s)
	first, next := wantSuccess(t, record(s, refreshRequest(s, token)))
	if next != "" {
		t.Errorf("refresh_token %q", next)
	}
	second, _ := wantSuccess(t, record(s, refreshRequest(s, token)))
	if first == second {
		t.Error("the same access token twice")
	}
	wantStats(t, s, Stats{Requests: 2, Refreshes: 2})
}

func TestReuseEndsTheGrant(t *testing.T) {
	s := NewHandler(Config{Rotate: true}, local)
	first, other := saved(t, s), saved(t, s)
	token := first["refresh_token"].(string)
	access, next := wantSuccess(t, record(s, refreshRequest(s, token)))

	wantError(t, record(s, refreshRequest(s, token)), "invalid_grant", expiredTokenText)
	wantStats(t, s, Stats{Requests: 2, Refreshes: 1, Reuses: 1, GrantsRevoked: 1})
	if s.ValidRefresh(next) || s.ValidAccess(access) || s.ValidAccess(first["access_token"].(string)) {
		t.Error("a token survived the reuse")
	}
	if !s.ValidRefresh(other["refresh_token"].(string)) || !s.ValidAccess(other["access_token"].(string)) {
		t.Error("the reuse ended another grant")
	}

	wantError(t, record(s, refreshRequest(s, next)), "invalid_grant", expiredTokenText)
	wantStats(t, s, Stats{Requests: 3, Refreshes: 1, Reuses: 1, GrantsRevoked: 1})
	wantError(t, record(s, refreshRequest(s, token)), "invalid_grant", expiredTokenText)
	wantStats(t, s, Stats{Requests: 4, Refreshes: 1, Reuses: 2, GrantsRevoked: 1})
}

func TestGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewHandler(Config{Rotate: true, Grace: time.Minute}, local)
		token := refreshToken(t, s)
		_, next := wantSuccess(t, record(s, refreshRequest(s, token)))

		time.Sleep(time.Minute - 1)
		if !s.ValidRefresh(token) {
			t.Error("not valid during its grace")
		}
		if _, again := wantSuccess(t, record(s, refreshRequest(s, token))); again != next {
			t.Errorf("in grace %q, want the current token %q", again, next)
		}
		wantStats(t, s, Stats{Requests: 2, Refreshes: 2})

		time.Sleep(time.Nanosecond) // counted from the rotation: a use does not extend it
		if s.ValidRefresh(token) {
			t.Error("valid after its grace")
		}
		wantError(t, record(s, refreshRequest(s, token)), "invalid_grant", expiredTokenText)
		wantStats(t, s, Stats{Requests: 3, Refreshes: 2, Reuses: 1, GrantsRevoked: 1})
	})
}

func TestGraceIsForThePreviousTokenOnly(t *testing.T) {
	s := NewHandler(Config{Rotate: true, Grace: time.Hour}, local)
	first := refreshToken(t, s)
	_, second := wantSuccess(t, record(s, refreshRequest(s, first)))
	wantSuccess(t, record(s, refreshRequest(s, second)))
	wantError(t, record(s, refreshRequest(s, first)), "invalid_grant", expiredTokenText)
	wantStats(t, s, Stats{Requests: 3, Refreshes: 2, Reuses: 1, GrantsRevoked: 1})
}

func TestOverlap(t *testing.T) {
	const busy = "token request is already being processed"
	for _, test := range []struct {
		name string
		cfg  Config
		want string // "" for success
		then Stats
	}{
		{"salesforce", Config{Provider: Salesforce, Rotate: true}, busy, Stats{Requests: 2, Refreshes: 1}},
		{"salesforce without rotation", Config{Provider: Salesforce}, busy, Stats{Requests: 2, Refreshes: 1}},
		{
			"salesforce in grace",
			Config{Provider: Salesforce, Rotate: true, Grace: time.Hour},
			busy,
			Stats{Requests: 2, Refreshes: 1},
		},
		{
			"generic",
			Config{Rotate: true},
			expiredTokenText,
			Stats{Requests: 2, Refreshes: 1, Reuses: 1, GrantsRevoked: 1},
		},
		{"generic in grace", Config{Rotate: true, Grace: time.Hour}, "", Stats{Requests: 2, Refreshes: 2}},
		{"generic without rotation", Config{}, "", Stats{Requests: 2, Refreshes: 2}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				test.cfg.Latency = time.Minute
				s := NewHandler(test.cfg, local)
				token := refreshToken(t, s)
				var first *httptest.ResponseRecorder
				var group sync.WaitGroup
				group.Go(func() { first = record(s, refreshRequest(s, token)) })
				synctest.Wait()
				second := record(s, refreshRequest(s, token))
				group.Wait()
				wantSuccess(t, first)
				if test.want == "" {
					wantSuccess(t, second)
				} else {
					wantError(t, second, "invalid_grant", test.want)
				}
				wantStats(t, s, test.then)
			})
		})
	}
}

func TestOverlapEndsWithTheLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewHandler(Config{Provider: Salesforce, Latency: time.Minute}, local)
		token := refreshToken(t, s)
		wantSuccess(t, record(s, refreshRequest(s, token)))
		wantSuccess(t, record(s, refreshRequest(s, token)))
	})
}

func TestLatencyComesAfterTheRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewHandler(Config{Rotate: true, Latency: time.Minute}, local)
		token := refreshToken(t, s)
		ctx, leave := context.WithCancel(t.Context())
		began := time.Now()
		var group sync.WaitGroup
		group.Go(func() { record(s, refreshRequest(s, token).WithContext(ctx)) })
		synctest.Wait()
		leave()
		wantStats(t, s, Stats{Requests: 1, Refreshes: 1})
		if s.ValidRefresh(token) {
			t.Error("not spent when the client left")
		}
		group.Wait()
		if waited := time.Since(began); waited != time.Minute {
			t.Errorf("the reply came after %v", waited)
		}
	})
}

func TestCloseEndsTheLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewHandler(Config{Latency: time.Hour}, local)
		token := refreshToken(t, s)
		began := time.Now()
		var group sync.WaitGroup
		group.Go(func() { record(s, refreshRequest(s, token)) })
		synctest.Wait()
		s.Close()
		s.Close()
		group.Wait()
		if waited := time.Since(began); waited != 0 {
			t.Errorf("waited %v", waited)
		}
	})
}

func TestRefreshTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewHandler(Config{Rotate: true, RefreshTTL: day}, local)
		first := refreshToken(t, s)
		time.Sleep(day - time.Second)
		_, second := wantSuccess(t, record(s, refreshRequest(s, first)))
		time.Sleep(day - time.Second)
		if !s.ValidRefresh(second) {
			t.Error("the second has ended with the first")
		}
		time.Sleep(time.Second)
		wantError(t, record(s, refreshRequest(s, second)), "invalid_grant", expiredTokenText)
		if got := s.Stats(); got.Reuses != 0 || got.GrantsRevoked != 0 {
			t.Errorf("expiry is not reuse: %+v", got)
		}

		kept := NewHandler(Config{RefreshTTL: day}, local)
		token := refreshToken(t, kept)
		time.Sleep(day - time.Second)
		wantSuccess(t, record(kept, refreshRequest(kept, token)))
		time.Sleep(time.Second)
		if kept.ValidRefresh(token) {
			t.Error("a refresh has extended the refresh token that it kept")
		}
	})
}
