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

// Source hands out the tokens of one connection. Get one from [Keeper.Source] and keep it where the
// connection is used often: that saves a map lookup. Safe for use by many goroutines.
//
// Who refreshes the cached token depends on its state:
//
//	state      begins                       Token returns          who refreshes
//	fresh      with the token               it                     no one
//	stale      after 2/3 of the lifetime    it                     Run at its pace, or a flight
//	mandatory  1/20 of the lifetime, or a   it                     a flight
//	           minute, before it expires
//	closing    1/10 of the lifetime, or     the flight's, or it    a flight, awaited
//	           10 s, before it expires,     if the flight fails
//	           or Config.MinTTL
//	expired    at its expiry or revocation  the flight's, later    a flight, awaited
//
// A flight is a goroutine that all callers share. Token starts at most one a second. It reads the
// store first, so that a refresh by another process suffices, and is not canceled when its callers
// leave. Even for a fresh token one is started every minute, to read the store.
type Source struct {
	keeper    *Keeper
	name      string
	cached    atomic.Pointer[cachedToken] // nil if unknown
	scheduled atomic.Bool                 // Run refreshes the connection
	inVain    atomic.Int64                // when an API last rejected what a rejection's refresh delivered

	mu         sync.Mutex
	refreshing *flight  // the last flight that may refresh, while it runs or if it failed
	reading    *flight  // likewise, of those that only read
	generation int      // incremented by local changes; results of older flights are discarded
	updated    int64    // [Keeper.sequence] when cached was last updated
	unsaved    *unsaved // a result that the store did not accept; nil if there is none
	failures   int      // flights in a row that ended with an error or a warning

	lastProblem      string    // the error that was last reported
	rejectedUntil    time.Time // NextAttempt of the last EventRejected
	reportedDeadline time.Time // the deadline that was last reported
	deadline         time.Time // the end of the refresh token, as last seen
	deadlineIssued   time.Time // when the token was issued that first had this deadline
}

// Name returns the name of the connection.
func (s *Source) Name() string { return s.name }

// String returns the name, so that printing a Source reveals nothing else.
func (s *Source) String() string { return s.name }

// Token returns a valid token. It waits for a refresh if there is none, or if it expires within
// [Config.MinTTL], by default 10 seconds, and then for as long as ctx allows. A token that is
// still valid after a failed refresh, or when ctx ends, is returned without an error: the failure is
// an event. It is also returned at once until the pause after a failure is over. Errors are those of
// [Refresher.Token], ctx's and [ErrClosed]. With an [*UnsavedError] the token is valid, unless it is
// zero.
//
// A fresh token costs one look at the clock: no lock, no system call, no allocation. It is the wall
// clock at every call, because a token also expires while the machine sleeps.
func (s *Source) Token(ctx context.Context) (Token, error) {
	if t := s.cached.Load(); t != nil && t.needsNoCheck() && !s.keeper.closed.Load() {
		return t.token, nil
	}
	return s.tokenSlow(ctx)
}

// TokenUntil is Token, and also returns when the token expires, or the zero time if that is
// unknown. An API may reject the token earlier, if it was revoked or replaced.
func (s *Source) TokenUntil(ctx context.Context) (Token, time.Time, error) {
	token, err := s.Token(ctx)
	if t := s.current().cached.Load(); t != nil && t.token == token && t.expiry != never {
		return token, time.Unix(0, t.expiry), err
	}
	return token, time.Time{}, err
}

// tokenSlow is the slow path of Token.
func (s *Source) tokenSlow(ctx context.Context) (Token, error) {
	if s.keeper.closed.Load() {
		return Token{}, ErrClosed
	}
	if current := s.current(); current != s {
		return current.Token(ctx)
	}
	t := s.cached.Load()
	if t == nil {
		if err := s.read(ctx); err != nil {
			return Token{}, err
		}
		t = s.cached.Load()
	}
	if t == nil {
		return s.wait(ctx, Options{})
	}
	switch now := time.Now().UnixNano(); {
	case now >= t.expiry:
		return s.wait(ctx, Options{})
	case now >= t.closingAt:
		return s.waitWhileValid(ctx, t)
	case s.scheduled.Load() && s.keeper.runs() && now < t.mandatoryAt:
		t.claimCheck(min(now+int64(maxCheckInterval), t.mandatoryAt)) // Run refreshes it
	case t.claimCheck(now + int64(minCheckInterval)):
		if _, _, err := s.joinOrStart(Options{}, 1, nil); err != nil {
			return Token{}, err
		}
	}
	return t.token, nil
}

// waitWhileValid waits for a refresh of a token that is about to expire. It returns the token that
// is cached then, which may be the old one, and waits longer only if that has expired.
func (s *Source) waitWhileValid(ctx context.Context, closing *cachedToken) (Token, error) {
	f, _, err := s.joinOrStart(Options{}, 1, nil)
	if err != nil {
		return Token{}, err
	}
	select {
	case <-f.finished:
		next := time.Now().Add(minCheckInterval).UnixNano()
		closing.nextCheck.Store(min(next, closing.expiry)) // in case it stays cached
	case <-ctx.Done():
	}
	s = s.current()
	if t := s.cached.Load(); t != nil && time.Now().UnixNano() < t.expiry {
		return t.token, nil
	}
	return s.wait(ctx, Options{})
}

