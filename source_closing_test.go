package freshet_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauthtest"
)

// Callers wait for a refresh in the last 10 seconds of a token, or its last tenth if that is less. If
// there is none in time, they get the old token without an error.
func TestTokenThatIsAboutToExpire(t *testing.T) {
	const hour = time.Hour
	lost := oauthtest.Fault{Name: "lost", Count: 100}
	tests := []struct {
		name                   string
		ttl, left              time.Duration // the lifetime, and what is left of it
		minTTL                 time.Duration // of the Config
		latency, timeout       time.Duration
		fault                  oauthtest.Fault
		revoked                bool
		runs, noRefreshToken   bool
		wantWait               time.Duration
		wantNew                bool
		wantFailures, requests int
	}{
		{name: "before the margin", ttl: hour, left: 11 * time.Second, latency: 2 * time.Second, requests: 1},
		{
			name: "in the margin", ttl: hour, left: 10 * time.Second, latency: 2 * time.Second,
			wantWait: 2 * time.Second, wantNew: true, requests: 1,
		},
		{
			name: "while Run runs", ttl: hour, left: 10 * time.Second, latency: 2 * time.Second, runs: true,
			wantWait: 2 * time.Second, wantNew: true, requests: 1,
		},
		{name: "short life, before the margin", ttl: 20 * time.Second, left: 3 * time.Second, latency: time.Second, requests: 1},
		{
			name: "short life, in the margin", ttl: 20 * time.Second, left: 2 * time.Second, latency: time.Second,
			wantWait: time.Second, wantNew: true, requests: 1,
		},
		{
			name: "before the margin that the program chose", ttl: hour, left: 5*time.Minute + time.Second,
			minTTL: 5 * time.Minute, latency: 2 * time.Second, requests: 1,
		},
		{
			name: "in the margin that the program chose", ttl: hour, left: 5 * time.Minute, minTTL: 5 * time.Minute,
			latency: 2 * time.Second, wantWait: 2 * time.Second, wantNew: true, requests: 1,
		},
		{
			name: "before the last third, with a longer margin", ttl: hour, left: 30 * time.Minute,
			minTTL: 2 * time.Hour, latency: 2 * time.Second,
		},
		{
			name: "in the last third, with a longer margin", ttl: hour, left: 19 * time.Minute, minTTL: 2 * time.Hour,
			latency: 2 * time.Second, wantWait: 2 * time.Second, wantNew: true, requests: 1,
		},
		{
			name: "the reply is lost in the margin that the program chose", ttl: hour, left: 4 * time.Minute,
			minTTL: 5 * time.Minute, fault: lost, wantFailures: 1, requests: 1,
		},
		{
			name: "slower than the caller's context", ttl: hour, left: 10 * time.Second, latency: 5 * time.Second,
			timeout: time.Second, wantWait: time.Second, requests: 1,
		},
		{
			name: "slower than the token lives", ttl: hour, left: 3 * time.Second, latency: 5 * time.Second,
			wantWait: 5 * time.Second, wantNew: true, requests: 1,
		},
		{name: "the reply is lost", ttl: hour, left: 9 * time.Second, fault: lost, wantFailures: 1, requests: 1},
		{name: "the refresh token is refused", ttl: hour, left: 9 * time.Second, revoked: true, wantFailures: 1, requests: 1},
		{name: "no refresh token", ttl: hour, left: 5 * time.Second, noRefreshToken: true, wantFailures: 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, oauthtest.Config{Rotate: true, TTL: test.ttl, Latency: test.latency})
				if test.noRefreshToken {
					w.put(parse(t, `{"access_token":"`+w.first.AccessToken()+`","expires_in":3600}`))
				}
				if test.revoked {
					w.server.Revoke(string(w.first.RefreshToken()))
				}
				if test.fault.Name != "" {
					w.server.Fail(test.fault)
				}
				config := w.config()
				config.MinTTL = test.minTTL
				failures := 0
				config.OnEvent = func(e freshet.Event) {
					if e.Err != nil {
						failures++
					}
				}
				keeper := freshet.NewKeeper(config)
				valid(t, keeper.Source(acme))
				c := w.connection(t)
				e := c.Expiry(time.Now())
				time.Sleep(time.Until(e.At) - test.left)
				ctx, cancel := context.WithCancel(t.Context())
				if test.timeout > 0 {
					ctx, cancel = context.WithTimeout(t.Context(), test.timeout)
				}
				defer cancel()
				if test.runs {
					runCtx, stop := context.WithCancel(t.Context())
					defer stop()
					go func() { _ = keeper.Run(runCtx) }()
				}

				began := time.Now()
				token, err := keeper.Token(ctx, acme)
				waited := time.Since(began)
				isNew := token.AccessToken() != w.first.AccessToken()
				if err != nil || isNew != test.wantNew || waited != test.wantWait {
					t.Errorf("new: %t, %v, after %v; want %t after %v", isNew, err, waited, test.wantNew, test.wantWait)
				}
				for range 100 { // no caller makes a second attempt at once
					if _, err := keeper.Token(ctx, acme); err != nil {
						t.Fatal(err)
					}
				}
				synctest.Wait()
				if failures != test.wantFailures {
					t.Errorf("%d failures reported, want %d", failures, test.wantFailures)
				}
				time.Sleep(test.latency)
				w.wantRequests(t, test.requests)
			})
		})
	}
}

// A store that fails must not be asked at every call.
func TestTokenThatIsAboutToExpireAndStoreFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		store := &failing{Store: w.store}
		w.Store = store
		source := freshet.NewKeeper(w.config()).Source(acme)
		valid(t, source)
		time.Sleep(time.Hour - 5*time.Second)
		store.fails = true
		for range 100 {
			if got := valid(t, source); got.AccessToken() != w.first.AccessToken() {
				t.Fatal("another token")
			}
		}
		if store.calls != 1 {
			t.Errorf("the store was asked %d times", store.calls)
		}
	})
}

// failing is a store that can be made to fail, and counts the calls since then.
type failing struct {
	freshet.Store
	fails bool
	calls int
}

func (f *failing) Get(ctx context.Context, name string) (freshet.Connection, error) {
	if f.fails {
		f.calls++
		return freshet.Connection{}, errAway
	}
	return f.Store.Get(ctx, name)
}

// The request is on its way when the old token expires.
func TestTransportRefreshesATokenThatIsAboutToExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		keeper := freshet.NewKeeper(w.config())
		source := keeper.Source(acme)
		valid(t, source)
		time.Sleep(time.Hour - time.Second)
		var sent string
		client := &http.Client{Transport: &freshet.Transport{
			Source: source, Hosts: []string{"127.0.0.1:1"},
			Base: roundTrip(func(req *http.Request) (*http.Response, error) {
				sent = req.Header.Get("Authorization")
				return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
			}),
		}}
		res, err := client.Get("http://127.0.0.1:1/")
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if sent == "Bearer "+w.first.AccessToken() || sent == "" {
			t.Error("the token that was about to expire was sent")
		}
	})
}
