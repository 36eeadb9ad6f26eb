package storetest

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
)

// longestUpdate is how long a store must exclude other updates: a request takes at most
// [freshet.ExchangeTimeout], and a result is saved again if that fails.
const longestUpdate = freshet.ExchangeTimeout + 15*time.Second

// testLongUpdate tests an update that takes as long as a refresh may take. In a store in memory it
// takes no real time.
func testLongUpdate(t *testing.T, setup func(t *testing.T) Backend) {
	b := setup(t)
	if b.Reopen == nil {
		synctest.Test(t, func(t *testing.T) { longUpdate(t, setup(t), longestUpdate) })
		return
	}
	hold := longestUpdate
	if b.Lease > 0 {
		hold = min(hold, 2*b.Lease+time.Second)
	}
	if testing.Short() {
		hold = time.Second
	}
	longUpdate(t, b, hold)
}

// longUpdate checks what happens to an update while another one waits. Two ways are correct:
//
//   - The other one waits until the first has ended: the lock has no time limit, is renewed, or lasts
//     for longestUpdate.
//   - The lock is lost, and the other one begins. Before that, the context of the first has ended,
//     which ends its request. It saves nothing more.
func longUpdate(t *testing.T, b Backend, hold time.Duration) {
	name, other := add(t, b, document), b.reopen(t)
	lost := make(chan bool, 1) // the other update has begun, and whether the context had ended
	otherErr := make(chan error, 1)
	began := time.Now()
	err := b.Store.Update(t.Context(), name, func(ctx context.Context, c freshet.Connection, save freshet.Save) error {
		c.Pending = newPending(c)
		if err := save(c); err != nil {
			return err
		}
		c.Token, c.Pending = withRefreshToken(t, c.Token, "r-1"), nil
		go func() {
			wait, cancel := context.WithTimeout(t.Context(), hold+b.Lease+timeout)
			defer cancel()
			otherErr <- other.Update(wait, name, func(_ context.Context, c freshet.Connection, save freshet.Save) error {
				lost <- ctx.Err() != nil
				c.Pending = newPending(c)
				return save(c)
			})
		}()
		select {
		case <-time.After(hold):
			return save(c)
		case ended := <-lost:
			if !ended {
				t.Errorf("after %v another update of the connection began, and the context of the first had not ended: "+
					"both would send the refresh token. Renew the lock, let it last for %v, or end the context with it",
					time.Since(began), longestUpdate)
			}
			if err := <-otherErr; err != nil {
				t.Errorf("the second update: %v", err)
			}
			if err := save(c); !errors.Is(err, freshet.ErrChanged) {
				t.Errorf("a save of the update that had lost its lock returned %v, want ErrChanged: "+
					"it would replace what the second update saved", err)
			}
			otherErr <- nil
			return nil
		}
	})
	if err = errors.Join(err, <-otherErr); err != nil {
		t.Errorf("two updates, of which the first took %v: %v; both must succeed, one after the other", hold, err)
	}
}
