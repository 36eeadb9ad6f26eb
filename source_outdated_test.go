package freshet_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauthtest"
)

// A keeper may have a newer token in memory than a list or a read of the store returns.

// late is a store whose results arrive late, so that they may be outdated.
type late struct {
	*freshet.MemoryStore
	list    time.Duration
	get     atomic.Int64 // a time.Duration
	listErr error        // returned with the connections
}

func (s *late) List(ctx context.Context) ([]freshet.Connection, error) {
	all, err := s.MemoryStore.List(ctx)
	time.Sleep(s.list)
	return all, errors.Join(err, s.listErr)
}

func (s *late) Get(ctx context.Context, name string) (freshet.Connection, error) {
	c, err := s.MemoryStore.Get(ctx, name)
	time.Sleep(time.Duration(s.get.Load()))
	return c, err
}

// always checks for the given time that the source returns only this access token.
func always(t *testing.T, s *freshet.Source, accessToken string, so time.Duration) {
	t.Helper()
	for began := time.Now(); time.Since(began) < so; time.Sleep(time.Second) {
		if valid(t, s).AccessToken() != accessToken {
			t.Fatalf("an older token is handed out after %v", time.Since(began))
		}
	}
}

func TestAnOldListDoesNotReplaceALogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		w.Store = &late{MemoryStore: w.store, list: 2 * time.Second}
		keeper := freshet.NewKeeper(w.config())
		source := keeper.Source(acme)
		defer running(t, keeper)()
		time.Sleep(time.Second)
		if err := keeper.Put(t.Context(), acme, w.connection(t).Registration, w.server.Document()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(1500 * time.Millisecond) // the list has arrived
		always(t, source, w.connection(t).Token.AccessToken(), 3*time.Minute)
	})
}

// The read takes longer than a list of Run.
func TestAnOldReadDoesNotReplaceANewerToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		store := &late{MemoryStore: w.store}
		w.Store = store
		keeper := freshet.NewKeeper(w.config())
		source := keeper.Source(acme)
		defer running(t, keeper)()
		time.Sleep(59 * time.Second) // a second before the list
		store.get.Store(int64(3 * time.Second))
		looked := make(chan error)
		go func() {
			_, err := source.Refresh(t.Context(), "some other token")
			looked <- err
		}()
		synctest.Wait()
		w.put(parse(t, string(w.server.Document()))) // another process
		time.Sleep(2 * time.Second)
		store.get.Store(0)
		always(t, source, w.connection(t).Token.AccessToken(), 3*time.Minute)
		if err := <-looked; err != nil {
			t.Error(err)
		}
	})
}

func TestAFailedFlightDoesNotReplaceANewerToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		keeper := freshet.NewKeeper(w.config())
		source := keeper.Source(acme)
		defer running(t, keeper)()
		time.Sleep(30 * time.Second)
		old := valid(t, source).AccessToken()
		held := make(chan struct{})
		go func() {
			hold := func(context.Context, freshet.Connection, freshet.Save) error { <-held; return nil }
			_ = w.store.Update(t.Context(), acme, hold)
		}()
		synctest.Wait()
		failed := make(chan error)
		go func() {
			_, err := source.Refresh(t.Context(), old) // waits for the other for as long as it may
			failed <- err
		}()
		time.Sleep(10 * time.Second)
		w.put(parse(t, string(w.server.Document()))) // a program that takes no lock
		time.Sleep(25 * time.Second)                 // a list
		always(t, source, w.connection(t).Token.AccessToken(), 3*time.Minute)
		close(held)
		if err := <-failed; err == nil {
			t.Error("the flight did not fail")
		}
	})
}
