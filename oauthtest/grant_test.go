package oauthtest

import (
	"context"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const local = "http://127.0.0.1"

const dead = "expired access/refresh token"

func TestRotation(t *testing.T) {
	s := NewHandler(Config{Rotate: true}, local)
	first := saved(t, s)
	token := first["refresh_token"].(string)
	access, next := wantSuccess(t, record(s, refreshRequest(s, token)))
	if next == "" || next == token || s.ValidRefresh(token) || !s.ValidRefresh(next) {
		t.Errorf("%q did not take the place of %q", next, token)
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

	wantRefusal(t, record(s, refreshRequest(s, token)), "invalid_grant", dead)
	wantStats(t, s, Stats{Requests: 2, Refreshes: 1, Reuses: 1, GrantsRevoked: 1})
	if s.ValidRefresh(next) || s.ValidAccess(access) || s.ValidAccess(first["access_token"].(string)) {
		t.Error("a token survived the reuse")
	}
	if !s.ValidRefresh(other["refresh_token"].(string)) || !s.ValidAccess(other["access_token"].(string)) {
		t.Error("the reuse ended somebody else's grant")
	}

	wantRefusal(t, record(s, refreshRequest(s, next)), "invalid_grant", dead)
	wantStats(t, s, Stats{Requests: 3, Refreshes: 1, Reuses: 1, GrantsRevoked: 1})
	wantRefusal(t, record(s, refreshRequest(s, token)), "invalid_grant", dead)
	wantStats(t, s, Stats{Requests: 4, Refreshes: 1, Reuses: 2, GrantsRevoked: 1})
}

func TestGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewHandler(Config{Rotate: true, Grace: time.Minute}, local)
		token := refreshToken(t, s)
		_, next := wantSuccess(t, record(s, refreshRequest(s, token)))

		time.Sleep(time.Minute - 1)
		if !s.ValidRefresh(token) {
			t.Error("not valid in its grace")
		}
		if _, again := wantSuccess(t, record(s, refreshRequest(s, token))); again != next {
			t.Errorf("in grace %q, want the current token %q", again, next)
		}
		wantStats(t, s, Stats{Requests: 2, Refreshes: 2})

		time.Sleep(time.Nanosecond) // counted from the rotation, so that using the grace does not lengthen it
		if s.ValidRefresh(token) {
			t.Error("valid after its grace")
		}
		wantRefusal(t, record(s, refreshRequest(s, token)), "invalid_grant", dead)
		wantStats(t, s, Stats{Requests: 3, Refreshes: 2, Reuses: 1, GrantsRevoked: 1})
	})
}

func TestGraceIsForThePreviousTokenOnly(t *testing.T) {
	s := NewHandler(Config{Rotate: true, Grace: time.Hour}, local)
	first := refreshToken(t, s)
	_, second := wantSuccess(t, record(s, refreshRequest(s, first)))
	wantSuccess(t, record(s, refreshRequest(s, second)))
	wantRefusal(t, record(s, refreshRequest(s, first)), "invalid_grant", dead)
	wantStats(t, s, Stats{Requests: 3, Refreshes: 2, Reuses: 1, GrantsRevoked: 1})
}

func TestTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewHandler(Config{TTL: time.Minute}, local)
		access := saved(t, s)["access_token"].(string)
		time.Sleep(time.Minute - 1)
		if !s.ValidAccess(access) {
			t.Error("dead within its life")
		}
		time.Sleep(time.Nanosecond)
		if s.ValidAccess(access) {
			t.Error("alive after its life")
		}
	})
}

func TestSameAccessToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewHandler(Config{TTL: time.Minute, SameAccessToken: true}, local)
		document := saved(t, s)
		token := document["refresh_token"].(string)
		time.Sleep(20 * time.Second)
		w := record(s, refreshRequest(s, token))
		if access, _ := wantSuccess(t, w); access != document["access_token"] {
			t.Error("a new access token while the last is valid")
		}
		if left := object(t, w.Body.Bytes())["expires_in"]; left != 40.0 {
			t.Errorf("expires_in %v, want what is left", left)
		}
		time.Sleep(40 * time.Second)
		if access, _ := wantSuccess(t, record(s, refreshRequest(s, token))); !s.ValidAccess(access) {
			t.Error("an expired access token")
		}
	})
}

