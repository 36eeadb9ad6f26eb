package freshet

import (
	"context"
	"errors"
	"log/slog"
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

// Event is something that happened to a connection. It holds no secret.
type Event struct {
	Kind EventKind
	Name string // of the connection
	Time time.Time
	// Failures is how many attempts had failed in a row: with the one that this is about, or before the one that worked.
	Failures int
	Err      error     // a [*RefreshError], [*Problem], [*UnsavedError] or the store's; nil for what went well
	Deadline time.Time // of [EventDeadlineNear]
}

// LogValue shows what is known.
func (e Event) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("connection", e.Name), slog.String("event", string(e.Kind))}
	if e.Failures > 0 {
		attrs = append(attrs, slog.Int("failures", e.Failures))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("error", e.Err.Error()))
	}
	if !e.Deadline.IsZero() {
		attrs = append(attrs, slog.Time("deadline", e.Deadline))
	}
	return slog.GroupValue(attrs...)
}

// attempted is what an attempt to refresh tells. An error that is only remembered, or that asks for patience, was told before.
func attempted(before Connection, answer Answer, err error) []Event {
	e := Event{Name: before.Name, Time: time.Now(), Failures: before.Health.Failures, Err: err}
	var failed *RefreshError
	var unsaved *UnsavedError
	switch {
	case errors.As(err, &unsaved):
		e.Kind = EventUnsaved
	case errors.As(err, &failed) && (failed.Err == nil || errors.Is(err, errInterrupted) || errors.Is(err, errRejected)), errors.Is(err, context.Canceled):
		return nil
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
		return nil
	}
	return []Event{e}
}

// nearDeadline is the event of a refresh token whose end is near. It is told once for each deadline.
func (s *Source) nearDeadline(c Connection, now time.Time) (Event, bool) {
	at, from := c.RefreshExpiry(now)
	near := c.nearEnd(at, now)
	if from == FromIdleLimit {
		near = near.Add(at.Sub(near) / 2) // a refresh has been due since near, and puts it off
	}
	if at.IsZero() || now.Before(near) {
		return Event{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.warned.Equal(at) {
		return Event{}, false
	}
	s.warned = at
	return Event{Kind: EventDeadlineNear, Name: s.name, Time: now, Failures: c.Health.Failures, Deadline: at}, true
}

// repeats reports whether e is a problem here that was told already, and stands as long as nobody mends it.
func (s *Source) repeats(e Event) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.told
	s.told = ""
	if p := (*Problem)(nil); errors.As(e.Err, &p) {
		s.told = p.Error()
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

// tell logs the event and passes it on.
func (k *Keeper) tell(e Event) {
	if log := k.refresher.log(); log.Enabled(context.Background(), e.Kind.level()) {
		log.LogAttrs(context.Background(), e.Kind.level(), "connection "+string(e.Kind), e.LogValue().Group()...)
	}
	if k.OnEvent != nil {
		k.OnEvent(e)
	}
}
