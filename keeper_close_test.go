package freshet_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauthtest"
)

// A code works once. A login in flight is saved, as a refresh is; after Close none is started.
func TestCloseWaitsForALogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, Consent: oauthtest.Allow, Latency: time.Second})
		keeper := freshet.NewKeeper(w.config())
		grant := w.consented(t, nil)
		ctx, leave := context.WithCancel(t.Context())
		go func() { _, _ = keeper.Login(ctx, "new", grant) }()
		synctest.Wait() // it is on the wire
		leave()
		if err := keeper.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !w.server.ValidRefresh(string(w.get(t, "new").Token.RefreshToken())) {
			t.Error("Close did not wait for the login")
		}
		if _, err := keeper.Login(t.Context(), "late", w.consented(t, nil)); !errors.Is(err, freshet.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
		w.wantRequests(t, 1)
	})
}

// A login that waits for the lock is not in flight.
func TestCloseDoesNotWaitForALoginWithoutTheLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, Consent: oauthtest.Allow})
		keeper := freshet.NewKeeper(w.config())
		grant, ended := w.consented(t, nil), make(chan error)
		err := w.store.Update(t.Context(), acme, func(context.Context, freshet.Connection, freshet.Save) error {
			go func() {
				_, err := keeper.Login(t.Context(), acme, grant)
				ended <- err
			}()
			synctest.Wait()
			began := time.Now()
			if err := keeper.Close(t.Context()); err != nil || time.Since(began) > 0 {
				t.Errorf("Close: %v after %v", err, time.Since(began))
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if err := <-ended; !errors.Is(err, freshet.ErrClosed) {
			t.Errorf("the login: %v", err)
		}
		w.wantRequests(t, 0)
	})
}

// A result that was not saved is not reported as ErrClosed, even if the store's error is a context
// error.
func TestCloseDoesNotHideAnUnsavedResult(t *testing.T) {
	for name, ask := range map[string]func(context.Context, *freshet.Keeper, freshet.CodeExchange) error{
		"a refresh": func(ctx context.Context, k *freshet.Keeper, _ freshet.CodeExchange) error {
			_, err := k.Refresh(ctx, acme, "")
			return err
		},
		"a login": func(ctx context.Context, k *freshet.Keeper, g freshet.CodeExchange) error {
			_, err := k.Login(ctx, acme, g)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, oauthtest.Config{Rotate: true, Consent: oauthtest.Allow, Latency: time.Second})
				keeper, _ := goingDown(w)
				grant, ended := w.consented(t, nil), make(chan error, 1)
				go func() { ended <- ask(t.Context(), keeper, grant) }()
				synctest.Wait() // it is on the wire
				closed := keeper.Close(t.Context())
				if err := <-ended; !errors.As(err, new(*freshet.UnsavedError)) {
					t.Errorf("it ended with %v", err)
				}
				if name == "a refresh" && !errors.As(closed, new(*freshet.UnsavedError)) {
					t.Errorf("Close says %v, and the grant is in memory alone", closed)
				}
			})
		})
	}
}
