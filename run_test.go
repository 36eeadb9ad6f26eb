package freshet_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// running runs the keeper until stop is called.
func running(t *testing.T, keeper *freshet.Keeper) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- keeper.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := keeper.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}
}

func TestRunKeepsUnusedTokensAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		defer running(t, freshet.NewKeeper(w.config()))()
		for range 3 * 24 * 60 {
			time.Sleep(time.Minute)
			if !w.server.ValidAccess(w.connection(t).Token.AccessToken()) {
				t.Fatal("the saved token has expired")
			}
		}
		// A token is valid for an hour, and stale after 37 to 40 minutes.
		if n := w.server.Stats().Refreshes; n < 3*24*60/43 || n > 3*24*60/36 {
			t.Errorf("%d refreshes in three days", n)
		}
	})
}

// The access token never expires, but the refresh token expires by inactivity.
func TestRunRefreshesBeforeTheIdleLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: 10 * 365 * 24 * time.Hour})
		c := w.connection(t)
		c.Policy.IdleLimit = 3 * 24 * time.Hour
		w.store.Put(c)
		config := w.config()
		config.OnEvent = func(e freshet.Event) {
			if e.Kind != freshet.EventRotated {
				t.Errorf("event %s", e.Kind)
			}
		}
		keeper := freshet.NewKeeper(config)
		defer running(t, keeper)()
		time.Sleep(11 * 24 * time.Hour)
		if n := w.server.Stats().Refreshes; n != 4 {
			t.Errorf("%d refreshes in eleven days", n)
		}
	})
}

func TestRunFindsNewConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: 10 * time.Minute})
		keeper := freshet.NewKeeper(w.config())
		defer running(t, keeper)()
		registration := w.connection(t).Registration
		if err := keeper.Create(t.Context(), "ours", registration, w.server.Document()); err != nil {
			t.Fatal(err)
		}
		theirs := freshet.Connection{
			Name:         "theirs",
			Registration: registration,
			Token:        parse(t, string(w.server.Document())),
		}
		if err := w.store.Create(t.Context(), theirs); err != nil { // another process
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		for _, name := range []string{acme, "ours", "theirs"} {
			c, err := w.store.Get(t.Context(), name)
			if err != nil || !w.server.ValidAccess(c.Token.AccessToken()) {
				t.Errorf("%s is not alive: %v", name, err)
			}
		}
		if err := w.store.Delete(t.Context(), "theirs"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		if _, err := keeper.Token(t.Context(), "theirs"); !errors.Is(err, freshet.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	})
}

func TestRunRefreshesAConnectionWithoutAccessToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		w.put(parse(t, fmt.Sprintf(`{"refresh_token":%q}`, string(w.first.RefreshToken()))))
		defer running(t, freshet.NewKeeper(w.config()))()
		time.Sleep(time.Minute)
		if !w.server.ValidAccess(w.connection(t).Token.AccessToken()) {
			t.Error("it has no access token")
		}
		w.wantRequests(t, 1)
	})
}

// The store does not list an external token file, for example.
func TestUnlistedConnectionsAreRefreshedOnUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		w.Store = unlisted{w.store}
		keeper := freshet.NewKeeper(w.config())
		defer running(t, keeper)()
		source := keeper.Source(acme)
		valid(t, source)
		time.Sleep(45 * time.Minute)
		valid(t, source)
		synctest.Wait()
		w.wantRequests(t, 1)
	})
}

type unlisted struct{ freshet.Store }

func (unlisted) List(context.Context) ([]freshet.Connection, error) { return nil, nil }

func TestRunReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keeper := freshet.NewKeeper(newWorld(t, oauthtest.Config{}).config())
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- keeper.Run(ctx) }()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("its context ended: %v", err)
		}
		go func() { done <- keeper.Run(t.Context()) }()
		synctest.Wait()
		if err := keeper.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, freshet.ErrClosed) {
			t.Errorf("the keeper was closed: %v", err)
		}
	})
}

// Run had nothing to do for hours. The tokens of the login are short-lived.
func TestRunReschedulesAfterALogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: 24 * time.Hour})
		short := oauthtest.NewHandler(oauthtest.Config{Rotate: true, TTL: 10 * time.Minute}, "http://127.0.0.1:1")
		w.HTTP.Transport = short.Transport()
		keeper := freshet.NewKeeper(w.config())
		defer running(t, keeper)()
		time.Sleep(time.Minute)
		if err := keeper.Put(t.Context(), acme, clientOf(short), short.Document()); err != nil {
			t.Fatal(err)
		}
		for range 2 * 60 {
			time.Sleep(time.Minute)
			if !short.ValidAccess(w.connection(t).Token.AccessToken()) {
				t.Fatal("the saved token has expired")
			}
		}
	})
}

func clientOf(server *oauthtest.Server) freshet.Registration {
	return freshet.Registration{
		Endpoints: oauth.Endpoints{Token: server.TokenEndpoint()},
		Client:    oauth.Client{ID: server.ClientID()},
	}
}

// unlistable is a store that cannot list its connections.
type unlistable struct {
	freshet.Store
	list func(context.Context) error
}

func (s unlistable) List(ctx context.Context) ([]freshet.Connection, error) { return nil, s.list(ctx) }

func TestRunReportsAListErrorOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{})
		away, tries := errors.New("the database is away"), 0
		w.Store = unlistable{w.store, func(context.Context) error { tries++; return away }}
		config := w.config()
		var reported []freshet.Event
		config.OnEvent = func(e freshet.Event) { reported = append(reported, e) }
		keeper := freshet.NewKeeper(config)
		stop := running(t, keeper)
		time.Sleep(10 * time.Minute)
		stop()
		if len(reported) != 1 || reported[0].Kind != freshet.EventFailed || reported[0].Name != "" ||
			!errors.Is(reported[0].Err, away) {
			t.Errorf("events %+v", reported)
		}
		if tries < 10 {
			t.Errorf("Run tried %d times in ten minutes", tries)
		}
	})
}

// Close does not wait for a list that hangs.
func TestCloseEndsEveryRun(t *testing.T) {
	for name, hangs := range map[string]bool{"that waits for its next turn": false, "that waits for the store": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, oauthtest.Config{TTL: time.Hour})
				w.Store = unlistable{w.store, func(ctx context.Context) error {
					if hangs {
						<-ctx.Done()
					}
					return ctx.Err()
				}}
				keeper := freshet.NewKeeper(w.config())
				done := make(chan error)
				for range 2 {
					go func() { done <- keeper.Run(t.Context()) }()
				}
				time.Sleep(time.Second)
				began := time.Now()
				if err := keeper.Close(t.Context()); err != nil {
					t.Error(err)
				}
				for range 2 {
					if err := <-done; !errors.Is(err, freshet.ErrClosed) {
						t.Errorf("got %v", err)
					}
				}
				if d := time.Since(began); d != 0 {
					t.Errorf("it took %v", d)
				}
			})
		})
	}
}

// Keycloak's refresh token may expire before its access token.
func TestRunRefreshesBeforeTheRefreshTokenExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		token, err := w.first.Merge([]byte(`{"access_token":"a","refresh_expires_in":1800}`), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		w.put(token)
		defer running(t, freshet.NewKeeper(w.config()))()
		time.Sleep(30 * time.Minute)
		w.wantRequests(t, 1)
	})
}
