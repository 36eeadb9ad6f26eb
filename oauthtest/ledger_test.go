package oauthtest

import (
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewHandler(Config{TTL: time.Minute}, local)
		access := saved(t, s)["access_token"].(string)
		time.Sleep(time.Minute - 1)
		if !s.ValidAccess(access) {
			t.Error("not valid before its expiry")
		}
		time.Sleep(time.Nanosecond)
		if s.ValidAccess(access) {
			t.Error("valid after its expiry")
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
	wantError(t, record(s, refreshRequest(s, next)), "invalid_grant", expiredTokenText)
	wantStats(t, s, Stats{Requests: 2, Refreshes: 1, GrantsRevoked: 1})
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
			t.Error("not valid within the limit")
		}
		time.Sleep(time.Second)
		if s.ValidRefresh(token) {
			t.Error("valid after the limit")
		}
	})
}

func TestMaxGrantsEndsTheOldestLogin(t *testing.T) {
	for name, test := range map[string]struct {
		config Config
		ended  int // of 7 logins
	}{
		"generic":           {Config{}, 0},
		"2":                 {Config{MaxGrants: 2}, 5},
		"Salesforce":        {Config{Provider: Salesforce}, 2},
		"Salesforce, 6":     {Config{Provider: Salesforce, MaxGrants: 6}, 1},
		"Salesforce, none":  {Config{Provider: Salesforce, MaxGrants: -1}, 0},
		"no refresh tokens": {Config{Provider: Salesforce, NoRefreshToken: true}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := NewHandler(test.config, local)
			imported := saved(t, s)["refresh_token"].(string)
			var logins []string
			for range 7 {
				access, _ := wantSuccess(t, exchange(s, allowedCode(t, s)))
				saved(t, s) // does not count
				logins = append(logins, access)
			}
			for i, access := range logins {
				if ended := i < test.ended; s.ValidAccess(access) == ended {
					t.Errorf("login %d: ended %t, want %t", i+1, !ended, ended)
				}
			}
			if !s.ValidRefresh(imported) {
				t.Error("a login ended a grant that is not a login's")
			}
		})
	}
}

func TestRevokedTokensAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewHandler(Config{TTL: time.Minute}, local)
		token := refreshToken(t, s)
		for range 1000 {
			access, _ := wantSuccess(t, record(s, refreshRequest(s, token)))
			s.Revoke(access)
			time.Sleep(10 * time.Second)
		}
		if got := len(s.ledger.revoked.items); got > 64 {
			t.Errorf("%d access tokens are remembered, and 6 would be valid", got)
		}
	})
}

func TestOldCodesAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewHandler(Config{}, local)
		for range 1000 {
			allowedCode(t, s)
			startDevice(t, s)
			time.Sleep(time.Minute)
		}
		if codes, devices := len(s.ledger.codes.items), len(s.ledger.devices.items); codes > 64 || devices > 64 {
			t.Errorf("%d codes and %d devices are remembered", codes, devices)
		}
	})
}

type expiry time.Time

func (e expiry) forgettable(now time.Time) bool { return !now.Before(time.Time(e)) }

func TestExpiringMapKeepsWhatIsNotForgettable(t *testing.T) {
	now := time.Now()
	var m expiringMap[expiry]
	for i := range 1000 {
		end := now
		if i%2 == 0 {
			end = now.Add(1)
		}
		m.put(strconv.Itoa(i), expiry(end), now)
	}
	for i := range 1000 {
		if _, kept := m.items[strconv.Itoa(i)]; i%2 == 0 && !kept {
			t.Fatalf("item %d was forgotten", i)
		}
	}
	if len(m.items) == 1000 {
		t.Error("nothing was forgotten")
	}
}

// refreshOnce refreshes without a network, and returns the next refresh token.
func refreshOnce(tb testing.TB, s *Server, client *http.Client, token string) string {
	tb.Helper()
	form := "grant_type=refresh_token&client_id=" + s.ClientID() + "&refresh_token=" + token
	response, err := client.Post(s.TokenEndpoint(), "application/x-www-form-urlencoded", strings.NewReader(form))
	if err != nil {
		tb.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		tb.Fatal(err)
	}
	_, rest, found := strings.Cut(string(body), `"refresh_token":"`)
	if !found {
		tb.Fatalf("status %d: %s", response.StatusCode, body)
	}
	next, _, _ := strings.Cut(rest, `"`)
	return next
}

// The memory of the server does not grow with millions of refreshes, and it still recognizes the first
// spent token.
func TestRefreshesNeedNoMemory(t *testing.T) {
	for _, provider := range providers {
		s := NewHandler(Config{Provider: provider, Rotate: true}, local)
		client := &http.Client{Transport: s.Transport()}
		first := refreshToken(t, s)
		token := refreshOnce(t, s, client, first)
		before := heap()
		const refreshes = 20_000
		for range refreshes {
			token = refreshOnce(t, s, client, token)
		}
		if grown := int64(heap()) - int64(before); grown > 10*refreshes {
			t.Errorf("%s: %d refreshes left %d bytes behind", provider, refreshes, grown)
		}
		if !s.ValidRefresh(token) {
			t.Errorf("%s: the last token is not valid", provider)
		}
		wantError(t, record(s, refreshRequest(s, first)), "invalid_grant", expiredTokenText)
		wantStats(t, s, Stats{Requests: refreshes + 2, Refreshes: refreshes + 1, Reuses: 1, GrantsRevoked: 1})
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkRefresh includes the client's side of a refresh.
func BenchmarkRefresh(b *testing.B) {
	for _, provider := range providers {
		b.Run(provider, func(b *testing.B) {
			s := NewHandler(Config{Provider: provider, Rotate: true}, local)
			client := &http.Client{Transport: s.Transport()}
			token := s.ledger.grant().refresh
			b.ReportAllocs()
			for b.Loop() {
				token = refreshOnce(b, s, client, token)
			}
		})
	}
}
