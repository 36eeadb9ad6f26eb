package freshet_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauthtest"
)

// outage is a store that can be read, but not written while it is down.
type outage struct {
	*freshet.MemoryStore
	down atomic.Bool
}

// errDown wraps context.Canceled, as the error of a database that was closed before the keeper
// does.
var errDown = fmt.Errorf("the database is away: %w", context.Canceled)

func (o *outage) Update(ctx context.Context, name string, change freshet.Change) error {
	return o.MemoryStore.Update(ctx, name, func(ctx context.Context, c freshet.Connection, save freshet.Save) error {
		return change(ctx, c, func(c freshet.Connection) error {
			if o.down.Load() {
				return errDown
			}
			return save(c)
		})
	})
}

// goingDown returns a keeper whose store goes down with the first request.
func goingDown(w *world) (*freshet.Keeper, *outage) {
	store := &outage{MemoryStore: w.store}
	server := w.HTTP.Transport
	client := &http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
		store.down.Store(true)
		return server.RoundTrip(req)
	})}
	return freshet.NewKeeper(freshet.Config{Store: store, HTTP: client}), store
}

// unsave refreshes while the store goes down: only memory has the new refresh token.
func unsave(t *testing.T, w *world) (*freshet.Keeper, *outage) {
	t.Helper()
	keeper, store := goingDown(w)
	token, err := keeper.Refresh(t.Context(), acme, "")
	if unsaved := (*freshet.UnsavedError)(nil); !errors.As(err, &unsaved) || unsaved.Place != "" {
		t.Fatalf("got %v", err)
	}
	if !w.server.ValidAccess(token.AccessToken()) {
		t.Fatal("the new token is not handed out")
	}
	return keeper, store
}

// While the store is down, callers get the new token, and no request is sent.
func TestUnsavedTokenIsSavedWhenTheStoreIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		keeper, store := unsave(t, w)
		for range 5 * 60 {
			if got, err := keeper.Token(t.Context(), acme); err != nil || !w.server.ValidAccess(got.AccessToken()) {
				t.Fatalf("not the new token: %v", err)
			}
			time.Sleep(time.Second)
		}
		if w.connection(t).Token.RefreshToken() != w.first.RefreshToken() {
			t.Fatal("the store is not down")
		}
		store.down.Store(false)
		for range 6 * 60 {
			if _, err := keeper.Token(t.Context(), acme); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		if !w.server.ValidRefresh(string(w.connection(t).Token.RefreshToken())) {
			t.Error("the store is back, and has the spent refresh token")
		}
		w.wantRequests(t, 1)
		if err := keeper.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestUnsavedTokenOutlivesConfigure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		keeper, store := unsave(t, w)
		store.down.Store(false)
		other := w.connection(t).Registration
		other.Policy.AssumeTTL = time.Minute
		if err := keeper.Configure(t.Context(), acme, other); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, err := keeper.Token(t.Context(), acme); err != nil {
				t.Error(err)
			}
			time.Sleep(10 * time.Second)
		}
		if stats := w.server.Stats(); stats.Reuses != 0 ||
			!w.server.ValidRefresh(string(w.connection(t).Token.RefreshToken())) {
			t.Errorf("the grant is lost: %+v", stats)
		}
		if got := w.connection(t).Policy.AssumeTTL; got != time.Minute {
			t.Errorf("the registration is the old one: %v", got)
		}
	})
}

func TestRunSavesUnsavedTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		keeper, store := unsave(t, w)
		store.down.Store(false)
		defer running(t, keeper)()
		time.Sleep(2 * time.Minute)
		if !w.server.ValidRefresh(string(w.connection(t).Token.RefreshToken())) {
			t.Error("the grant is in memory alone")
		}
	})
}

// The store comes back after the flight has given up.
func TestCloseSavesUnsavedTokensOfLastFlights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, Latency: time.Second})
		store := &outage{MemoryStore: w.store}
		server := w.HTTP.Transport
		transport := roundTrip(func(req *http.Request) (*http.Response, error) {
			store.down.Store(true)
			time.AfterFunc(9*time.Second, func() { store.down.Store(false) }) // after the last attempt to save
			return server.RoundTrip(req)
		})
		keeper := freshet.NewKeeper(freshet.Config{Store: store, HTTP: &http.Client{Transport: transport}})
		go func() { _, _ = keeper.Refresh(t.Context(), acme, "") }()
		synctest.Wait() // it is on the wire
		if err := keeper.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !w.server.ValidRefresh(string(w.connection(t).Token.RefreshToken())) {
			t.Error("the grant is lost")
		}
	})
}

func TestCloseSavesUnsavedTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		keeper, store := unsave(t, w)
		store.down.Store(false)
		if err := keeper.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if !w.server.ValidRefresh(string(w.connection(t).Token.RefreshToken())) {
			t.Error("the grant is lost")
		}
		w.wantRequests(t, 1)
	})
}

func TestCloseReturnsUnsavedErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		keeper, store := unsave(t, w)
		var unsaved *freshet.UnsavedError
		if err := keeper.Close(t.Context()); !errors.As(err, &unsaved) || unsaved.Name != acme ||
			!errors.Is(err, errDown) {
			t.Errorf("Close says %v, and the grant is in memory alone", err)
		}
		store.down.Store(false)
		if err := keeper.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if !w.server.ValidRefresh(string(w.connection(t).Token.RefreshToken())) {
			t.Error("the grant is lost")
		}
	})
}

func TestUnsavedTokenDoesNotReplaceALogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		keeper, store := unsave(t, w)
		login := parse(t, string(w.server.Document()))
		w.put(login)
		store.down.Store(false)
		if err := keeper.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if w.connection(t).Token.RefreshToken() != login.RefreshToken() {
			t.Error("the login is lost")
		}
	})
}
