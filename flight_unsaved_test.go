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

// outage is a store that can be read, and not written to while it is down.
type outage struct {
	*freshet.MemoryStore
	down atomic.Bool
}

// errDown looks like the end of somebody's waiting, as that of a database that is closed before the keeper is.
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

// goingDown is a keeper whose store goes down with the first request.
func goingDown(w *world) (*freshet.Keeper, *outage) {
	store := &outage{MemoryStore: w.store}
	server := w.HTTP.Transport
	client := &http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
		store.down.Store(true)
		return server.RoundTrip(req)
	})}
	return freshet.NewKeeper(freshet.Refresher{Store: store, HTTP: client}), store
}

// unsave refreshes while the store goes down: the provider has rotated the refresh token, and it is in memory alone.
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

// While the store is down everybody has the new token, whose predecessor is spent, and the provider is not asked again.
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

// Whatever else is changed about the connection meanwhile.
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
		if stats := w.server.Stats(); stats.Reuses != 0 || !w.server.ValidRefresh(string(w.connection(t).Token.RefreshToken())) {
			t.Errorf("the grant is lost: %+v", stats)
		}
		if got := w.connection(t).Policy.AssumeTTL; got != time.Minute {
			t.Errorf("the registration is the old one: %v", got)
		}
	})
}

// Run saves it, also if nobody asks.
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

// Close also saves what could not be saved while it was called.
func TestCloseSavesUnsavedTokensOfLastFlights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, Latency: time.Second})
		store := &outage{MemoryStore: w.store}
		server := w.HTTP.Transport
		keeper := freshet.NewKeeper(freshet.Refresher{Store: store, HTTP: &http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
			store.down.Store(true)
			time.AfterFunc(9*time.Second, func() { store.down.Store(false) }) // when it was given up to save the result
			return server.RoundTrip(req)
		})}})
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

// A program that ends with a grant in memory alone is told so while it can still do something about it.
func TestCloseReturnsUnsavedErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		keeper, store := unsave(t, w)
		var unsaved *freshet.UnsavedError
		if err := keeper.Close(t.Context()); !errors.As(err, &unsaved) || unsaved.Name != acme || !errors.Is(err, errDown) {
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

// Whoever has logged in meanwhile keeps the new grant: what could not be saved is of the old one.
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
