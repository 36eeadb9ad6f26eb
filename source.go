package freshet

import (
	"context"
	"errors"
	"fmt"
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

	mu       sync.Mutex
	flight   *flight   // the one that refreshes and is under way, else the last that failed
	reading  *flight   // likewise, one that only reads
	forgets  int       // how often the connection was changed from here, so that what a flight under way brings is of no use
	stamp    int64     // counts, among all sources, when what is held was last found out
	left     *left     // what is yet to be saved
	failures int       // flights in a row that brought an error or a warning
	told     string    // the last problem, which is told once
	warned   time.Time // the last deadline that was near, likewise
	end      time.Time // of the refresh token, as last seen
	ending   time.Time // when the token was issued with which that end was first seen
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
	if h := s.kept().held.Load(); h != nil && h.token == token && h.expiry != never {
		return token, time.Unix(0, h.expiry), err
	}
	return token, time.Time{}, err
}

// look is Token when there may be something to do.
func (s *Source) look(ctx context.Context) (Token, error) {
	if s.keeper.closed.Load() {
		return Token{}, ErrClosed
	}
	if kept := s.kept(); kept != s {
		return kept.Token(ctx)
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
	switch now := time.Now().UnixNano(); {
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

// kept is the source of the name that the keeper has. It is another than s if the connection was deleted and made anew, or had not
// existed.
func (s *Source) kept() *Source {
	kept, _ := s.keeper.sources.LoadOrStore(s.name, s)
	return kept.(*Source)
}

// load reads what is saved, so that nobody waits for a refresh who can do with that.
func (s *Source) load(ctx context.Context) error {
	f, err := s.join(Demand{}, 0, nil)
	if err != nil {
		return err
	}
	select {
	case <-f.landed:
		return f.err
	case <-ctx.Done():
		return s.errWaiting(ctx)
	}
}

func (s *Source) errWaiting(ctx context.Context) error { return &waitError{s.name, ctx.Err()} }

// waitError is a caller's own leaving. [net/url.Error] asks it for Timeout.
type waitError struct {
	name string
	err  error
}

func (e *waitError) Error() string {
	return fmt.Sprintf("waiting for a token of %s: %v", e.name, e.err)
}
func (e *waitError) Unwrap() error { return e.err }
func (e *waitError) Timeout() bool { return errors.Is(e.err, context.DeadlineExceeded) }

// Refresh returns another token than the rejected one, which an API refused; when rejected is "", it refreshes in any case. A
// token that another process has saved meanwhile will do: it is looked for before anything is sent. A provider may answer with the
// rejected token again. Errors are Token's.
//
// An API that refuses every token must not make every request a refresh. So a token that a refresh delivered less than a minute ago
// is not replaced because it was rejected, where the store remembers that refresh: the error is a [*RefreshError] that says so.
func (s *Source) Refresh(ctx context.Context, rejected string) (Token, error) {
	s = s.kept()
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

// hold keeps the connection's token in memory, if it has one. s.mu is held.
func (s *Source) hold(c Connection) {
	if s.left != nil && c.Token.RefreshTokenHash() == s.left.spent {
		c = s.left.connection
	}
	if c.Token.AccessToken() != "" {
		h := newHeld(c, s.failures, time.Now())
		if s.left != nil {
			h.retry(s.failures) // it dies with this process
		}
		s.held.Store(h)
	}
	s.stamp = s.keeper.stamps.Add(1)
}

// adopt takes over what the store had when the stamp was the newest, unless something newer is held by now. It returns what is held
// then.
func (s *Source) adopt(c Connection, stamp int64) *held {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.held.Load()
	if s.stamp > stamp || s.left != nil || h != nil && c.Saved.Before(h.saved) || c.Token.AccessToken() == "" {
		return h
	}
	if fresh := newHeld(c, s.failures, time.Now()); h == nil || !fresh.says(h) {
		s.held.Store(fresh)
	}
	return s.held.Load()
}

// forget drops what is held, and what a flight under way brings: the store has something newer.
func (s *Source) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgets++
	s.stamp = s.keeper.stamps.Add(1)
	s.held.Store(nil)
	if s.flight != nil {
		s.flight.hurry()
	}
}

// isFailing reports whether the last flight brought an error or a warning.
func (s *Source) isFailing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failures > 0
}
