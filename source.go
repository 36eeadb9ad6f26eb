package freshet

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// Source hands out the tokens of one connection. Make one with [Keeper.Source] and keep it where the connection is used often:
// it saves the look into a map. Safe for use by many goroutines.
type Source struct {
	keeper *Keeper
	name   string
	held   atomic.Pointer[held] // nil when nothing is known
	paced  atomic.Bool          // Run knows of the connection

	mu         sync.Mutex
	flight     *flight   // the one under way, else the last that failed
	generation int       // counts how often the store had something newer than a flight under way may bring
	failures   int       // flights in a row that brought an error or a warning
	told       string    // the last problem, which is told once
	warned     time.Time // the last deadline that was near, likewise
}

// Name returns the name of the connection.
func (s *Source) Name() string { return s.name }

// String returns the name: what else is in a source is nobody's business.
func (s *Source) String() string { return s.name }

// Token returns a valid token. It waits, for as long as ctx allows, only when there is none. Errors are those of
// [Refresher.Ask], ctx's and [ErrClosed]; with an [*UnsavedError] the token, if there is one, is good all the same.
//
// A fresh token costs a look at the clock: no lock, no system call, nothing allocated. The clock is the wall clock at every call,
// and nothing that was measured before, because a token also expires while the machine sleeps.
func (s *Source) Token(ctx context.Context) (Token, error) {
	if h := s.held.Load(); h != nil && h.isQuiet() && !s.keeper.closed.Load() {
		return h.token, nil
	}
	return s.look(ctx)
}

// TokenUntil is Token, and tells when the token expires, as far as anybody knows; the zero time says that nobody does. It may be of
// no use earlier: an API refuses a token that was revoked or replaced.
func (s *Source) TokenUntil(ctx context.Context) (Token, time.Time, error) {
	token, err := s.Token(ctx)
	if h := s.held.Load(); h != nil && h.token == token && h.expiry != never {
		return token, time.Unix(0, h.expiry), err
	}
	return token, time.Time{}, err
}

// look is Token when there may be something to do.
func (s *Source) look(ctx context.Context) (Token, error) {
	if s.keeper.closed.Load() {
		return Token{}, ErrClosed
	}
	h := s.held.Load()
	if h == nil {
		if err := s.load(ctx); err != nil {
			return Token{}, err
		}
		h = s.held.Load()
	}
	if h == nil {
		return s.wait(ctx, Demand{})
	}
	switch now := h.now(); {
	case now >= h.expiry:
		return s.wait(ctx, Demand{})
	case s.paced.Load() && s.keeper.runs() && now < h.urgent:
		h.quietUntil(min(now+int64(lookEvery), h.urgent)) // Run does it, at its own pace
	case h.quietUntil(now + int64(lookPause)):
		if _, err := s.join(Demand{}, 1, nil); err != nil {
			return Token{}, err
		}
	}
	return h.token, nil
}

// load reads what is saved, so that nobody waits for a refresh who can do with that.
func (s *Source) load(ctx context.Context) error {
	f, err := s.join(Demand{}, 0, nil)
	if err != nil {
		return err
	}
	select {
	case <-f.landed:
		if f.attempts == 0 {
			return f.err
		}
		return nil
	case <-ctx.Done():
		return s.errWaiting(ctx)
	}
}

func (s *Source) errWaiting(ctx context.Context) error {
	return fmt.Errorf("waiting for a token of %s: %w", s.name, ctx.Err())
}

// Refresh returns another token than the rejected one, which an API refused; when rejected is "", it refreshes in any case. A
// token that another process has saved meanwhile will do: it is looked for before anything is sent. Errors are Token's.
func (s *Source) Refresh(ctx context.Context, rejected string) (Token, error) {
	h := s.held.Load()
	if rejected != "" && h != nil && h.token.AccessToken() != rejected && h.isQuiet() && !s.keeper.closed.Load() {
		return h.token, nil
	}
	return s.wait(ctx, Demand{Forced: rejected == "", Rejected: oauth.Secret(rejected)})
}

// wait waits for a flight that meets the demand.
func (s *Source) wait(ctx context.Context, d Demand) (Token, error) {
	began := time.Now()
	for {
		f, err := s.join(d, maxAttempts, nil)
		if err != nil {
			return Token{}, err
		}
		select {
		case <-f.landed:
			if f.meets(d, began) {
				return f.token()
			}
		case <-ctx.Done():
			return Token{}, s.errWaiting(ctx)
		}
	}
}

// hold keeps the connection's token in memory, if it has one.
func (s *Source) hold(c Connection) {
	if c.Token.AccessToken() == "" {
		return
	}
	now := time.Now()
	due := c.due(now)
	if s.failures > 0 && !due.IsZero() {
		// Not every failure is in the health, for everybody to respect: a disk that is full cannot be written to.
		due = laterOf(due, now.Add(retryDelay(s.failures, rand.Float64())))
	}
	s.held.Store(newHeld(c, due, now))
	s.keeper.sources.LoadOrStore(s.name, s) // it may have been dropped before the connection was made
}

// adopt takes over what the store has, unless that was read before what is held was saved. It returns what is held then.
func (s *Source) adopt(c Connection) *held {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.held.Load(); h == nil || c.Saved.After(h.saved) {
		s.hold(c)
	}
	return s.held.Load()
}

// forget drops what is held: the store has something newer.
func (s *Source) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.generation++
	s.held.Store(nil)
}
