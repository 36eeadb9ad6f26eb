package freshet

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// EventKind is the kind of an [Event].
type EventKind string

// The kinds of events.
const (
	EventRefreshed     EventKind = "refreshed"      // the access token was replaced; the refresh token stayed
	EventRotated       EventKind = "rotated"        // the access token and the refresh token were replaced
	EventRecovered     EventKind = "recovered"      // the reply that an interrupted process had left was saved
	EventFailed        EventKind = "failed"         // an attempt brought no token; Err says why
	EventLoginRequired EventKind = "login_required" // likewise, and only a login can help
	EventRejected      EventKind = "rejected"       // an API rejected a new token; no refresh until NextAttempt
	EventUnsaved       EventKind = "unsaved"        // a refresh could not be saved in its place; Err says where it is
	EventDeadlineNear  EventKind = "deadline_near"  // the refresh token expires at Deadline, by age or inactivity
)

// Event is something that happened to a connection. It contains no secret. If replicas share a
// store, only the one that made an attempt reports it. EventDeadlineNear is reported by every
// keeper, once for each deadline, and again after a restart.
type Event struct {
	Kind EventKind
	Name string // of the connection; "" if the store could not list them
	Time time.Time
	// Failures is the number of failed attempts in a row: including this one, or before the one
	// that succeeded.
	Failures int
	Took     time.Duration // of an attempt, from the lock to the save; 0 if nothing was sent
	Expiry   time.Time     // of the new access token; zero if unknown
	Err      error         // a [*RefreshError], [*SetupError], [*UnsavedError] or the store's; nil after a success
	Deadline time.Time     // of [EventDeadlineNear]
	// NextAttempt is when another refresh may be tried, after an attempt that brought no token and
	// of [EventRejected]. Zero if a refresh cannot succeed.
	NextAttempt time.Time
}

// LogValue returns the fields that are set.
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
		attrs = append(attrs, slog.String("remedy", remedy.String()))
	}
	if !e.NextAttempt.IsZero() {
		attrs = append(attrs, slog.Time("next_attempt", e.NextAttempt))
	}
	if !e.Deadline.IsZero() {
		attrs = append(attrs, slog.Time("deadline", e.Deadline))
	}
	return slog.GroupValue(attrs...)
}

func remedyOf(err error) oauth.Remedy {
	if failed, ok := errors.AsType[*RefreshError](err); ok {
		return failed.Remedy
	}
	if p, ok := errors.AsType[*SetupError](err); ok {
		return p.Remedy
	}
	return ""
}

// eventKind returns the kind of event that the outcome of an attempt is, or "" for none.
func (a *Result) eventKind(err error) EventKind {
	switch {
	case a.silent:
		return ""
	case isUnsaved(err):
		return EventUnsaved
	case errors.Is(err, ErrLoginRequired):
		return EventLoginRequired
	case errors.Is(err, errRejected):
		return EventRejected
	case err != nil:
		return EventFailed
	case a.Outcome == Recovered:
		return EventRecovered
	case a.Outcome == Refreshed && a.Rotated:
		return EventRotated
	case a.Outcome == Refreshed:
		return EventRefreshed
	}
	return ""
}

// reportAttempt reports the outcome of an attempt. before is the connection as it was saved then, or
// nil if none was made.
func (s *Source) reportAttempt(before *Connection, result *Result, err error) {
	if before == nil {
		before = new(Connection)
	}
	e := Event{
		Kind: result.eventKind(err), Name: s.name, Time: time.Now().Round(0),
		Failures: before.CurrentHealth().Failures, Err: withName(s.name, err),
	}
	if failed, ok := errors.AsType[*RefreshError](err); ok {
		e.NextAttempt = failed.NextAttempt
	}
	switch e.Kind {
	case "":
		return
	case EventRejected:
	case EventFailed, EventLoginRequired:
		e.Failures++
	default:
		e.Expiry = result.Connection.Expiry(e.Time).At
	}
	if last := result.Connection.History.last(); !last.Time.Equal(before.History.last().Time) {
		e.Took = time.Duration(last.Millis) * time.Millisecond
	}
	if !s.isRepeated(e) {
		s.keeper.report(e)
	}
}

