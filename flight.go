package freshet

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// flight is one question to the refresher, which many callers may wait for. It ends in its own time, whoever leaves.
type flight struct {
	demand     Demand
	attempts   int                // that it may make; with none it only reads what is saved
	forgets    int                // the source's when it began
	endWaiting context.CancelFunc // for others and for the next attempt; an exchange is finished
	hurried    atomic.Bool        // somebody ended it, who has something better
	done       func()             // called when it has landed; may be nil
	landed     chan struct{}

	// Set before landed is closed.
	answer Answer
	err    error
	at     time.Time
}

// join returns the flight that is under way, whatever it is for, or starts one for the demand with so many attempts; with none it
// only reads. done is called when that has landed, or at once if none was started.
func (s *Source) join(d Demand, attempts int, done func()) (*flight, error) {
	f, started, err := s.start(d, attempts, done)
	if !started && done != nil {
		done()
	}
	return f, err
}

func (s *Source) start(d Demand, attempts int, done func()) (f *flight, started bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	slot := &s.flight
	if attempts == 0 {
		slot = &s.reading
	}
	if f := *slot; f != nil && f.forgets == s.forgets && (!f.hasLanded() || f.failedJustNow(d, attempts)) {
		if d.Forced && !f.demand.Forced {
			f.hurry() // whoever insists does not wait for the pause that a provider asked for
		}
		return f, false, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), DefaultPatience)
	f = &flight{demand: d, attempts: attempts, forgets: s.forgets, endWaiting: cancel, done: done, landed: make(chan struct{})}
	if err := s.keeper.start(func() { s.fly(ctx, f) }, attempts > 0); err != nil {
		cancel()
		return nil, false, err
	}
	*slot = f
	return f, true, nil
}

// fly is the flight itself, in a goroutine of its own: no caller can end it. ctx ends its waiting alone.
func (s *Source) fly(ctx context.Context, f *flight) {
	defer f.endWaiting()
	if f.attempts == 0 {
		f.answer.Connection, f.err = s.keeper.refresher.Store.Get(ctx, s.name)
	} else {
		s.refresh(ctx, f)
	}
	f.err = withName(s.name, f.err)
	f.err = s.keeper.orClosed(f.err)
	s.land(f)
	s.tellDeadline(f.answer.Connection, time.Now())
	if f.done != nil {
		f.done()
	}
}

// refresh asks the refresher, and tells what came of it.
func (s *Source) refresh(ctx context.Context, f *flight) {
	if f.answer, f.err = s.saveLeft(ctx); f.err != nil {
		return
	}
	told := false
	f.answer, f.err = s.keeper.refresher.ask(ctx, s.name, f.demand, f.attempts, func(before Connection, answer Answer, err error) {
		told = true
		s.tellAttempt(before, answer, err)
	})
	if f.err != nil && !told {
		s.tellAttempt(Connection{}, f.answer, f.err)
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
	s.keepLeft(f)
	h, c := s.held.Load(), f.answer.Connection
	switch {
	case errors.Is(f.err, ErrNotFound), h == nil && c.Name == "" && isProblem(f.err): // or a name that no connection can have
		s.keeper.drop(s)
	case f.forgets != s.forgets:
		s.held.Store(nil)
	case h == nil, f.answer.Outcome == Refreshed, f.answer.Outcome == Recovered, !c.Saved.Before(h.saved):
		s.hold(c)
	}
	f.at = time.Now()
	close(f.landed)
	if f.err == nil && s.flight == f {
		s.flight = nil
	}
	if f.err == nil && s.reading == f {
		s.reading = nil
	}
}

// endWaiting ends the waiting of what is under way.
func (s *Source) endWaiting() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range []*flight{s.flight, s.reading} {
		if f != nil {
			f.endWaiting()
		}
	}
}

// hurry ends the waiting, because the caller has something better than what the flight waits for.
func (f *flight) hurry() {
	f.hurried.Store(true)
	f.endWaiting()
}

func (f *flight) hasLanded() bool {
	select {
	case <-f.landed:
		return true
	default:
		return false
	}
}

