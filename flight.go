package freshet

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// flight is one read or refresh in flight, shared by its callers. It is not canceled when they
// leave.
type flight struct {
	options    Options
	attempts   int                // to refresh, at most; with 0 the flight only reads the store
	generation int                // the source's when the flight began
	endWaiting context.CancelFunc // for other processes and for the next attempt; a request is finished
	preempted  atomic.Bool        // a newer change or a forced refresh ended the waiting
	afterwards func()             // called when the flight has finished; may be nil
	finished   chan struct{}

	// Set before finished is closed. finishedAt is guarded by the lock of the source.
	result     *Result
	err        error
	finishedAt time.Time
}

// joinOrStart returns the flight that is under way, whatever it is for. If there is none, it starts
// one with the options and the given number of attempts; with 0 it only reads. afterwards is called
// when a flight that was started has finished; it may be nil.
func (s *Source) joinOrStart(o Options, attempts int, afterwards func()) (f *flight, started bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := &s.refreshing
	if attempts == 0 {
		last = &s.reading
	}
	if f := *last; f != nil && f.generation == s.generation && (f.finishedAt.IsZero() || f.justFailed(o, attempts)) {
		if o.Forced && !f.options.Forced {
			f.preempt() // a forced refresh does not wait for the next attempt
		}
		return f, false, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), DefaultTimeout)
	f = &flight{
		options: o, attempts: attempts, generation: s.generation,
		endWaiting: cancel, afterwards: afterwards, finished: make(chan struct{}),
	}
	if err := s.keeper.start(func() { s.run(ctx, f) }, attempts > 0); err != nil {
		cancel()
		return nil, false, err
	}
	*last = f
	return f, true, nil
}

// run is the flight's goroutine. ctx ends only its waiting.
func (s *Source) run(ctx context.Context, f *flight) {
	defer f.endWaiting()
	if f.attempts == 0 {
		f.result = new(Result)
		f.err = s.keeper.refresher.read(ctx, s.name, &f.result.Connection)
	} else {
		s.refresh(ctx, f)
	}
	f.err = s.keeper.orClosed(f.err)
	s.finish(f)
	s.reportDeadline(&f.result.Connection, time.Now())
	if f.afterwards != nil {
		f.afterwards()
	}
}

// refresh saves what is unsaved, and then asks the refresher and reports each attempt.
func (s *Source) refresh(ctx context.Context, f *flight) {
	if f.result, f.err = s.saveUnsaved(ctx); f.err != nil && !s.replaceUnsaved(f) {
		return
	}
	f.result, f.err = s.keeper.refresher.token(ctx, s.name, f.options, f.attempts, s)
	if f.err != nil && !f.result.reported {
		s.reportAttempt(nil, f.result, f.err)
	}
}

// finish caches the flight's result and hands it to the callers.
func (s *Source) finish(f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.err == nil && f.result.Warning == nil {
		s.failures = 0
	} else {
		s.failures++
	}
	s.rememberUnsaved(f)
	t, c := s.cached.Load(), &f.result.Connection
	switch {
	case errors.Is(f.err, ErrNotFound), t == nil && c.Name == "" && isProblem(f.err): // or the name is invalid
		s.keeper.drop(s)
	case f.generation != s.generation:
		s.cached.Store(nil)
	case t == nil, f.result.Outcome == Refreshed, f.result.Outcome == Recovered, !c.Saved.Before(t.saved):
		s.setCached(c)
	}
	f.finishedAt = time.Now()
	close(f.finished)
	if f.err == nil && s.refreshing == f {
		s.refreshing = nil
	}
	if f.err == nil && s.reading == f {
		s.reading = nil
	}
}

// endWaiting ends the waiting of the flights that are under way.
func (s *Source) endWaiting() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range []*flight{s.refreshing, s.reading} {
		if f != nil {
			f.endWaiting()
		}
	}
}

// preempt ends the flight's waiting in favor of a newer change or a forced refresh.
func (f *flight) preempt() {
	f.preempted.Store(true)
	f.endWaiting()
}

// justFailed reports whether the flight failed within the last second, so that another for d would
// only fail again. A forced refresh is tried, and a connection that did not exist may exist now.
func (f *flight) justFailed(o Options, attempts int) bool {
	return f.err != nil && time.Since(f.finishedAt) < minCheckInterval && f.options == o && f.attempts >= attempts &&
		!o.Forced && !f.preempted.Load() && !errors.Is(f.err, ErrNotFound)
}

