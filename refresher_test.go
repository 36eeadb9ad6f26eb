package freshet_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

func TestAskPrefersTheSavedToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		result, err := w.Token(t.Context(), acme, freshet.Options{})
		if err != nil || result.Outcome != freshet.Cached {
			t.Fatalf("%v, %v", result.Outcome, err)
		}
		w.wantRequests(t, 0)
		time.Sleep(41 * time.Minute)
		result, err = w.Token(t.Context(), acme, freshet.Options{})
		if err != nil || result.Outcome != freshet.Refreshed || !result.Rotated {
			t.Fatalf("%v, rotated %v, %v", result.Outcome, result.Rotated, err)
		}
		w.wantRequests(t, 1)
		if !w.server.ValidRefresh(string(w.connection(t).Token.RefreshToken())) {
			t.Error("the saved refresh token is not the server's")
		}
		if w.pending(t) != nil {
			t.Error("a refresh is pending after it has ended")
		}
	})
}

func TestAskSatisfiesDemands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		ask := func(o freshet.Options) freshet.Result {
			t.Helper()
			result, err := w.Token(t.Context(), acme, o)
			if err != nil {
				t.Fatal(err)
			}
			return result
		}
		if a := ask(freshet.Options{Forced: true}); a.Outcome != freshet.Refreshed {
			t.Errorf("forced: %v", a.Outcome)
		}
		if a := ask(freshet.Options{MinTTL: 2 * time.Hour}); a.Outcome != freshet.Cached || a.Warning == nil {
			t.Errorf("longer than the provider issues, right after a refresh: %v, warning %v", a.Outcome, a.Warning)
		}
		w.wantRequests(t, 1)
		time.Sleep(55 * time.Second)
		if a := ask(freshet.Options{MinTTL: 2 * time.Hour}); a.Outcome != freshet.Cached {
			t.Errorf("and a little later: %v", a.Outcome)
		}
		time.Sleep(10 * time.Second)
		if a := ask(freshet.Options{MinTTL: 2 * time.Hour}); a.Outcome != freshet.Refreshed || a.Warning == nil {
			t.Errorf("more than a minute later: %v, warning %v", a.Outcome, a.Warning)
		}
		time.Sleep(2 * time.Minute)
		if a := ask(freshet.Options{MinTTL: 59 * time.Minute}); a.Outcome != freshet.Refreshed {
			t.Errorf("longer than what is left: %v", a.Outcome)
		}
		if a := ask(freshet.Options{Rejected: oauth.Secret(w.first.AccessToken())}); a.Outcome != freshet.Cached {
			t.Errorf("another than one that is long gone: %v", a.Outcome)
		}
		rejected := oauth.Secret(w.connection(t).Token.AccessToken())
		_, err := w.Token(t.Context(), acme, freshet.Options{Rejected: rejected})
		if failed := refreshError(t, err); failed.Kind != oauth.Temporary {
			t.Errorf("refusing a token that was just delivered: %v", failed.Kind)
		}
		time.Sleep(2 * time.Minute)
		if a := ask(freshet.Options{Rejected: rejected}); a.Outcome != freshet.Refreshed {
			t.Errorf("another than the present one: %v", a.Outcome)
		}
		w.wantRequests(t, 4)
	})
}

// A token that was just delivered is not replaced because an API rejects it. The error says what
// delivered it.
func TestRejectedTooSoonNamesWhatDelivered(t *testing.T) {
	refresh := func(t *testing.T, w *world) {
		if _, err := w.Refresh(t.Context(), acme, freshet.Options{Forced: true}); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		after func(*testing.T, *world)
		want  string
	}{
		"a login":   {func(*testing.T, *world) {}, "that a login delivered 15s ago"},
		"a refresh": {refresh, "that a refresh delivered 5s ago"},
		"a login, a refusal": {func(t *testing.T, w *world) {
			w.server.Fail(oauthtest.Fault{Name: "grant=busy", Count: 1})
			_, err := w.Refresh(t.Context(), acme, freshet.Options{Forced: true})
			refreshError(t, err)
		}, "that a login delivered 15s ago"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, oauthtest.Config{Rotate: true, Consent: oauthtest.Allow})
				if _, err := w.Login(t.Context(), acme, w.consented(t, nil)); err != nil {
					t.Fatal(err)
				}
				time.Sleep(10 * time.Second)
				test.after(t, w)
				time.Sleep(5 * time.Second)
				rejected := oauth.Secret(w.connection(t).Token.AccessToken())
				_, err := w.Token(t.Context(), acme, freshet.Options{Rejected: rejected})
				if failed := refreshError(t, err); !strings.Contains(failed.Cause, test.want) {
					t.Errorf("%s, want %q", failed.Cause, test.want)
				}
			})
		})
	}
}

func TestDryRunSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true})
		result, err := w.Token(t.Context(), acme, freshet.Options{Forced: true, DryRun: true})
		if err != nil || result.Outcome != freshet.Planned {
			t.Errorf("%v, %v", result.Outcome, err)
		}
		w.wantRequests(t, 0)
		if w.pending(t) != nil {
			t.Error("a dry run left a mark")
		}
	})
}

func TestCancellationEndsOnlyTheWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, Latency: 10 * time.Second})
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			time.Sleep(5 * time.Second)
			cancel()
		}()
		if _, err := w.Token(ctx, acme, freshet.Options{Forced: true}); err != nil {
			t.Errorf("the refresh on the wire was abandoned: %v", err)
		}
		if !w.server.ValidRefresh(string(w.connection(t).Token.RefreshToken())) {
			t.Error("its result was not saved")
		}
	})
}

// A forced refresh takes the result of another that finished after it began, even if the provider
// delivers the same access token again.
func TestConcurrentForcedRefreshesAreOne(t *testing.T) {
	for name, config := range map[string]oauthtest.Config{
		"rotating":              {Rotate: true, Latency: time.Second},
		"the same access token": {Provider: oauthtest.Salesforce, SameAccessToken: true, Latency: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, config)
				outcomes := map[freshet.Outcome]int{}
				var mu sync.Mutex
				var callers sync.WaitGroup
				for range 10 {
					callers.Go(func() {
						result, err := w.Token(t.Context(), acme, freshet.Options{Forced: true})
						if err != nil {
							t.Error(err)
						}
						mu.Lock()
						defer mu.Unlock()
						outcomes[result.Outcome]++
					})
				}
				callers.Wait()
				w.wantRequests(t, 1)
				if outcomes[freshet.Refreshed] != 1 || outcomes[freshet.Adopted] != 9 {
					t.Errorf("outcomes: %v", outcomes)
				}
			})
		})
	}
}
