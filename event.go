package freshet

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// EventKind says what an [Event] tells of.
type EventKind string

// The kinds of events.
const (
	EventRefreshed     EventKind = "refreshed"      // the access token was replaced; the refresh token stayed
	EventRotated       EventKind = "rotated"        // both were
	EventRecovered     EventKind = "recovered"      // a reply that an interrupted process had left was put into its place
	EventFailed        EventKind = "failed"         // an attempt brought no token; Err says why, and when the next one is due
	EventLoginRequired EventKind = "login_required" // the same, and only a person can help
	EventUnsaved       EventKind = "unsaved"        // a refresh succeeded, and its result is not yet where it belongs: Err names the place
	EventDeadlineNear  EventKind = "deadline_near"  // the refresh token dies at Deadline, of age or of not being used
)

// Event is something that happened to a connection. It holds no secret. Of replicas that share a store, the one that made the attempt
// tells of it; of [EventDeadlineNear] each keeper does, once for each deadline, and again after a restart.
type Event struct {
	Kind EventKind
	Name string // of the connection; "" when the store could not list them
	Time time.Time
	// Failures is how many attempts had failed in a row: with the one that this is about, or before the one that worked.
	Failures int
	Took     time.Duration // of an attempt, from the lock to the save; 0 when nothing was sent
	Expiry   time.Time     // of the new access token; zero when nobody knows
	Err      error         // a [*RefreshError], [*Problem], [*UnsavedError] or the store's; nil for what went well
	Deadline time.Time     // of [EventDeadlineNear]
}

// LogValue shows what is known.
func (e Event) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("connection", e.Name), slog.String("event", string(e.Kind))}
	if e.Failures > 0 {
		attrs = append(attrs, slog.Int("failures", e.Failures))
	}
	if e.Took > 0 {
		attrs = append(attrs, slog.Duration("took", e.Took))
	}
	if !e.Expiry.IsZero() {
		attrs = append(attrs, slog.Time("expiry", e.Expiry))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("error", e.Err.Error()))
	}
	if remedy := remedyOf(e.Err); remedy != "" {
		attrs = append(attrs, slog.String("remedy", remedy))
	}
	if !e.Deadline.IsZero() {
		attrs = append(attrs, slog.Time("deadline", e.Deadline))
	}
	return slog.GroupValue(attrs...)
}

func remedyOf(err error) string {
	if failed, ok := errors.AsType[*RefreshError](err); ok {
		return failed.Remedy
	}
	if p, ok := errors.AsType[*Problem](err); ok {
		return p.Remedy
	}
	return ""
}

// tellAttempt tells of an attempt to refresh. An error that is only remembered, or that asks for patience, was told before.
func (s *Source) tellAttempt(before Connection, answer Answer, err error) {
	e := Event{Name: s.name, Time: time.Now().Round(0), Failures: before.CurrentHealth().Failures, Err: withName(s.name, err)}
	failed, _ := errors.AsType[*RefreshError](err)
	switch {
	case isUnsaved(err):
		e.Kind = EventUnsaved
	case failed != nil && failed.Err == nil, errors.Is(err, errInterrupted), errors.Is(err, errRejected), errors.Is(err, errCopyBusy):
		return
	case failed == nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrNotFound)):
		return // nothing was tried
	case errors.Is(err, ErrLoginRequired):
		e.Kind, e.Failures = EventLoginRequired, e.Failures+1
	case err != nil:
		e.Kind, e.Failures = EventFailed, e.Failures+1
	case answer.Outcome == Recovered:
		e.Kind = EventRecovered
	case answer.Outcome == Refreshed && answer.Rotated:
		e.Kind = EventRotated
	case answer.Outcome == Refreshed:
		e.Kind = EventRefreshed
	default:
		return
	}
	c := answer.Connection
	if e.Kind != EventFailed && e.Kind != EventLoginRequired {
		e.Expiry = c.Expiry(e.Time).At
	}
	if last := c.History.last(); !last.Time.Equal(before.History.last().Time) {
		e.Took = time.Duration(last.Millis) * time.Millisecond
	}
	if !s.repeats(e) {
		s.keeper.tell(e)
	}
}

// tellDeadline tells of a refresh token whose end is near, once for each deadline.
func (s *Source) tellDeadline(c Connection, now time.Time) {
	at, notice := c.deadline(now)
	if at.IsZero() {
		return
	}
	s.mu.Lock()
	if !s.warned.IsZero() && !isSameMoment(at, s.warned) {
		notice = c.noticePeriod(at, now) // it moves, and would be told again after each refresh
	}
	if issued := c.issueTime(now); !isSameMoment(at, s.end) {
		s.end, s.ending = at, issued
	} else if issued.After(s.ending) { // no refresh puts it off; what moved it was a login
		notice = max(notice, min(at.Sub(s.ending)/6, maxNotice))
	}
	told := isSameMoment(at, s.warned) || now.Before(at.Add(-notice))
	if !told {
		s.warned = at
	}
	s.mu.Unlock()
	if !told {
		s.keeper.tell(Event{Kind: EventDeadlineNear, Name: s.name, Time: now.Round(0), Failures: c.CurrentHealth().Failures, Deadline: at})
	}
}

// isSameMoment allows for what is left of a life being told in seconds, and on its way for a while.
func isSameMoment(a, b time.Time) bool { return a.Sub(b).Abs() < time.Minute }

// repeats reports whether e is a problem here or of the store that was told already, and stands as long as nobody mends it. The
// provider's refusals come at their own pace.
func (s *Source) repeats(e Event) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.told
	s.told = ""
	if _, ok := errors.AsType[*RefreshError](e.Err); !ok && e.Err != nil {
		s.told = e.Err.Error()
	}
	return s.told != "" && s.told == was
}

func (k EventKind) level() slog.Level {
	switch k {
	case EventRefreshed, EventRotated, EventRecovered:
		return slog.LevelInfo
	case EventLoginRequired, EventUnsaved:
		return slog.LevelError
	default:
		return slog.LevelWarn
	}
}

// events are those that nobody has told yet.
type events struct {
	mu      sync.Mutex
	waiting []Event
	telling bool
}

// tell queues the event. One goroutine at a time tells them, in their order, so that nobody waits for whom they are told. The
// caller must be a flight, for which Close waits.
func (k *Keeper) tell(e Event) {
	if k.OnEvent == nil && !k.refresher.log().Enabled(context.Background(), e.Kind.level()) {
		return
	}
	k.events.mu.Lock()
	defer k.events.mu.Unlock()
	k.events.waiting = append(k.events.waiting, e)
	if !k.events.telling {
		k.events.telling = true
		k.flying.Go(k.tellAll)
	}
}

func (k *Keeper) tellAll() {
	for {
		e, ok := k.events.next()
		if !ok {
			return
		}
		if log := k.refresher.log(); log.Enabled(context.Background(), e.Kind.level()) {
			log.LogAttrs(context.Background(), e.Kind.level(), "connection "+string(e.Kind), e.LogValue().Group()...)
		}
		if k.OnEvent != nil {
			k.OnEvent(e)
		}
	}
}

func (q *events) next() (e Event, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.telling = false
		return Event{}, false
	}
	e, q.waiting = q.waiting[0], q.waiting[1:]
	return e, true
}