func TestSameAccessTokenNeedsNoRotation(t *testing.T) {
	s := NewHandler(Config{Rotate: true, SameAccessToken: true}, local)
	document := saved(t, s)
	access, _ := wantSuccess(t, record(s, refreshRequest(s, document["refresh_token"].(string))))
	if access == document["access_token"] {
		t.Error("the same access token with rotation")
	}
}

func TestRevoke(t *testing.T) {
	s := NewHandler(Config{Rotate: true}, local)
	document := saved(t, s)
	access, refresh := document["access_token"].(string), document["refresh_token"].(string)

	s.Revoke("never issued")
	s.Revoke(access)
	if s.ValidAccess(access) || !s.ValidRefresh(refresh) {
		t.Error("revoking an access token must end that token and nothing else")
	}
	access, next := wantSuccess(t, record(s, refreshRequest(s, refresh)))
	s.Revoke(next)
	if s.ValidAccess(access) || s.ValidRefresh(next) {
		t.Error("revoking a refresh token must end the grant")
	}
	wantRefusal(t, record(s, refreshRequest(s, next)), "invalid_grant", dead)
	wantStats(t, s, Stats{Requests: 2, Refreshes: 1, GrantsRevoked: 1})
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
		{"salesforce in grace", Config{Provider: Salesforce, Rotate: true, Grace: time.Hour}, busy, Stats{Requests: 2, Refreshes: 1}},
		{"generic", Config{Rotate: true}, dead, Stats{Requests: 2, Refreshes: 1, Reuses: 1, GrantsRevoked: 1}},
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
					wantRefusal(t, second, "invalid_grant", test.want)
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

func TestManyClients(t *testing.T) {
	s := start(t, Config{Provider: Salesforce, Rotate: true})
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			token := refreshToken(t, s)
			for range 3 {
				w := record(s, refreshRequest(s, token))
				if !strings.Contains(w.Body.String(), "refresh_token") {
					t.Errorf("status %d: %s", w.Code, w.Body)
					return
				}
				token = object(t, w.Body.Bytes())["refresh_token"].(string)
			}
		})
	}
	group.Wait()
	wantStats(t, s, Stats{Requests: 60, Refreshes: 60})
}

func TestOneAccessToken(t *testing.T) {
	s := NewHandler(Config{OneAccessToken: true}, local)
	first, other := saved(t, s), saved(t, s)
	access, _ := wantSuccess(t, record(s, refreshRequest(s, first["refresh_token"].(string))))
	if s.ValidAccess(first["access_token"].(string)) || !s.ValidAccess(access) {
		t.Error("the refresh did not end the older access token, or it ended the new one")
	}
	if !s.ValidAccess(other["access_token"].(string)) {
		t.Error("the refresh ended an access token of another grant")
	}
}

func TestIdleLimitEndsAGrant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewHandler(Config{IdleLimit: time.Hour}, local)
		token := saved(t, s)["refresh_token"].(string)
		time.Sleep(time.Hour - time.Second)
		if !s.ValidRefresh(token) {
			t.Error("it died before its time")
		}
		time.Sleep(time.Second)
		if s.ValidRefresh(token) {
			t.Error("it outlived its limit")
		}
	})
}

func TestMaxGrantsEndsTheOldest(t *testing.T) {
	s := NewHandler(Config{MaxGrants: 2}, local)
	for i, alive := range []bool{false, true, true} {
		token := saved(t, s)["refresh_token"].(string)
		t.Cleanup(func() {
			if s.ValidRefresh(token) != alive {
				t.Errorf("grant %d: alive %v, want %v", i+1, !alive, alive)
			}
		})
	}
}