// satisfies reports whether the flight's result can be given to a caller waiting since began, who
// allows maxAttempts:
//
//	result  the flight                 given to the caller
//	error   was preempted              never
//	error   allowed fewer attempts     if there is no such connection
//	any     had the same options       always
//	error   had other options          never
//	token   had other options          if acceptable; to a forced refresh if from after began
func (f *flight) satisfies(o Options, began time.Time) bool {
	c := &f.result.Connection
	switch {
	case f.err != nil && f.preempted.Load():
		return false
	case f.err != nil && f.attempts < maxAttempts:
		return errors.Is(f.err, ErrNotFound)
	case f.options == o:
		return true
	case f.err != nil || o.rejects(c.Token):
		return false
	default:
		return !o.Forced || c.Health.LastSuccess.After(began)
	}
}

// token returns the flight's token. A token that could not be saved is returned with the error.
func (f *flight) token() (Token, error) {
	if f.err != nil && (!isUnsaved(f.err) || f.result.Outcome == "") {
		return Token{}, f.err
	}
	return f.result.Connection.Token, f.err
}

// unsaved is the result of a refresh that only this process's memory has. The store has its
// predecessor, which must not be sent if it is spent.
type unsaved struct {
	connection  *Connection // with the new token
	before      string      // [Token.RefreshTokenHash] of the predecessor
	replaceable bool        // nothing was spent: another request brings another token
}

// rememberUnsaved keeps a result that the flight could not save. s.mu is held.
func (s *Source) rememberUnsaved(f *flight) {
	e, ok := errors.AsType[*UnsavedError](f.err)
	if ok && e.Place == "" && e.spent != "" && f.result.Connection.Token.RefreshTokenHash() != e.spent {
		s.unsaved = &unsaved{&f.result.Connection, e.spent, false}
	}
	if f.result.notSaved {
		s.unsaved = &unsaved{&f.result.Connection, f.result.savedHash, true}
	}
}

// saveUnsaved saves the unsaved result, if there is one. It is dropped if the store no longer has
// its predecessor: a login replaced it.
func (s *Source) saveUnsaved(ctx context.Context) (*Result, error) {
	s.mu.Lock()
	u := s.unsaved
	s.mu.Unlock()
	if u == nil {
		return nil, nil
	}
	err := s.keeper.refresher.Store.Update(ctx, s.name, func(_ context.Context, c Connection, save Save) error {
		if c.Token.RefreshTokenHash() != u.before {
			return nil
		}
		next := *u.connection
		next.Registration, next.Saved, next.Version = c.Registration, c.Saved, c.Version
		next.dropReadSecret()
		return save(next)
	})
	if err != nil && u.replaceable && !errors.Is(err, ErrNotFound) {
		return new(Result), errNotSaved(s.name, u.connection.redact(err))
	}
	if err != nil && !errors.Is(err, ErrNotFound) {
		err = &UnsavedError{Name: s.name, Err: u.connection.redact(err)}
		return &Result{Connection: *u.connection, Outcome: Refreshed}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unsaved == u {
		s.unsaved = nil
	}
	return nil, nil
}

// replaceUnsaved is called after the unsaved result could not be saved. If nothing was spent for
// it, the flight gets it with a warning if it satisfies the flight's options, or else it is
// dropped: then replaceUnsaved returns true, and another can be requested.
func (s *Source) replaceUnsaved(f *flight) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.unsaved
	if u == nil || !u.replaceable {
		return false
	}
	if _, done, err := f.options.settle(u.connection, time.Now()); done && err == nil {
		f.result = &Result{Connection: *u.connection, Outcome: Cached, Warning: f.err, notSaved: true, savedHash: u.before}
		f.err = nil
		return false
	}
	s.unsaved, f.err = nil, nil
	return true
}

// flushTimeout is how long Close tries to save unsaved results.
const flushTimeout = 10 * time.Second

// retryUnsaved tries to save the unsaved result until ctx ends.
func (s *Source) retryUnsaved(ctx context.Context) error {
	pause := time.NewTicker(minCheckInterval)
	defer pause.Stop()
	for {
		_, err := s.saveUnsaved(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-pause.C:
		case <-ctx.Done():
		}
		if ctx.Err() != nil { // check again: select picks randomly if both are ready
			s.keeper.refresher.log().Error("a refresh could not be saved, and is lost with this process",
				"connection", s.name, "error", err)
			return err
		}
	}
}

// flushUnsaved saves the unsaved results of all sources before the program ends.
func (k *Keeper) flushUnsaved() error {
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	var results []chan error
	for _, value := range k.sources.Range {
		s := value.(*Source)
		s.mu.Lock()
		saved := s.unsaved == nil || s.unsaved.replaceable
		s.mu.Unlock()
		if saved {
			continue
		}
		result := make(chan error, 1)
		results = append(results, result)
		go func() { result <- s.retryUnsaved(ctx) }()
	}
	var all error
	for _, result := range results {
		all = errors.Join(all, <-result)
	}
	return all
}
