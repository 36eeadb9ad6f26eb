package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

func testExclusion(t *testing.T, b Backend) {
	const updates = 16
	name := add(t, b, `{"access_token":"a","refresh_token":"r"}`)
	var wg sync.WaitGroup
	for range updates {
		wg.Go(func() {
			err := b.Store.Update(t.Context(), name, func(_ context.Context, c freshet.Connection, save freshet.Save) error {
				c.Token = withRefreshToken(t, c.Token, string(c.Token.RefreshToken())+"x")
				return save(c)
			})
			if err != nil {
				t.Errorf("one of %d concurrent updates: %v; each of them must wait for its turn", updates, err)
			}
		})
	}
	wg.Wait()
	if got := len(get(t, b, name).Token.RefreshToken()); got != 1+updates {
		t.Errorf("%d of %d updates are in the document: the others read before the previous one had saved, "+
			"and would present the same refresh token", got-1, updates)
	}
}

func testParallelUpdates(t *testing.T, b Backend) {
	name := add(t, b, document)
	c := get(t, b, name)
	c.Name, c.TokenFile = b.Names[0], ""
	if err := b.Store.Create(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	update(t, b, name, func(freshet.Connection, freshet.Save) error {
		ctx, cancel := context.WithTimeout(t.Context(), timeout)
		defer cancel()
		err := b.Store.Update(ctx, b.Names[0],
			func(context.Context, freshet.Connection, freshet.Save) error { return nil })
		if err != nil {
			t.Errorf("during the update of another connection: %v; one slow provider would block all connections",
				err)
		}
		return nil
	})
}

// testCanceledWait checks that Update does not run the change if its caller's context ends while it
// waits for the lock.
func testCanceledWait(t *testing.T, b Backend) {
	name := add(t, b, document)
	update(t, b, name, func(freshet.Connection, freshet.Save) error {
		for range 3 { // a canceled wait must not leave anything that blocks the next one
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			err := b.Store.Update(ctx, name,
				mustNotRun(t,
					"two callers update one connection: one has stopped waiting and does not have the lock"))
			cancel()
			if err == nil {
				t.Error("Update returned nil without the lock")
			}
		}
		return nil
	})
	update(t, b, name, func(freshet.Connection, freshet.Save) error { return nil })
}

// testContext checks that a change gets a context that does not end with the caller's.
func testContext(t *testing.T, b Backend) {
	name := add(t, b, document)
	ctx, cancel := context.WithCancel(t.Context())
	err := b.Store.Update(ctx, name, func(inner context.Context, c freshet.Connection, save freshet.Save) error {
		cancel()
		if err := inner.Err(); err != nil {
			t.Errorf("the change's context ended with the caller's (%v): "+
				"a refresh would end between the provider's reply and the save", err)
		}
		c.Token = withRefreshToken(t, c.Token, "r-1")
		if err := save(c); err != nil {
			t.Errorf("the save failed when the caller's context ended: %v; "+
				"the old refresh token is spent, and the new one lost", err)
		}
		if _, err := b.Store.Get(inner, name); err != nil {
			t.Errorf("reading again under the lock: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Errorf("the update failed when the caller's context ended: %v", err)
	}
}

// testFailedChange checks that Update returns the error of the change, and keeps what was saved before.
func testFailedChange(t *testing.T, b Backend) {
	name := add(t, b, document)
	want := errors.New("no")
	err := b.Store.Update(t.Context(), name,
		func(context.Context, freshet.Connection, freshet.Save) error { return want })
	if !errors.Is(err, want) {
		t.Errorf("Update returned %v, want the change's error", err)
	}
	if got := string(get(t, b, name).Token.Bytes()); got != document {
		t.Errorf("a change that failed without saving left %q", got)
	}

	err = b.Store.Update(t.Context(), name, func(_ context.Context, c freshet.Connection, save freshet.Save) error {
		c.Token = withRefreshToken(t, c.Token, "r-1")
		return errors.Join(save(c), want)
	})
	if !errors.Is(err, want) {
		t.Errorf("Update returned %v, want the change's error", err)
	}
	if got := get(t, b, name).Token.RefreshToken(); got != oauth.Secret("r-1") {
		t.Error("a change that failed after its save undid the save: " +
			"there must be no rollback after Save returned nil")
	}
}

// testOverwrite checks that a save of the journal leaves a newer token alone, and that a save of a token
// returns ErrChanged.
func testOverwrite(t *testing.T, b Backend) {
	name := add(t, b, document)
	foreign := parse(t, `{"access_token":"f","refresh_token":"f-0"}`)
	update(t, b, name, func(c freshet.Connection, save freshet.Save) error {
		c.Pending = newPending(c)
		if err := save(c); err != nil {
			return err
		}
		b.Overwrite(t, name, foreign)
		marked := *c.Pending
		marked.Problem = "no answer"
		c.Pending = &marked
		if err := save(c); err != nil {
			return err
		}
		if got := get(t, b, name); !got.Token.Equal(foreign) {
			t.Error("saving the journal replaced the token: a login that was just made would be lost")
		}
		stale := c
		stale.Token, stale.Pending = withRefreshToken(t, c.Token, "r-1"), nil
		if err := save(stale); !errors.Is(err, freshet.ErrChanged) {
			t.Errorf("saving over a token that is newer than Version: %v, want ErrChanged; "+
				"compare and save must be one step", err)
		}
		c = get(t, b, name)
		c.Token = withRefreshToken(t, c.Token, "f-1")
		return save(c)
	})
	if got := get(t, b, name).Token.RefreshToken(); got != oauth.Secret("f-1") {
		t.Error("saving over the newer token after reading it did not replace it")
	}
}
