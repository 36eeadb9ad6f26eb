package cli

import (
	"errors"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// wireError is an error on its way from the child to the caller: its type and what a caller shows of it. The name of the
// target is left out, because the caller knows it as the user wrote it.
type wireError struct {
	Type        string // refresh, problem, unsaved, other
	Kind        oauth.Kind
	Code        string
	Time        time.Time
	What        string
	Remedy      string
	NextAttempt time.Time
	Place       string
	Just        bool // it happened just now, and is not remembered
}

func newWireError(err error) *wireError {
	var (
		unsaved *freshet.UnsavedError
		refresh *freshet.RefreshError
		problem *freshet.Problem
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &unsaved):
		return &wireError{Type: "unsaved", Place: unsaved.Place, What: unsaved.Err.Error()}
	case errors.As(err, &refresh):
		return &wireError{
			Type: "refresh", Kind: refresh.Kind, Code: refresh.Code, Time: refresh.Time, What: refresh.Cause,
			Remedy: refresh.Remedy, NextAttempt: refresh.NextAttempt, Just: refresh.Err != nil,
		}
	case errors.As(err, &problem):
		return &wireError{Type: "problem", Kind: problem.Kind, What: problem.What, Remedy: problem.Remedy}
	default:
		return &wireError{Type: "other", What: err.Error()}
	}
}

func (w *wireError) asError(name string) error {
	if w == nil {
		return nil
	}
	switch w.Type {
	case "unsaved":
		return &freshet.UnsavedError{Name: name, Place: w.Place, Err: errors.New(w.What)}
	case "refresh":
		e := &freshet.RefreshError{Name: name, NextAttempt: w.NextAttempt, Failure: freshet.Failure{
			Time: w.Time, Kind: w.Kind, Code: w.Code, Cause: w.What, Remedy: w.Remedy,
		}}
		switch {
		case w.Just && w.Code != "":
			e.Err = &oauth.Error{Code: w.Code} // what a device login waits for
		case w.Just:
			e.Err = errors.New(w.What)
		}
		return e
	case "problem":
		return &freshet.Problem{Name: name, Kind: w.Kind, What: w.What, Remedy: w.Remedy}
	default:
		return errors.New(w.What)
	}
}
