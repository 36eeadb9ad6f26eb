package freshet

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// Keeper hands out the access tokens of a store's connections to a program that runs for longer. It keeps them in memory,
// refreshes a stale one in the background while it is still valid, and lets callers wait only for one that is not. Safe
// for use by many goroutines.
type Keeper struct {
	refresher Refresher

	mu      sync.Mutex
	held    map[string]held
	flights map[flightKey]*flight
	closed  bool
	flying  sync.WaitGroup
}

// held is the keeper's copy of a token, with the times worked out once.
type held struct {
	token  Token
	stale  time.Time // zero: never
	expiry time.Time // zero: not known
	look   time.Time // a background flight is of no use before
}

// lookPause is the least time between two background flights for one connection.
const lookPause = time.Second

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// ErrClosed is returned by a [Keeper] that was closed.
var ErrClosed = errors.New("the keeper is closed")

// NewKeeper returns a keeper that refreshes as r says; r.Store must be set. It starts nothing.
func NewKeeper(r Refresher) *Keeper {
	r.clients = &clients{all: map[oauth.HTTPConfig]*http.Client{}}
	return &Keeper{refresher: r, held: map[string]held{}, flights: map[flightKey]*flight{}}
}

// Token returns a valid token of the connection. It waits, for as long as ctx allows, only when there is none. Errors are
// those of [Refresher.Ask], ctx's and [ErrClosed]; with an [*UnsavedError] the token, if
// there is one, is good all the same.
func (k *Keeper) Token(ctx context.Context, name string) (Token, error) {
	now := time.Now().Round(0) // the wall clock: a token expires while the machine sleeps
	k.mu.Lock()
	if k.closed {
		k.mu.Unlock()
		return Token{}, ErrClosed
	}
	h, ok := k.held[name]
	fresh := ok && (h.stale.IsZero() || now.Before(h.stale))
	valid := ok && (h.expiry.IsZero() || now.Before(h.expiry))
	look := valid && !fresh && !now.Before(h.look)
	if look {
		h.look = now.Add(lookPause)
		k.held[name] = h
	}
	k.mu.Unlock()

	if look {
		_, _ = k.flight(name, Demand{})
	}
	if valid {
		return h.token, nil
	}
	return k.wait(ctx, name, Demand{})
}

// Refresh returns another token than the rejected one, which an API refused; when rejected is "", it refreshes in any case.
func (k *Keeper) Refresh(ctx context.Context, name, rejected string) (Token, error) {
	return k.wait(ctx, name, Demand{Forced: rejected == "", Rejected: oauth.Secret(rejected)})
}

func (k *Keeper) wait(ctx context.Context, name string, d Demand) (Token, error) {
	f, err := k.flight(name, d)
	if err != nil {
		return Token{}, err
	}
	select {
	case <-f.landed:
		var unsaved *UnsavedError
		if f.err != nil && (!errors.As(f.err, &unsaved) || f.answer.Outcome == "") {
			return Token{}, f.err
		}
		return f.answer.Connection.Token, f.err
	case <-ctx.Done():
		return Token{}, ctx.Err()
	}
}

// flight is one question to the refresher, which many callers may wait for.
type flight struct {
	landed chan struct{}
	answer Answer
	err    error
}

// flight starts asking for the demand, or joins those who already do. It ends in its own time, whoever leaves.
func (k *Keeper) flight(name string, d Demand) (*flight, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return nil, ErrClosed
	}
	key := flightKey{name, d.Forced, hashOf(string(d.Rejected))}
	if f, ok := k.flights[key]; ok {
		return f, nil
	}
	f := &flight{landed: make(chan struct{})}
	k.flights[key] = f
	k.flying.Go(func() {
		f.answer, f.err = k.refresher.Ask(context.Background(), name, d)
		k.land(key, f)
	})
	return f, nil
}

type flightKey struct {
	name     string
	forced   bool
	rejected string // its hash
}

func (k *Keeper) land(key flightKey, f *flight) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.flights, key)
	if c := f.answer.Connection; c.Token.AccessToken() != "" {
		e := c.Expiry(time.Now())
		k.held[key.name] = held{token: c.Token, stale: e.StaleAt(c.Token.AccessToken()), expiry: e.At, look: laterOf(c.Health.NextAttempt, time.Now().Add(lookPause))}
	}
	close(f.landed)
}

// Close starts nothing new, and waits until what is on the wire is saved, or ctx ends.
func (k *Keeper) Close(ctx context.Context) error {
	k.mu.Lock()
	k.closed = true
	k.mu.Unlock()
	landed := make(chan struct{})
	go func() {
		k.flying.Wait()
		close(landed)
	}()
	select {
	case <-landed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