// current returns the Source now registered under this name. It differs from s after the connection
// was deleted and created again, or if it did not exist.
func (s *Source) current() *Source {
	current, _ := s.keeper.sources.LoadOrStore(s.name, s)
	return current.(*Source)
}

// read reads the saved token, so that a caller who accepts that does not wait for a refresh.
func (s *Source) read(ctx context.Context) error {
	f, _, err := s.joinOrStart(Options{}, 0, nil)
	if err != nil {
		return err
	}
	select {
	case <-f.finished:
		return f.err
	case <-ctx.Done():
		return &waitError{s.name, ctx.Err()}
	}
}

// waitError reports that the caller's context ended while waiting. [net/url.Error] calls Timeout.
type waitError struct {
	name string
	err  error
}

func (e *waitError) Error() string {
	return fmt.Sprintf("waiting for a token of %s: %v", e.name, e.err)
}
func (e *waitError) Unwrap() error { return e.err }
func (e *waitError) Timeout() bool { return errors.Is(e.err, context.DeadlineExceeded) }

// Refresh returns another token than the rejected one, which an API refused. If rejected is "", it
// refreshes even a fresh token, unless the reply to the last refresh was lost and the saved access token
// is valid. A token that another process saved in the meantime is acceptable: the
// store is read before anything is sent. A provider may deliver the rejected token again. Errors
// are Token's.
//
// An API that rejects every token must not cause a refresh for every request. So a token that was
// refreshed less than a minute ago is not replaced because it was rejected, if the store remembers
// that refresh: the error is a [*RefreshError] that says so, its NextAttempt says until when, and
// there is an [EventRejected]. It is replaced if an API accepted it before, as a [Transport] saw,
// unless the last such refresh did not help.
func (s *Source) Refresh(ctx context.Context, rejected string) (Token, error) {
	s = s.current()
	t := s.cached.Load()
	if rejected != "" && t != nil && t.token.AccessToken() != rejected && t.needsNoCheck() && !s.keeper.closed.Load() {
		return t.token, nil
	}
	o := Options{Forced: rejected == "", Rejected: oauth.Secret(rejected)}
	o.worked = t != nil && o.rejects(t.token) && t.accepted.Load() &&
		time.Now().UnixNano()-s.inVain.Load() >= int64(refreshPause)
	return s.wait(ctx, o)
}

// refreshedInVain remembers that an API rejected the token that a refresh delivered because it had
// rejected the last one.
func (s *Source) refreshedInVain() { s.current().inVain.Store(time.Now().UnixNano()) }

// wait waits for a flight whose result satisfies the options.
func (s *Source) wait(ctx context.Context, o Options) (Token, error) {
	began := time.Now()
	for {
		f, _, err := s.joinOrStart(o, maxAttempts, nil)
		if err != nil {
			return Token{}, err
		}
		select {
		case <-f.finished:
			if f.satisfies(o, began) {
				return f.token()
			}
		case <-ctx.Done():
			return Token{}, &waitError{s.name, ctx.Err()}
		}
	}
}

// setCached caches the connection's token, if it has one, or the unsaved token if the store still
// has its predecessor. s.mu is held.
func (s *Source) setCached(c *Connection) {
	if s.unsaved != nil && c.Token.RefreshTokenHash() == s.unsaved.before {
		c = s.unsaved.connection
	}
	if c.Token.AccessToken() != "" {
		t := newCachedToken(c, s.failures, s.keeper.config.MinTTL, time.Now())
		t.sameDelivery(s.cached.Load())
		if s.unsaved != nil {
			t.retrySoon(s.failures) // it is lost if this process ends
		}
		s.cached.Store(t)
	}
	s.updated = s.keeper.sequence.Add(1)
}

// adoptListed caches a connection from a list of the store, and returns what is cached then. The
// cached token is kept if it was updated after the list was requested, at the given number of
// [Keeper.sequence].
func (s *Source) adoptListed(c *Connection, requested int64) *cachedToken {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.cached.Load()
	if s.updated > requested || s.unsaved != nil || t != nil && c.Saved.Before(t.saved) || c.Token.AccessToken() == "" {
		return t
	}
	if listed := newCachedToken(c, s.failures, s.keeper.config.MinTTL, time.Now()); t == nil || !listed.sameAs(t) {
		listed.sameDelivery(t)
		s.cached.Store(listed)
	}
	return s.cached.Load()
}

// invalidate drops the cached token and the results of flights that are under way: the store has
// something newer.
func (s *Source) invalidate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.generation++
	s.updated = s.keeper.sequence.Add(1)
	s.cached.Store(nil)
	if s.refreshing != nil {
		s.refreshing.preempt()
	}
}

// isFailing reports whether the last flight ended with an error or a warning.
func (s *Source) isFailing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failures > 0
}
