package detach

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/oauth"
)

// reply is a [freshet.Result] and an error as the child sends them. Both refuse to be marshalled:
// the answer's token does, and errors hold others of any type.
type reply struct {
	Number       int             // of the request
	Registration json.RawMessage `json:",omitempty"` // of a connection; the caller knows that of a token file
	TokenFile    string
	Token        []byte
	Saved        time.Time
	Health       freshet.Health
	Interrupted  *freshet.Pending `json:",omitempty"` // a refresh whose reply is lost: what was sent, and since when
	Outcome      freshet.Outcome
	Rotated      bool
	Warning      *replyError
	Error        *replyError
	Trace        []byte
	Response     []byte
}

func newReply(name string, result freshet.Result, err error) reply {
	c := result.Connection
	r := reply{
		TokenFile: c.TokenFile, Token: c.Token.Bytes(), Saved: c.Saved, Health: c.Health,
		Outcome: result.Outcome, Rotated: result.Rotated, Response: result.Response,
		Warning: newReplyError(result.Warning), Error: newReplyError(err),
	}
	if p := c.Pending; p != nil && p.Reply == nil && p.Login == nil {
		r.Interrupted = &freshet.Pending{Spent: p.Spent, Since: p.Since} // a provider's grace begins then
	}
	if !filestore.IsPath(name) {
		c.Client.Secret = ""
		r.Registration, _ = json.Marshal(c.Registration) // cannot fail without a client secret
	}
	return r
}

func (r reply) result(name string) (freshet.Result, error) {
	result := freshet.Result{
		Connection: freshet.Connection{Name: name, TokenFile: r.TokenFile, Saved: r.Saved, Health: r.Health, Pending: r.Interrupted},
		Outcome:    r.Outcome, Rotated: r.Rotated, Warning: r.Warning.asError(name), Response: r.Response,
	}
	if r.Registration != nil {
		if err := json.Unmarshal(r.Registration, &result.Connection.Registration); err != nil {
			return result, err
		}
	}
	if len(r.Token) > 0 {
		token, err := freshet.ParseToken(r.Token)
		if err != nil {
			return result, err
		}
		result.Connection.Token = token
	}
	return result, r.Error.asError(name)
}

// replyError is an error that can be marshalled. At most one of the library's errors is set; its
// name is left out, because the caller knows the connection by another, and so is its cause.
type replyError struct {
	Refresh *freshet.RefreshError `json:",omitempty"`
	Problem *freshet.SetupError   `json:",omitempty"`
	Unsaved *freshet.UnsavedError `json:",omitempty"`

	Text   string // of the cause, or of any other error
	New    bool   // Refresh has a cause: it is not an earlier failure that is remembered
	Status int    `json:",omitempty"` // of the error response that is the cause
}

func newReplyError(err error) *replyError {
	var (
		unsaved *freshet.UnsavedError
		refresh *freshet.RefreshError
		problem *freshet.SetupError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &unsaved):
		return &replyError{Unsaved: &freshet.UnsavedError{Place: unsaved.Place}, Text: unsaved.Err.Error()}
	case errors.As(err, &refresh):
		sent := freshet.RefreshError{Failure: refresh.Failure, NextAttempt: refresh.NextAttempt}
		e := &replyError{Refresh: &sent, Text: refresh.Cause, New: refresh.Err != nil}
		if refused, ok := errors.AsType[*oauth.Error](refresh.Err); ok {
			e.Status = refused.Status
		}
		return e
	case errors.As(err, &problem):
		return &replyError{Problem: &freshet.SetupError{Kind: problem.Kind, What: problem.What, Remedy: problem.Remedy}}
	default:
		return &replyError{Text: err.Error()}
	}
}

func (e *replyError) asError(name string) error {
	switch {
	case e == nil:
		return nil
	case e.Unsaved != nil:
		e.Unsaved.Name, e.Unsaved.Err = name, errors.New(e.Text)
		return e.Unsaved
	case e.Refresh != nil:
		e.Refresh.Name = name
		switch {
		case e.New && (e.Refresh.Code != "" || e.Status != 0): // for a device login, and the pace of refresh --all
			e.Refresh.Err = &oauth.Error{Code: e.Refresh.Code, Status: e.Status}
		case e.New:
			e.Refresh.Err = errors.New(e.Text)
		}
		return e.Refresh
	case e.Problem != nil:
		e.Problem.Name = name
		return e.Problem
	default:
		return errors.New(e.Text)
	}
}
