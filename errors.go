package freshet

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// ErrNotFound is returned by a [Store] that has no connection of the name.
var ErrNotFound = errors.New("no such connection")

// ErrExists is returned by [Store.Create] for a name that is taken.
var ErrExists = errors.New("the connection exists already")

// ErrLoginRequired is matched by every error that only a person can end, by logging in again.
var ErrLoginRequired = errors.New("login required")

// Failure is a refresh that failed, as it is remembered: what is wrong and what to do, without any secret.
type Failure struct {
	Time   time.Time  `json:"time"`
	Kind   oauth.Kind `json:"kind"`
	Code   string     `json:"code,omitempty"` // the provider's error code (RFC 6749 §5.2)
	Cause  string     `json:"cause"`
	Remedy string     `json:"remedy,omitempty"`
}

// RefreshError is a refresh that did not deliver a token.
type RefreshError struct {
	Name string // of the connection
	Failure
	NextAttempt time.Time // before which nobody should try again; zero when trying again is of no use
	Err         error     // the cause, when there was one just now; nil when an earlier failure still stands
}

func (e *RefreshError) Error() string { return e.Name + ": " + e.Cause }

func (e *RefreshError) Unwrap() error { return e.Err }

// Is reports whether target is [ErrLoginRequired] and e is of that kind.
func (e *RefreshError) Is(target error) bool {
	return target == ErrLoginRequired && e.Kind == oauth.LoginRequired
}

// Problem is something here, rather than at the provider, that must be mended first; nothing was sent.
type Problem struct {
	Name   string     // the connection or file; "" until somebody knows it
	Kind   oauth.Kind // "" for one that fits no kind: a file that cannot be used
	What   string     // what is wrong, as a sentence without capital and period
	Remedy string     // what to do about it, with the Go names of what is to be set or called
	Err    error      // the cause; may be nil
}

func (e *Problem) Error() string {
	if e.Name == "" {
		return e.What
	}
	return e.Name + ": " + e.What
}

func (e *Problem) Unwrap() error { return e.Err }

// Is reports whether target is [ErrLoginRequired] and e is of that kind.
func (e *Problem) Is(target error) bool {
	return target == ErrLoginRequired && e.Kind == oauth.LoginRequired
}

// withName returns err with the connection's name: in a [*Problem] that has none, else as a prefix
// of the message if it is missing.
func withName(name string, err error) error {
	if p, ok := errors.AsType[*Problem](err); ok && p.Name == "" {
		p.Name = name
	}
	if err == nil || strings.HasPrefix(err.Error(), name+": ") {
		return err
	}
	return fmt.Errorf("%s: %w", name, err)
}

// UnsavedError is a refresh that succeeded and whose result is safe, but not where it belongs. The next run that can
// save it will; until then nobody sends the old refresh token.
type UnsavedError struct {
	Name  string
	Place string // where the reply is; "" when there is none, and it exists only in this process's memory
	Err   error  // why it could not be saved
	spent string // [Token.RefreshTokenHash] of the token that was presented, when there is no place
}

func (e *UnsavedError) Error() string {
	if e.Place == "" {
		return fmt.Sprintf("%s: refreshed, but the result could not be saved anywhere: %v", e.Name, e.Err)
	}
	return fmt.Sprintf("%s: refreshed, but not saved in its place; the reply is safe in %s: %v", e.Name, e.Place, e.Err)
}

func (e *UnsavedError) Unwrap() error { return e.Err }

func isUnsaved(err error) bool {
	_, ok := errors.AsType[*UnsavedError](err)
	return ok
}

func isProblem(err error) bool {
	_, ok := errors.AsType[*Problem](err)
	return ok
}

// What a refusal means, in the words of the vendor's table or the RFCs', and without any secret.

// explainRefresh explains a refusal, and names the hosts when the token is another's than the one that refused it.
func (c Connection) explainRefresh(e *oauth.Error) provider.Refusal {
	vendor := c.Vendor()
	if u := c.endpointURL(); u != nil {
		if astray, ok := vendor.Astray(c.Token.Member, u.Hostname()); ok {
			return vendor.ExplainAstray(e, astray)
		}
	}
	return vendor.Explain(e)
}

func newFailure(explained provider.Refusal, e *oauth.Error) Failure {
	return Failure{
		Kind:   explained.Kind,
		Code:   cut(e.Code),
		Cause:  explained.Cause + " (" + e.Error() + ")",
		Remedy: explained.Remedy,
	}
}

// cut bounds what a server calls its error.
func cut(code string) string {
	if runes := []rune(code); len(runes) > 100 {
		return string(runes[:100]) + "…"
	}
	return code
}

func retryAfter(e *oauth.Error, explained provider.Refusal) time.Duration {
	if e.RetryAfter > 0 {
		return e.RetryAfter
	}
	return time.Duration(explained.Wait)
}

// explain makes of [oauth.Reply.Object]'s error one that says what to do. The vendor's tables are written for the token
// endpoint: where only the status speaks, they would name the wrong one.
func (c Connection) explain(err error, what string) error {
	err = c.redact(err)
	refused, ok := errors.AsType[*oauth.Error](err)
	if !ok {
		return &Problem{
			Name: c.Name, Kind: oauth.Misconfigured, What: err.Error(),
			Remedy: fmt.Sprintf("check the %s endpoint's address", what), Err: err,
		}
	}
	explained := c.Vendor().Explain(refused)
	switch {
	case explained.Kind == oauth.Unknown:
		explained.Kind, explained.Remedy = oauth.Temporary, "try again later"
	case refused.Code == "" && refused.Status == http.StatusUnauthorized && explained.Kind == oauth.Misconfigured:
		explained.Cause = fmt.Sprintf("the %s endpoint wants the client to authenticate, or to do so in another way", what)
		explained.Remedy = "give the client a secret (SecretFrom), and say how it is sent: Client.Auth basic or body"
	case refused.Code == "" && explained.Kind == oauth.Misconfigured:
		explained.Cause = fmt.Sprintf("this is no %s endpoint, or it refused the request", what)
		explained.Remedy = fmt.Sprintf("check the %s endpoint's address", what)
	}
	failed := &RefreshError{Name: c.Name, Err: refused, Failure: newFailure(explained, refused)}
	failed.Time = time.Now()
	if pause := retryAfter(refused, explained); pause > 0 {
		failed.NextAttempt = failed.Time.Add(pause)
	}
	return failed
}
