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

// Every source of a connection sees its changes: at once if this keeper made them, and within two
// minutes if another process did. another process did.

func wantSaved(t *testing.T, w *world, source *freshet.Source, when string) {
	t.Helper()
	got, err := source.Token(t.Context())
	if err != nil || got.AccessToken() != w.connection(t).Token.AccessToken() {
		t.Errorf("%s: not the token that is saved; %v", when, err)
	}
}

// An HTTP client keeps its source. That must still work after the connection was deleted and
// created again.
func TestSourceFollowsARecreatedConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		registration := w.connection(t).Registration
		keeper := freshet.NewKeeper(w.config())
		source := keeper.Source(acme)
		defer running(t, keeper)()
		valid(t, source)
		if err := w.store.Delete(t.Context(), acme); err != nil { // another process
			t.Fatal(err)
		}
		if _, err := source.Refresh(t.Context(), ""); !errors.Is(err, freshet.ErrNotFound) {
			t.Fatalf("got %v", err)
		}
		if err := keeper.Create(t.Context(), acme, registration, w.server.Document()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second) // Run has found it
		wantSaved(t, w, source, "created again")
		if err := keeper.Put(t.Context(), acme, registration, w.server.Document()); err != nil {
			t.Fatal(err)
		}
		wantSaved(t, w, source, "after a login")
		w.put(parse(t, string(w.server.Document()))) // another process
		time.Sleep(2 * time.Minute)
		wantSaved(t, w, source, "replaced elsewhere")
	})
}

func TestNotFoundIsNotCached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{})
		keeper := freshet.NewKeeper(w.config())
		source := keeper.Source("new")
		if _, err := source.Token(t.Context()); !errors.Is(err, freshet.ErrNotFound) {
			t.Fatalf("got %v", err)
		}
		if err := keeper.Create(t.Context(), "new", w.connection(t).Registration, w.server.Document()); err != nil {
			t.Fatal(err)
		}
		valid(t, source)
	})
}

func TestKeeperChangesTakeEffectAtOnce(t *testing.T) {
	for name, test := range map[string]struct {
		do   func(*testing.T, *world, *freshet.Keeper) error
		want error // nil: another token
	}{
		"Delete": {
			do:   func(t *testing.T, _ *world, k *freshet.Keeper) error { return k.Delete(t.Context(), acme) },
			want: freshet.ErrNotFound,
		},
		"Revoke": {
			do: func(t *testing.T, _ *world, k *freshet.Keeper) error {
				_, err := k.Revoke(t.Context(), acme)
				return err
			},
			want: freshet.ErrLoginRequired,
		},
		"Login": {
			do: func(t *testing.T, w *world, k *freshet.Keeper) error {
				_, err := k.Login(t.Context(), acme, w.consented(t, nil))
				return err
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, oauthtest.Config{Rotate: true, Consent: oauthtest.Allow})
				w.lookUp(t)
				keeper := freshet.NewKeeper(w.config())
				source := keeper.Source(acme)
				old := valid(t, source)
				if err := test.do(t, w, keeper); err != nil {
					t.Fatal(err)
				}
				got, err := source.Token(t.Context())
				if !errors.Is(err, test.want) || err == nil && got.AccessToken() == old.AccessToken() {
					t.Errorf("the old token, or %v", err)
				}
			})
		})
	}
}

// lastError asks for a token every second for the given time, and returns the last error.
func lastError(t *testing.T, s *freshet.Source, long time.Duration) (err error) {
	t.Helper()
	for range int(long / time.Second) {
		time.Sleep(time.Second)
		_, err = s.Token(t.Context())
	}
	return err
}

func TestRevocationByAnotherProcessIsNoticed(t *testing.T) {
	for name, runs := range map[string]bool{"by Run": true, "by callers": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := salesforceWorld(t)
				keeper := freshet.NewKeeper(w.config())
				if runs {
					defer running(t, keeper)()
				}
				source := keeper.Source(acme)
				valid(t, source)
				if _, err := w.Revoke(t.Context(), acme); err != nil { // another process
					t.Fatal(err)
				}
				if err := lastError(t, source, 2*time.Minute); !errors.Is(err, freshet.ErrLoginRequired) {
					t.Errorf("the revoked token is handed out; %v", err)
				}
			})
		})
	}
}

// If a connection cannot be read, the list is incomplete. A connection that it lacks may exist, so
// the store is asked for it.
func TestDeletionIsNoticedIfTheListIsIncomplete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		w.Store = &late{MemoryStore: w.store, listErr: errors.New("broken: it is not JSON")}
		keeper := freshet.NewKeeper(w.config())
		source := keeper.Source(acme)
		defer running(t, keeper)()
		time.Sleep(time.Second)
		valid(t, source)
		if err := w.store.Delete(t.Context(), acme); err != nil {
			t.Fatal(err)
		}
		if err := lastError(t, source, 3*time.Minute); !errors.Is(err, freshet.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	})
}

func TestClientFollowsARecreatedConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true})
		keeper := freshet.NewKeeper(w.config())
		client := &http.Client{Transport: &freshet.Transport{Source: keeper.Source(acme), Base: w.server.Transport()}}
		registration := w.connection(t).Registration
		if err := keeper.Delete(t.Context(), acme); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Get("/services/data/"); !errors.Is(err, freshet.ErrNotFound) {
			t.Fatalf("got %v", err)
		}
		if err := keeper.Create(t.Context(), acme, registration, w.server.Document()); err != nil {
			t.Fatal(err)
		}
		valid(t, keeper.Source(acme)) // which is another now
		res, err := client.Get("/services/data/")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Errorf("status %d", res.StatusCode)
		}
	})
}

// The source was dropped because its connection did not exist.
func TestCloseEndsWaitingOnADroppedSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{})
		keeper := freshet.NewKeeper(w.config())
		source := keeper.Source("new")
		if _, err := source.Token(t.Context()); !errors.Is(err, freshet.ErrNotFound) {
			t.Fatalf("got %v", err)
		}
		c := w.connection(t)
		c.Name, c.Token = "new", parse(t, `{"refresh_token":"r"}`)
		w.store.Put(c)
		held := make(chan struct{})
		go func() {
			hold := func(context.Context, freshet.Connection, freshet.Save) error { <-held; return nil }
			_ = w.store.Update(t.Context(), "new", hold)
		}()
		synctest.Wait() // until the other has the lock
		waiter := make(chan error)
		go func() {
			_, err := source.Token(t.Context())
			waiter <- err
		}()
		synctest.Wait() // for the other's lock
		began := time.Now()
		if err := keeper.Close(t.Context()); err != nil || time.Since(began) != 0 {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if err := <-waiter; !errors.Is(err, freshet.ErrClosed) {
			t.Errorf("got %v", err)
		}
		close(held)
	})
}
