package freshet_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// Run had nothing to do for hours, and then somebody logs in whose tokens are short.
func TestRunMovesAConnectionForward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: 24 * time.Hour})
		short := oauthtest.NewHandler(oauthtest.Config{Rotate: true, TTL: 10 * time.Minute}, "http://127.0.0.1:1")
		w.HTTP.Transport = short.Transport()
		keeper := freshet.NewKeeper(*w.Refresher)
		defer running(t, keeper)()
		time.Sleep(time.Minute)
		if err := keeper.Add(t.Context(), acme, clientOf(short), short.Document()); err != nil {
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
	return freshet.Registration{Endpoints: oauth.Endpoints{Token: server.TokenEndpoint()}, Client: oauth.Client{ID: server.ClientID()}}
}

// Hundreds of connections of a provider that is busy for an hour take neither the slots nor the turns of ten that are well.
func TestRunServesTheHealthyBesideThoseThatFail(t *testing.T) {
	for name, busy := range map[string]http.Response{
		"which asks for a pause that fits into a flight": {StatusCode: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"40"}}},
		"which asks for a longer one":                    {StatusCode: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"60"}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				good := oauthtest.NewHandler(oauthtest.Config{Rotate: true, TTL: 5 * time.Minute}, "http://127.0.0.1:1")
				bad := oauthtest.NewHandler(oauthtest.Config{Rotate: true, TTL: time.Hour}, "http://127.0.0.2:1")
				store, server := new(freshet.MemoryStore), good.Transport()
				put := func(server *oauthtest.Server, name string, n int) {
					for i := range n {
						store.Put(freshet.Connection{Name: fmt.Sprint(name, i), Token: parse(t, string(server.Document())), Registration: clientOf(server)})
					}
				}
				put(bad, "bad", 600)
				time.Sleep(50 * time.Minute)
				put(good, "good", 10)
				keeper := freshet.NewKeeper(freshet.Refresher{Store: store, HTTP: &http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
					if strings.HasPrefix(req.URL.Host, "127.0.0.1") {
						return server.RoundTrip(req)
					}
					res := busy
					res.Body = http.NoBody
					return &res, nil
				})}})
				keeper.MaxInFlight = 8
				defer running(t, keeper)()
				for range 30 * 6 {
					time.Sleep(10 * time.Second)
					for i := range 10 {
						if c, err := store.Get(t.Context(), fmt.Sprint("good", i)); err != nil || !good.ValidAccess(c.Token.AccessToken()) {
							t.Fatalf("%s has expired; %v", c.Name, err)
						}
					}
				}
			})
		})
	}
}

// A refresh in the background makes one attempt: it does not sit in its slot for as long as a provider asks for a pause.
func TestRunHoldsNoSlotDuringAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		time.Sleep(2 * time.Hour) // it has expired, and is the most urgent
		good := w.connection(t)
		good.Name, good.Token, good.Saved = "good", parse(t, string(w.server.Document())), time.Now()
		time.Sleep(50 * time.Minute)
		w.store.Put(good)
		w.HTTP.Transport = pausing(w.HTTP.Transport, 1)
		keeper := freshet.NewKeeper(*w.Refresher)
		keeper.MaxInFlight = 1
		defer running(t, keeper)()
		time.Sleep(10 * time.Second)
		c, err := w.store.Get(t.Context(), "good")
		if err != nil || c.Token.AccessToken() == good.Token.AccessToken() {
			t.Errorf("it still waits for the only slot; %v", err)
		}
		if w.connection(t).Health.Failures != 1 {
			t.Error("the other did not have its turn")
		}
	})
}

// unlistable is a store that cannot list its connections.
type unlistable struct {
	freshet.Store
	list func(context.Context) error
}

func (s unlistable) List(ctx context.Context) ([]freshet.Connection, error) { return nil, s.list(ctx) }

// A store that cannot be listed is an event, and one however often Run tries again.
func TestRunTellsOnceThatItCannotList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{})
		away, tries := errors.New("the database is away"), 0
		w.Store = unlistable{w.store, func(context.Context) error { tries++; return away }}
		keeper := freshet.NewKeeper(*w.Refresher)
		var told []freshet.Event
		keeper.OnEvent = func(e freshet.Event) { told = append(told, e) }
		stop := running(t, keeper)
		time.Sleep(10 * time.Minute)
		stop()
		if len(told) != 1 || told[0].Kind != freshet.EventFailed || told[0].Name != "" || !errors.Is(told[0].Err, away) {
			t.Errorf("told %+v", told)
		}
		if tries < 10 {
			t.Errorf("Run tried %d times in ten minutes", tries)
		}
	})
}

// Close ends every Run, also one that waits for a list, at once.
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
				keeper := freshet.NewKeeper(*w.Refresher)
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

// Keycloak's refresh token may live shorter than its access token.
func TestRunRefreshesBeforeTheRefreshTokenDies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		token, err := w.first.Merge([]byte(`{"access_token":"a","refresh_expires_in":1800}`), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		w.put(token)
		defer running(t, freshet.NewKeeper(*w.Refresher))()
		time.Sleep(30 * time.Minute)
		w.wantRequests(t, 1)
	})
}
