package freshet_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// counted is a store that counts reads.
type counted struct {
	freshet.Store
	reads atomic.Int64
}

func (c *counted) Get(ctx context.Context, name string) (freshet.Connection, error) {
	c.reads.Add(1)
	return c.Store.Get(ctx, name)
}

func countReads(w *world) *counted {
	c := &counted{Store: w.store}
	w.Store = c
	return c
}

func valid(t *testing.T, s *freshet.Source) freshet.Token {
	t.Helper()
	token, err := s.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestFreshTokenNeedsNoAllocationAndNoRead(t *testing.T) {
	w := newWorld(t, oauthtest.Config{})
	reads := countReads(w)
	keeper := freshet.NewKeeper(w.config())
	source := keeper.Source(acme)
	valid(t, source)
	before := reads.reads.Load()
	if n := testing.AllocsPerRun(1000, func() { _, _ = source.Token(t.Context()) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if n := testing.AllocsPerRun(1000, func() { _, _ = keeper.Token(t.Context(), acme) }); n != 0 {
		t.Errorf("by name: %v allocations", n)
	}
	if n := reads.reads.Load() - before; n != 0 {
		t.Errorf("the store was read %d times", n)
	}
}

// It is noticed within a minute, without a read at every call.
func TestRefreshByAnotherProcessIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true})
		other := *w.Refresher
		reads := countReads(w)
		source := freshet.NewKeeper(w.config()).Source(acme)
		first := valid(t, source)
		result, err := other.Token(t.Context(), acme, freshet.Options{Forced: true})
		if err != nil {
			t.Fatal(err)
		}
		for range 1000 {
			if valid(t, source) != first {
				t.Fatal("the store was looked at before a minute was over")
			}
		}
		time.Sleep(time.Minute)
		valid(t, source) // the old one: callers do not wait for the read
		synctest.Wait()
		if got := valid(t, source); got.AccessToken() != result.Connection.Token.AccessToken() {
			t.Error("the other's token was not noticed")
		}
		if n := reads.reads.Load(); n != 2 {
			t.Errorf("the store was read %d times", n)
		}
		w.wantRequests(t, 1)
	})
}

func TestRejectedTokenIsComparedWithTheStoreFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true})
		source := freshet.NewKeeper(w.config()).Source(acme)
		rejected := valid(t, source).AccessToken()
		if _, err := w.Token(t.Context(), acme, freshet.Options{Forced: true}); err != nil {
			t.Fatal(err)
		}
		for range 100 {
			got, err := source.Refresh(t.Context(), rejected)
			if err != nil || got.AccessToken() == rejected {
				t.Fatal(err)
			}
		}
		w.wantRequests(t, 1)
	})
}

func TestWaitErrorNamesTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Latency: time.Minute})
		keeper := freshet.NewKeeper(w.config())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := keeper.Refresh(ctx, acme, "")
		if want := "waiting for a token of acme: context deadline exceeded"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		_ = keeper.Close(t.Context())
	})
}

// The error may begin like the name: "the: the database is away".
func TestStoreErrorNamesTheConnection(t *testing.T) {
	for name, want := range map[string]string{
		"the": "the: the database is away", "acme": "acme: the database is away",
	} {
		keeper := freshet.NewKeeper(freshet.Config{Store: away{}})
		if _, err := keeper.Token(t.Context(), name); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		if err := keeper.Delete(t.Context(), name); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// away is a store that cannot be reached.
type away struct{ freshet.Store }

var errAway = errors.New("the database is away")

func (away) Get(context.Context, string) (freshet.Connection, error) {
	return freshet.Connection{}, errAway
}
func (away) Delete(context.Context, string) error { return errAway }

func TestCloseEndsWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{})
		keeper := freshet.NewKeeper(w.config())
		w.server.Fail(oauthtest.Fault{Name: "503", Count: 100})
		waiter := make(chan error)
		go func() {
			_, err := keeper.Refresh(t.Context(), acme, "")
			waiter <- err
		}()
		synctest.Wait() // for the next attempt
		began := time.Now()
		if err := keeper.Close(t.Context()); err != nil || time.Since(began) != 0 {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if err := <-waiter; err == nil {
			t.Error("the caller got a token")
		}
	})
}

func TestKeepersShareAStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour, Latency: time.Second})
		a, b := freshet.NewKeeper(w.config()), freshet.NewKeeper(w.config())
		time.Sleep(2 * time.Hour)
		results := make(chan string)
		for _, keeper := range []*freshet.Keeper{a, b, a, b} {
			go func() {
				got, err := keeper.Token(t.Context(), acme)
				results <- fmt.Sprint(w.server.ValidAccess(got.AccessToken()), err)
			}()
		}
		for range 4 {
			if got := <-results; got != "true <nil>" {
				t.Error(got)
			}
		}
		w.wantRequests(t, 1)
	})
}

func TestKeeperReadsTheClientSecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{RequireSecret: true})
		c := w.connection(t)
		c.SecretFrom = "env:X"
		w.store.Put(c)
		w.Secrets = func(context.Context, string) (oauth.Secret, error) {
			return oauth.Secret(w.server.ClientSecret()), nil
		}
		if _, err := freshet.NewKeeper(w.config()).Refresh(t.Context(), acme, ""); err != nil {
			t.Error(err)
		}
	})
}

// Sentinel dates such as year 9999 mean never, and need no read at every call.
func TestTokenWithoutExpiryIsReadOnce(t *testing.T) {
	for _, never := range []string{`"expires_at":9999999999`, `"expiry":"9999-12-31T23:59:59Z"`} {
		t.Run(never, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, oauthtest.Config{})
				w.put(parse(t, `{"access_token":"a",`+never+`}`))
				store := countReads(w)
				source := freshet.NewKeeper(w.config()).Source(acme)
				for range 1000 {
					valid(t, source)
				}
				if n := store.reads.Load(); n != 1 {
					t.Errorf("the store was read %d times", n)
				}
				if _, until, err := source.TokenUntil(t.Context()); err != nil || !until.IsZero() {
					t.Errorf("until %v, %v", until, err)
				}
			})
		})
	}
}
