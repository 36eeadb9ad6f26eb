package freshet

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// Keeper hands out the access tokens of a store's connections to a program that runs for longer. It keeps them in memory,
// refreshes a stale one in the background while it is still valid, and lets callers wait only for one that is not. However
// many callers, keepers and processes share a connection, its refresh token is presented once. Safe for use by many
// goroutines. The fields may be set before the first use.
type Keeper struct {
	// OnEvent is told of each [Event], one after the other, by a goroutine of its own: it delays nothing but [Keeper.Close], which
	// it must not call. Defaults to nobody.
	OnEvent func(Event)

	// MaxInFlight bounds the refreshes that [Keeper.Run] has on the wire at a time. Defaults to 64.
	MaxInFlight int

	refresher Refresher
	sources   sync.Map // by name: *Source; read without a lock
	running   atomic.Int32
	changed   chan struct{} // full when Run should look at the store
	closing   chan struct{} // closed by Close
	stamps    atomic.Int64
	events    events

	mu     sync.Mutex // orders what is started before what closes
	begun  time.Time  // when a refresh was last begun, by whomever
	closed atomic.Bool
	flying sync.WaitGroup
}

// Format prints nothing of what a keeper knows.
func (k *Keeper) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[keeper]") }

// ErrClosed is returned by a [Keeper] that was closed.
var ErrClosed = errors.New("the keeper is closed")

// NewKeeper returns a keeper that refreshes as r says, which it copies; it panics if r.Store is nil. It starts nothing. What only a
// keeper has to know, the fields of [Keeper], is set afterwards.
func NewKeeper(r Refresher) *Keeper {
	if r.Store == nil {
		panic("freshet.NewKeeper: a Refresher without a Store")
	}
	r.clients = &clients{all: map[oauth.HTTPConfig]*http.Client{}}
	return &Keeper{refresher: r, changed: make(chan struct{}, 1), closing: make(chan struct{})}
}

// Token returns a valid token of the connection: [Source.Token] after one look into a map.
func (k *Keeper) Token(ctx context.Context, name string) (Token, error) {
	return k.Source(name).Token(ctx)
}

// Refresh returns another token than the rejected one, as [Source.Refresh] does.
func (k *Keeper) Refresh(ctx context.Context, name, rejected string) (Token, error) {
	return k.Source(name).Refresh(ctx, rejected)
}

// Source returns the tokens of one connection. It neither looks whether the connection exists nor starts anything.
func (k *Keeper) Source(name string) *Source {
	s, ok := k.sources.Load(name)
	if !ok {
		s, _ = k.sources.LoadOrStore(name, &Source{keeper: k, name: name})
	}
	return s.(*Source)
}

// Client returns an HTTP client that sends the connection's access token along, and a new one when an API refuses it. hosts
// are those that the token may be sent to beside the connection's own; see [Transport].
func (k *Keeper) Client(name string, hosts ...string) *http.Client {
	return &http.Client{Transport: &Transport{Source: k.Source(name), Hosts: hosts}}
}

// Close starts nothing new, ends the waiting for others and for the next attempt, and waits until what is on the wire is saved
// and all events are told, or until ctx ends: then its error is ctx's, and refreshes may still be under way. What the store does not
// take it tries to save for ten seconds: an error that is an [*UnsavedError] tells of a refresh that ends with the process, unless
// Close is called again and saves it. What needs the store alone still works: Create, Configure, Delete, and Add.
func (k *Keeper) Close(ctx context.Context) error {
	k.mu.Lock()
	if !k.closed.Swap(true) {
		close(k.closing)
	}
	k.mu.Unlock()
	for _, s := range k.sources.Range {
		s.(*Source).endWaiting()
	}
	landed := make(chan error, 1)
	go func() {
		k.flying.Wait()
		landed <- k.saveAllLeft() // also of those that have just landed
	}()
	select {
	case err := <-landed:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// start runs f, for which Close waits, unless the keeper is closed.
func (k *Keeper) start(f func(), refreshes bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed.Load() {
		return ErrClosed
	}
	if refreshes {
		k.begun = time.Now()
	}
	k.flying.Go(f)
	return nil
}

// attend runs f for its caller, unless the keeper is closed. Close ends f's waiting for others, and waits for the rest of it.
func (k *Keeper) attend(ctx context.Context, f func(context.Context) error) error {
	k.mu.Lock()
	if k.closed.Load() {
		k.mu.Unlock()
		return ErrClosed
	}
	k.flying.Add(1)
	k.mu.Unlock()
	defer k.flying.Done()
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-k.closing:
			cancel()
		case <-waiting.Done():
		}
	}()
	err := f(waiting)
	if ctx.Err() != nil {
		return err
	}
	return k.orClosed(err)
}

// orClosed is err, or ErrClosed if it came of Close's ending the waiting. What could not be saved did not wait any more.
func (k *Keeper) orClosed(err error) error {
	if k.closed.Load() && errors.Is(err, context.Canceled) && !isUnsaved(err) {
		return ErrClosed
	}
	return err
}

// lastBegun is when a refresh was last begun.
func (k *Keeper) lastBegun() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.begun
}

// drop forgets a source whose connection does not exist: names may come from strangers. s.mu is held.
func (k *Keeper) drop(s *Source) {
	s.held.Store(nil)
	s.paced.Store(false)
	k.sources.CompareAndDelete(s.name, s)
}

// runs reports whether Run takes care of what is stale.
func (k *Keeper) runs() bool { return k.running.Load() > 0 }