// isRepeated reports whether e is the same local or store error as the last event, or is about the
// same rejected token. Refusals by the
// provider count as new: Health spaces out the attempts.
func (s *Source) isRepeated(e Event) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.Kind == EventRejected { // once for each token
		repeated := e.NextAttempt.Equal(s.rejectedUntil)
		s.rejectedUntil = e.NextAttempt
		return repeated
	}
	last := s.lastProblem
	s.lastProblem = ""
	if _, ok := errors.AsType[*RefreshError](e.Err); !ok && e.Err != nil {
		s.lastProblem = e.Err.Error()
	}
	return s.lastProblem != "" && s.lastProblem == last
}

// reportDeadline reports that the refresh token expires soon, once for each deadline.
func (s *Source) reportDeadline(c *Connection, now time.Time) {
	deadline, notice := c.deadline(now)
	if deadline.IsZero() || !s.claimDeadline(c, deadline, notice, now) {
		return
	}
	s.keeper.report(Event{
		Kind: EventDeadlineNear, Name: s.name, Time: now.Round(0),
		Failures: c.CurrentHealth().Failures, Deadline: deadline,
	})
}

// claimDeadline reports whether the deadline is near and was not reported before. It remembers that
// it is reported now.
func (s *Source) claimDeadline(c *Connection, deadline time.Time, notice time.Duration, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.reportedDeadline.IsZero() && !isSameMoment(deadline, s.reportedDeadline) {
		notice = c.noticePeriod(deadline, now) // it moved: each refresh could report it again with a longer notice
	}
	if issued := c.issueTime(now); !isSameMoment(deadline, s.deadline) {
		s.deadline, s.deadlineIssued = deadline, issued
	} else if issued.After(s.deadlineIssued) { // a refresh did not move it; only a login can
		notice = max(notice, min(deadline.Sub(s.deadlineIssued)/6, maxNotice))
	}
	if isSameMoment(deadline, s.reportedDeadline) || now.Before(deadline.Add(-notice)) {
		return false
	}
	s.reportedDeadline = deadline
	return true
}

// isSameMoment tolerates rounding and network delay in "seconds remaining".
func isSameMoment(a, b time.Time) bool { return a.Sub(b).Abs() < time.Minute }

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

// events is the queue of events that were not reported yet.
type events struct {
	mu        sync.Mutex
	waiting   []Event
	reporting bool
}

// report queues the event. A single goroutine reports the queue in order, so that a slow OnEvent
// delays no refresh. The caller must be a flight, for which Close waits.
func (k *Keeper) report(e Event) {
	if k.config.OnEvent == nil && !k.refresher.log().Enabled(context.Background(), e.Kind.level()) {
		return
	}
	k.events.mu.Lock()
	defer k.events.mu.Unlock()
	k.events.waiting = append(k.events.waiting, e)
	if !k.events.reporting {
		k.events.reporting = true
		k.flights.Go(k.reportAll)
	}
}

func (k *Keeper) reportAll() {
	for {
		k.events.mu.Lock()
		if len(k.events.waiting) == 0 {
			k.events.reporting = false
			k.events.mu.Unlock()
			return
		}
		e := k.events.waiting[0]
		k.events.waiting = k.events.waiting[1:]
		k.events.mu.Unlock()
		if log := k.refresher.log(); log.Enabled(context.Background(), e.Kind.level()) {
			log.LogAttrs(context.Background(), e.Kind.level(), "connection "+string(e.Kind), e.LogValue().Group()...)
		}
		if k.config.OnEvent != nil {
			k.config.OnEvent(e)
		}
	}
}
