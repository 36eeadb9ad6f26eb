package freshet_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauthtest"
)

// A provider asked for a pause, for which another caller waits.
func TestForcedRefreshAndLoginSkipThePause(t *testing.T) {
	for name, test := range map[string]func(context.Context, *world, *freshet.Keeper) error{
		"a forced refresh": func(ctx context.Context, _ *world, k *freshet.Keeper) error {
			_, err := k.Refresh(ctx, acme, "")
			return err
		},
		"a login": func(ctx context.Context, w *world, k *freshet.Keeper) error {
			c, err := w.store.Get(ctx, acme)
			if err == nil {
				err = k.Put(ctx, acme, c.Registration, w.server.Document())
			}
			if err == nil {
				_, err = k.Token(ctx, acme)
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
				w.HTTP.Transport = pausing(w.HTTP.Transport, 1)
				keeper := freshet.NewKeeper(w.config())
				time.Sleep(2 * time.Hour)
				waiter := make(chan error)
				go func() {
					_, err := keeper.Token(t.Context(), acme)
					waiter <- err
				}()
				synctest.Wait() // it waits for the next attempt
				began := time.Now()
				if err := test(t.Context(), w, keeper); err != nil || time.Since(began) > time.Second {
					t.Errorf("%v after %v", err, time.Since(began))
				}
				if err := <-waiter; err != nil {
					t.Errorf("who had waited: %v", err)
				}
			})
		})
	}
}

// pausing answers the first requests with 503 and a Retry-After of 40 seconds.
func pausing(server http.RoundTripper, requests int) http.RoundTripper {
	return roundTrip(func(req *http.Request) (*http.Response, error) {
		if requests--; requests >= 0 {
			return &http.Response{
				StatusCode: http.StatusServiceUnavailable,
				Header:     http.Header{"Retry-After": {"40"}},
				Body:       http.NoBody,
			}, nil
		}
		return server.RoundTrip(req)
	})
}

// A forced refresh gets no older token.
func TestDifferentDemandsShareOneFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, Latency: time.Second})
		source := freshet.NewKeeper(w.config()).Source(acme)
		old := valid(t, source).AccessToken()
		results := make(chan error)
		ask := func(rejected string) {
			got, err := source.Refresh(t.Context(), rejected)
			if err == nil && (got.AccessToken() == old || !w.server.ValidAccess(got.AccessToken())) {
				err = errors.New("an old token")
			}
			results <- err
		}
		for range 10 {
			go ask("")
			go ask(old)
		}
		for range 20 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		w.wantRequests(t, 1)
	})
}

// A thousand requests for a token that cannot be refreshed must not become a thousand reads of the
// store.
func TestFailureIsCachedForASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{})
		reads := countReads(w)
		keeper := freshet.NewKeeper(w.config())
		w.server.Revoke(string(w.first.RefreshToken()))
		time.Sleep(2 * time.Hour)
		for range 1000 {
			if _, err := keeper.Token(t.Context(), acme); !errors.Is(err, freshet.ErrLoginRequired) {
				t.Fatalf("got %v", err)
			}
		}
		if n := reads.reads.Load(); n > 3 {
			t.Errorf("the store was read %d times", n)
		}
		w.wantRequests(t, 1)

		// A login.
		w.put(parse(t, string(w.server.Document())))
		time.Sleep(time.Second)
		if _, err := keeper.Token(t.Context(), acme); err != nil {
			t.Error(err)
		}
	})
}
