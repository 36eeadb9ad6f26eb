package freshet_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauthtest"
)

// brokenStore is a store whose database fails.
type brokenStore struct {
	freshet.Store
	mu             sync.Mutex
	updates, reads error
}

func (s *brokenStore) fail(updates, reads error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.updates, s.reads = updates, reads
}

func (s *brokenStore) errors() (updates, reads error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.updates, s.reads
}

func (s *brokenStore) Update(ctx context.Context, name string, change freshet.Change) error {
	if err, _ := s.errors(); err != nil {
		return err
	}
	return s.Store.Update(ctx, name, change)
}

func (s *brokenStore) Get(ctx context.Context, name string) (freshet.Connection, error) {
	if _, err := s.errors(); err != nil {
		return freshet.Connection{}, err
	}
	return s.Store.Get(ctx, name)
}

// A lock that fails requires no login: a valid token is handed out, and an expired one is refreshed
// when the lock works again (grafana/grafana#98195, #98034).
func TestFailingLockRequiresNoLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true})
		store := &brokenStore{Store: w.store}
		w.Store = store
		k := freshet.NewKeeper(w.config())
		defer k.Close(context.Background())
		tokenOf(t, k)
		store.fail(errors.New(`duplicate key value violates unique constraint "uqe_lock"`), nil)
		time.Sleep(50 * time.Minute) // stale, still valid
		for range 100 {
			tokenOf(t, k)
			time.Sleep(time.Second)
		}
		time.Sleep(time.Hour) // expired
		if _, err := k.Token(t.Context(), acme); err == nil || errors.Is(err, freshet.ErrLoginRequired) {
			t.Fatalf("with an expired token and a lock that fails: %v", err)
		}
		store.fail(nil, nil)
		time.Sleep(2 * time.Second)
		tokenOf(t, k)
		w.wantRequests(t, 1)
	})
}

// A database that is away when the service starts is no missing connection, and no required login.
func TestStoreAwayAtTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true})
		store, away := &brokenStore{Store: w.store}, errors.New("connection refused")
		w.Store = store
		store.fail(away, away)
		k := freshet.NewKeeper(w.config())
		defer k.Close(context.Background())
		done := make(chan error)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { done <- k.Run(ctx) }()
		if _, err := k.Token(t.Context(), acme); !errors.Is(err, away) ||
			errors.Is(err, freshet.ErrLoginRequired) || errors.Is(err, freshet.ErrNotFound) {
			t.Errorf("got %v, want the store's error", err)
		}
		time.Sleep(10 * time.Minute)
		store.fail(nil, nil)
		time.Sleep(2 * time.Second)
		tokenOf(t, k)
		cancel()
		<-done
	})
}

// A login in another process is used about a second later (modelcontextprotocol/go-sdk#909).
func TestLoginInAnotherProcessIsUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true})
		k, other := freshet.NewKeeper(w.config()), freshet.NewKeeper(w.config())
		defer k.Close(context.Background())
		defer other.Close(context.Background())
		tokenOf(t, k)
		w.server.Revoke(string(w.first.RefreshToken()))
		time.Sleep(2 * time.Hour)
		if _, err := k.Token(t.Context(), acme); !errors.Is(err, freshet.ErrLoginRequired) {
			t.Fatalf("got %v, want ErrLoginRequired", err)
		}
		c := w.connection(t)
		if err := other.Put(t.Context(), acme, c.Registration, w.server.Document()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(1100 * time.Millisecond)
		tokenOf(t, k)
	})
}

func tokenOf(t *testing.T, k *freshet.Keeper) {
	t.Helper()
	if _, err := k.Token(t.Context(), acme); err != nil {
		t.Fatal(err)
	}
}