// failedJustNow reports whether the flight answers d, for as many attempts, with an error that would only be repeated. What is forced
// is tried, and what did not exist may exist by now.
func (f *flight) failedJustNow(d Demand, attempts int) bool {
	return f.err != nil && f.demand == d && f.attempts >= attempts && !d.Forced && !errors.Is(f.err, ErrNotFound) && !f.hurried.Load() &&
		time.Since(f.at) < lookPause
}

// meets reports whether what the flight brought is what a caller who has waited since began wants.
func (f *flight) meets(d Demand, began time.Time) bool {
	c := f.answer.Connection
	switch {
	case f.err != nil && f.hurried.Load():
		return false
	case f.err != nil && f.attempts < maxAttempts:
		return errors.Is(f.err, ErrNotFound) // who waits is more patient
	case f.demand == d:
		return true
	case f.err != nil || d.rejects(c.Token):
		return false
	default:
		return !d.Forced || c.Health.LastSuccess.After(began)
	}
}

// token is what the flight's callers get.
func (f *flight) token() (Token, error) {
	if f.err != nil && (!isUnsaved(f.err) || f.answer.Outcome == "") {
		return Token{}, f.err
	}
	return f.answer.Connection.Token, f.err
}

// left is a refresh whose result could be saved nowhere: it exists in this process's memory alone. What the store has is its spent
// predecessor, which must not be sent.
type left struct {
	connection Connection // with the new token
	spent      string     // [Token.RefreshTokenHash] of the predecessor
}

// keepLeft remembers what the flight could not save. s.mu is held.
func (s *Source) keepLeft(f *flight) {
	unsaved, ok := errors.AsType[*UnsavedError](f.err)
	if ok && unsaved.Place == "" && unsaved.spent != "" && f.answer.Connection.Token.RefreshTokenHash() != unsaved.spent {
		s.left = &left{f.answer.Connection, unsaved.spent}
	}
}

// saveLeft saves what is left, or says that it still cannot. If somebody has logged in meanwhile, it is of no use any more.
func (s *Source) saveLeft(ctx context.Context) (Answer, error) {
	s.mu.Lock()
	l := s.left
	s.mu.Unlock()
	if l == nil {
		return Answer{}, nil
	}
	err := s.keeper.refresher.Store.Update(ctx, s.name, func(_ context.Context, c Connection, save Save) error {
		if c.Token.RefreshTokenHash() != l.spent {
			return nil
		}
		next := l.connection
		next.Registration, next.Saved, next.Version = c.Registration, c.Saved, c.Version
		return save.withoutSecret()(next)
	})
	if err != nil && !errors.Is(err, ErrNotFound) {
		err = l.connection.redact(err)
		return Answer{Connection: l.connection, Outcome: Refreshed}, &UnsavedError{Name: s.name, Err: err}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left == l {
		s.left = nil
	}
	return Answer{}, nil
}

// lastPatience is how long Close tries to save what is left.
const lastPatience = 10 * time.Second

// insistOnLeft saves what is left, trying until ctx ends.
func (s *Source) insistOnLeft(ctx context.Context) error {
	pause := time.NewTicker(lookPause)
	defer pause.Stop()
	for {
		_, err := s.saveLeft(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-pause.C:
		case <-ctx.Done():
		}
		if ctx.Err() != nil { // also if both are so far: another attempt would only tell that there is no time
			s.keeper.refresher.log().Error("a refresh could not be saved, and is lost with this process", "connection", s.name, "error", err)
			return err
		}
	}
}

// saveAllLeft insists before the program ends.
func (k *Keeper) saveAllLeft() error {
	ctx, cancel := context.WithTimeout(context.Background(), lastPatience)
	defer cancel()
	var saving []chan error
	for _, value := range k.sources.Range {
		s := value.(*Source)
		s.mu.Lock()
		nothing := s.left == nil
		s.mu.Unlock()
		if nothing {
			continue
		}
		saved := make(chan error, 1)
		saving = append(saving, saved)
		go func() { saved <- s.insistOnLeft(ctx) }()
	}
	var all error
	for _, saved := range saving {
		all = errors.Join(all, <-saved)
	}
	return all
}
