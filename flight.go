package freshet

import (
	"context"
	"errors"
	"time"
)

// flight is one question to the refresher, which many callers may wait for. It ends in its own time, whoever leaves.
type flight struct {
	demand     Demand
	attempts   int // that it may make; with none it only reads what is saved
	generation int
	hurry      context.CancelFunc // ends what the flight waits for, but no exchange
	landed     chan struct{}

	// Set before landed is closed.
	answer Answer
	err    error
	at     time.Time
}

func (f *flight) land() {
	f.at = time.Now()
	close(f.landed)
}

func (f *flight) hasLanded() bool {
	select {
	case <-f.landed:
		return true
	default:
		return false
	}
}

// failedJustNow reports whether the flight answers d with an error that would only be repeated. What is forced is tried.
func (f *flight) failedJustNow(d Demand, attempts int) bool {
	return f.err != nil && f.demand == d && f.attempts == attempts && !d.Forced && time.Since(f.at) < lookPause
}

// meets reports whether what the flight brought is what a caller who has waited since began wants.
func (f *flight) meets(d Demand, began time.Time) bool {
	c := f.answer.Connection
	switch {
	case f.attempts == 0, f.err != nil && f.attempts < maxAttempts:
		return false // who waits is more patient
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
	var unsaved *UnsavedError
	if f.err != nil && (!errors.As(f.err, &unsaved) || f.answer.Outcome == "") {
		return Token{}, f.err
	}
	return f.answer.Connection.Token, f.err
}
