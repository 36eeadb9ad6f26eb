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

func TestKeeperRefreshesOnceForManyCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour, Latency: time.Second})
		keeper := freshet.NewKeeper(w.config())
		time.Sleep(2 * time.Hour) // the saved token has expired
		var callers sync.WaitGroup
		for range 50 {
			callers.Go(func() {
				token, err := keeper.Token(t.Context(), acme)
				if err != nil || !w.server.ValidAccess(token.AccessToken()) {
					t.Errorf("a caller got a token that works: %t, %v", w.server.ValidAccess(token.AccessToken()), err)
				}
			})
		}
		callers.Wait()
		w.wantRequests(t, 1)
	})
}

func TestKeeperRefreshesInTheBackgroundWhileTheTokenIsValid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour, Latency: time.Second})
		keeper := freshet.NewKeeper(w.config())
		first, err := keeper.Token(t.Context(), acme)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(45 * time.Minute)
		before := time.Now()
		token, err := keeper.Token(t.Context(), acme)
		if err != nil || token.AccessToken() != first.AccessToken() || !time.Now().Equal(before) {
			t.Errorf("a stale token: %v after %v", err, time.Since(before))
		}
		time.Sleep(2 * time.Second)
		token, err = keeper.Token(t.Context(), acme)
		if err != nil || token.AccessToken() == first.AccessToken() {
			t.Errorf("it was not refreshed: %v", err)
		}
		w.wantRequests(t, 1)
	})
}

func TestKeeperReturnsNoExpiredToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: 10 * time.Minute})
		keeper := freshet.NewKeeper(w.config())
		for range 200 {
			token, err := keeper.Token(t.Context(), acme)
			if err != nil || !w.server.ValidAccess(token.AccessToken()) {
				t.Fatalf("after %d refreshes: %v", w.server.Stats().Refreshes, err)
			}
			time.Sleep(61 * time.Second)
		}
		if got := w.server.Stats().Refreshes; got < 20 || got > 35 {
			t.Errorf("%d refreshes of a 10 minute token in 200 minutes", got)
		}
	})
}

func TestKeeperReplacesARejectedToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true})
		keeper := freshet.NewKeeper(w.config())
		rejected := w.first.AccessToken()
		for range 3 { // the last two get the first one's result
			token, err := keeper.Refresh(t.Context(), acme, rejected)
			if err != nil || token.AccessToken() == rejected {
				t.Fatal(err)
			}
		}
		w.wantRequests(t, 1)
		if _, err := keeper.Refresh(t.Context(), acme, ""); err != nil {
			t.Error(err)
		}
		w.wantRequests(t, 2)
	})
}

func TestKeeperFinishesARefreshWhenItsCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, Latency: 20 * time.Second})
		keeper := freshet.NewKeeper(w.config())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := keeper.Refresh(ctx, acme, ""); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a caller that leaves gets %v", err)
		}
		if err := keeper.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if !w.server.ValidRefresh(string(w.connection(t).Token.RefreshToken())) {
			t.Error("Close did not wait until the result was saved")
		}
		if _, err := keeper.Token(t.Context(), acme); !errors.Is(err, freshet.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}

func TestKeeperReturnsLoginRequired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{})
		keeper := freshet.NewKeeper(w.config())
		w.server.Revoke(string(w.first.RefreshToken()))
		time.Sleep(2 * time.Hour)
		for range 3 {
			if _, err := keeper.Token(t.Context(), acme); !errors.Is(err, freshet.ErrLoginRequired) {
				t.Errorf("got %v", err)
			}
		}
		w.wantRequests(t, 1)
		if _, err := keeper.Token(t.Context(), "unknown"); !errors.Is(err, freshet.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	})
}

// expires_in counts from when the provider made the reply (RFC 6749 §4.2.2), before it arrived.
func TestLifetimeCountsFromTheProvidersReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const latency = 10 * time.Second
		w := newWorld(t, oauthtest.Config{TTL: time.Hour, Latency: latency})
		keeper := freshet.NewKeeper(w.config())
		defer keeper.Close(t.Context())
		token, err := keeper.Refresh(t.Context(), acme, "")
		if err != nil {
			t.Fatal(err)
		}
		w.server.Fail(oauthtest.Fault{Name: "503"}) // from now on
		time.Sleep(time.Hour - latency/2)
		if w.server.ValidAccess(token.AccessToken()) {
			t.Fatal("the token should have expired")
		}
		if _, err := keeper.Token(t.Context(), acme); err == nil {
			t.Error("a token was handed out that expired seconds ago at the provider")
		}
	})
}
