package freshet

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
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

// held is a token in memory, with the times worked out once. It never changes.
type held struct {
	token    Token
	provider *provider.Provider
	quiet    int64 // until this wall-clock time, in nanoseconds since 1970, there is nothing to do but to hand the token out
	expiry   int64 // likewise
	urgent   int64 // a little before
	due      int64 // when a refresh in the background is called for
	near     int64 // when the end of the refresh token is near
	saved    time.Time
	lifetime time.Duration
	faked    bool // the clock is a test's, which the operating system does not know

	presented atomic.Pointer[presentation]
}

const (
	// lookPause is the least time between two looks at the store for one connection, and how long a failure is remembered.
	lookPause = time.Second
	// lookEvery is how often a token that is in use is compared with the store: another process may have replaced it.
	lookEvery = time.Minute
	never     = math.MaxInt64
)

// Token returns a valid token. It waits, for as long as ctx allows, only when there is none. Errors are those of
// [Refresher.Ask], ctx's and [ErrClosed]; with an [*UnsavedError] the token, if there is one, is good all the same.
//
// A fresh token costs a look at the clock: no lock, no system call, nothing allocated. The clock is the wall clock at every call,
// and nothing that was measured before, because a token also expires while the machine sleeps.
func (s *Source) Token(ctx context.Context) (Token, error) {
	if h := s.held.Load(); h != nil && h.now() < h.quiet && !s.keeper.closed.Load() {
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
	case now < h.quiet:
	case s.paced.Load() && s.keeper.runs() && now < h.urgent:
		// Run does it, at its own pace.
		s.held.CompareAndSwap(h, h.quietUntil(min(now+int64(lookEvery), h.urgent)))
	case s.held.CompareAndSwap(h, h.quietUntil(now+int64(lookPause))):
		if _, err := s.join(Demand{}, maxAttempts); err != nil {
			return Token{}, err
		}
	}
	return h.token, nil
}

// load reads what is saved, so that nobody waits for a refresh who can do with that.
func (s *Source) load(ctx context.Context) error {
	f, err := s.join(Demand{}, 0)
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
	if rejected != "" && h != nil && h.token.AccessToken() != rejected && h.now() < h.quiet && !s.keeper.closed.Load() {
		return h.token, nil
	}
	return s.wait(ctx, Demand{Forced: rejected == "", Rejected: oauth.Secret(rejected)})
}

// wait waits for a flight that meets the demand.
func (s *Source) wait(ctx context.Context, d Demand) (Token, error) {
	began := time.Now()
	for {
		f, err := s.join(d, maxAttempts)
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

// join returns the flight that is under way, whatever it is for, or starts one for the demand with so many attempts; with none it
// only reads.
func (s *Source) join(d Demand, attempts int) (*flight, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.flight; f != nil && (!f.hasLanded() || f.failedJustNow(d, attempts)) {
		return f, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), DefaultPatience)
	f := &flight{demand: d, attempts: attempts, generation: s.generation, hurry: cancel, landed: make(chan struct{})}
	if err := s.keeper.begin(func() { s.fly(ctx, f) }, attempts == 0); err != nil {
		cancel()
		return nil, err
	}
	s.flight = f
	return f, nil
}

// fly is the flight itself, in a goroutine of its own: no caller can end it. ctx ends its waiting alone.
func (s *Source) fly(ctx context.Context, f *flight) {
	defer f.hurry()
	k := s.keeper
	var events []Event
	if f.attempts == 0 {
		f.answer.Connection, f.err = k.refresher.Store.Get(ctx, s.name)
		f.err = named(s.name, f.err)
	} else {
		f.answer, f.err = k.refresher.ask(ctx, s.name, f.demand, f.attempts, func(before Connection, answer Answer, err error) {
			events = append(events, attempted(before, answer, err)...)
		})
	}
	if k.closed.Load() && errors.Is(f.err, context.Canceled) {
		f.err = ErrClosed
	}
	s.land(f)
	if near, ok := s.nearDeadline(f.answer.Connection, time.Now()); ok {
		events = append(events, near)
	}
	for _, e := range events {
		if !s.repeats(e) {
			k.tell(e)
		}
	}
}

// land publishes what the flight brought, which is saved by now.
func (s *Source) land(f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.err == nil && f.answer.Warning == nil {
		s.failures = 0
	} else {
		s.failures++
	}
	if errors.Is(f.err, ErrNotFound) {
		s.held.Store(nil)
		s.keeper.drop(s)
	} else if f.generation == s.generation {
		s.hold(f.answer.Connection)
	}
	f.land()
	if f.err == nil {
		s.flight = nil
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

// hurry ends the waiting of the flight that is under way.
func (s *Source) hurry() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flight != nil {
		s.flight.hurry()
	}
}

// newHeld works out the times of a connection's token.
func newHeld(c Connection, due, now time.Time) *held {
	h := &held{token: c.Token, provider: c.Vendor(), saved: c.Saved, expiry: never, due: never, near: never, faked: clockIsFaked(now)}
	if e := c.Expiry(now); !e.At.IsZero() {
		h.expiry = e.At.UnixNano()
		if !e.Issued.IsZero() {
			h.lifetime = e.At.Sub(e.Issued)
		}
	}
	if c.Revoked() || c.Token.bound() || c.Unsettled {
		h.expiry = 0 // of no use, whatever it says
	}
	h.urgent = h.expiry - int64(min(h.lifetime/20, time.Minute))
	if !due.IsZero() {
		h.due = due.UnixNano()
	}
	if end, _ := c.RefreshExpiry(now); !end.IsZero() {
		h.near = c.nearEnd(end, now).UnixNano()
	}
	earliest, latest := now.Add(lookPause).UnixNano(), now.Add(lookEvery).UnixNano()
	h.quiet = min(max(h.due, earliest), latest, h.expiry)
	return h
}

// quietUntil is h when somebody is looking after it already.
func (h *held) quietUntil(at int64) *held {
	next := &held{
		token: h.token, provider: h.provider, saved: h.saved, expiry: h.expiry, urgent: h.urgent, due: h.due, near: h.near, lifetime: h.lifetime,
		faked: h.faked, quiet: min(at, h.expiry),
	}
	next.presented.Store(h.presented.Load())
	return next
}

// now is the wall clock, which is what tokens expire by.
func (h *held) now() int64 {
	if h.faked {
		return time.Now().UnixNano()
	}
	return wallClock()
}
