package freshet

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/internal/endpoints"
	"github.com/freshet-dev/freshet/internal/replies"
	"github.com/freshet-dev/freshet/oauth"
)

// ErrNotFound is returned by a [Store] that has no connection of that name.
var ErrNotFound = errors.New("no such connection")

// ErrExists is returned by [Store.Create] if there is a connection of that name.
var ErrExists = errors.New("connection already exists")

// ErrLoginRequired matches every error that only a new login resolves.
var ErrLoginRequired = errors.New("login required")

// Failure is a failed refresh, as saved in [Health]. It holds no secret.
type Failure struct {
	Time   time.Time    `json:"time"`
	Kind   oauth.Kind   `json:"kind"`
	Code   string       `json:"code,omitempty"` // the provider's error code (RFC 6749 §5.2)
	Cause  string       `json:"cause"`
	Remedy oauth.Remedy `json:"remedy,omitempty"`
}

func (f Failure) entry() HistoryEntry {
	return HistoryEntry{Time: f.Time, Outcome: Failed, Kind: f.Kind, Code: f.Code}
}

// RefreshError is the error of a refresh that delivered no token.
type RefreshError struct {
	Name string // of the connection
	Failure
	NextAttempt time.Time // zero if another attempt cannot succeed
	Err         error     // the cause; nil if the Failure was saved by an earlier attempt
}

func (e *RefreshError) Error() string { return e.Name + ": " + e.Cause }

func (e *RefreshError) Unwrap() error { return e.Err }

// Is reports whether target is [ErrLoginRequired] and e is of that kind.
func (e *RefreshError) Is(target error) bool {
	return target == ErrLoginRequired && e.Kind == oauth.LoginRequired
}

// SetupError is an error in a file or the configuration that was found before anything was sent.
type SetupError struct {
	Name   string       // the connection or file; "" if not known yet
	Kind   oauth.Kind   // "" if no kind applies, as for a file that cannot be used
	What   string       // what is wrong: a sentence without capital letter and period
	Remedy oauth.Remedy // what to do
	Err    error        // the cause, or nil
}

func (e *SetupError) Error() string {
	if e.Name == "" {
		return e.What
	}
	return e.Name + ": " + e.What
}

func (e *SetupError) Unwrap() error { return e.Err }

// Is reports whether target is [ErrLoginRequired] and e is of that kind.
func (e *SetupError) Is(target error) bool {
	return target == ErrLoginRequired && e.Kind == oauth.LoginRequired
}

// withName returns err with the connection's name: in a [*SetupError] that has none, else as a prefix
// of the message if it is missing.
func withName(name string, err error) error {
	if p, ok := errors.AsType[*SetupError](err); ok && p.Name == "" {
		p.Name = name
	}
	if err == nil || strings.HasPrefix(err.Error(), name+": ") {
		return err
	}
	return fmt.Errorf("%s: %w", name, err)
}

// UnsavedError is the error of a refresh that succeeded, but whose result could not be saved. The
// next run that can save the result does so. Until then the old refresh token is not sent.
type UnsavedError struct {
	Name  string
	Place string // where the reply is; "" if it is only in this process's memory
	Err   error  // why it could not be saved
	spent string // [Token.RefreshTokenHash] of the token that was sent, if there is no Place
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
	_, ok := errors.AsType[*SetupError](err)
	return ok
}

// explainRefresh explains a refusal of the token endpoint. If the token was sent to the wrong host,
// the explanation names both hosts.
func (c *Connection) explainRefresh(e *oauth.Error, auth oauth.AuthStyle) replies.Explanation {
	p, request := c.ProviderInfo(), replies.Request{Secret: auth != oauth.AuthNone}
	if u := c.endpointURL(); u != nil {
		if wrong, ok := endpoints.CheckHost(p, c.Token.Member, u.Hostname()); ok {
			request.WrongHost = &wrong
		}
	}
	return explainClock(replies.Explain(p, e, request), e, auth.IsAssertion())
}

// clockTolerance is how far two clocks may differ for what a client signs to be valid.
const clockTolerance = time.Minute

// explainClock explains the refusal of a request that was signed, if the clocks differ. The times in an
// assertion are those of this machine.
func explainClock(explained replies.Explanation, e *oauth.Error, isSigned bool) replies.Explanation {
	isRefusal := e.Code == "invalid_client" || e.Code == "invalid_grant"
	if !isSigned || !isRefusal || e.Skew.Abs() < clockTolerance {
		return explained
	}
	direction := "behind"
	if e.Skew < 0 {
		direction = "ahead of"
	}
	explained.Kind = oauth.Misconfigured
	explained.Cause = fmt.Sprintf("the clock of this machine is %s %s that of %s, so that what the client signs is not valid there",
		e.Skew.Abs().Round(time.Second), direction, e.Host)
	explained.Remedy = "set this machine's clock, and let it follow a time server"
	return explained
}

// explainRenewal is explainRefresh for a grant that needs no person and spends nothing. So no login
// helps, and the request can be repeated.
func (c *Connection) explainRenewal(e *oauth.Error, auth oauth.AuthStyle) replies.Explanation {
	// Otherwise it would be about refresh tokens.
	request := replies.Request{Login: true, Secret: auth != oauth.AuthNone}
	explained := replies.Explain(c.ProviderInfo(), e, request)
	way, _ := c.renewal()
	isJWT := way.grant == GrantJWTBearer
	consent := c.ProviderInfo().JWTBearer.ConsentCode
	switch {
	case explained.Kind == oauth.Unknown:
		explained.Kind, explained.Remedy = oauth.Temporary, "nothing to do: the request is repeated later"
	case isJWT && e.Code != "" && e.Code == consent:
		explained.Kind, explained.Remedy = oauth.Misconfigured, c.consentRemedy()
		explained.Cause = "the user has not allowed this client to act for them"
	case isJWT && explained.Kind == oauth.LoginRequired && explained.Own:
		explained.Kind = oauth.Misconfigured
	case isJWT && (explained.Kind == oauth.LoginRequired || e.Code == "invalid_grant"): // RFC 7523 §3.1
		explained.Kind = oauth.Misconfigured
		explained.Cause = "the provider refused the assertion that the client signed"
		explained.Remedy = "check the key, its certificate at the provider, the client id, the user and the audience: " +
			"{set client_key_from assertion_subject assertion_audience}"
	case explained.Kind == oauth.LoginRequired:
		explained.Kind = oauth.Misconfigured
		explained.Remedy = "check the client id and the client secret, and that the app may use client credentials"
		if !explained.Own {
			explained.Cause = "the provider gives this client no token of its own"
		}
	}
	return explainClock(explained, e, isJWT || auth.IsAssertion())
}

func newFailure(explained replies.Explanation, e *oauth.Error) Failure {
	return Failure{
		Kind:   explained.Kind,
		Code:   truncate(e.Code),
		Cause:  explained.Cause + " (" + e.Error() + ")",
		Remedy: explained.Remedy,
	}
}

// truncate returns at most 100 characters of an error code.
func truncate(code string) string {
	if runes := []rune(code); len(runes) > 100 {
		return string(runes[:100]) + "…"
	}
	return code
}

// retryAfter returns the wait that the server or the provider's table of errors asks for.
func retryAfter(e *oauth.Error, explained replies.Explanation) time.Duration {
	if e.RetryAfter > 0 {
		return e.RetryAfter
	}
	return time.Duration(explained.Wait)
}

// explain returns an error with a remedy for an error of [oauth.Reply.Object]. what is the
// endpoint: "revocation", "introspection" or "userinfo".
//
//	reply                                 kind            cause and remedy
//	error code in the provider's table    the table's     the table's
//	other error code                      as RFC 6749     as RFC 6749
//	no code, 401                          misconfigured   client authentication
//	no code, other client error           misconfigured   wrong endpoint
//	no code, server error                 temporary       try again later
//	not an error response                 misconfigured   wrong endpoint
//
// The provider's table is for the token endpoint. So for a status without a code, it would blame
// the wrong endpoint.
func (c *Connection) explain(err error, what string) error {
	err = c.redact(err)
	checkAddress := oauth.Remedyf("check the %s endpoint's address", what)
	refused, ok := errors.AsType[*oauth.Error](err)
	if !ok {
		return &SetupError{Name: c.Name, Kind: oauth.Misconfigured, What: err.Error(), Remedy: checkAddress, Err: err}
	}
	request := replies.Request{Secret: c.ResolvedClient().Style() != oauth.AuthNone}
	explained := replies.Explain(c.ProviderInfo(), refused, request)
	switch {
	case explained.Kind == oauth.Unknown: // these requests can be repeated
		explained.Kind, explained.Remedy = oauth.Temporary, "try again later"
	case refused.Code == "unauthorized_client" && !explained.Own && len(explained.Code) == 1: // about a refresh
		explained.Cause = fmt.Sprintf("this client may not use the %s endpoint", what)
		explained.Remedy = "allow it in the application's registration, or check the client id and the client secret"
		if !request.Secret {
			explained.Remedy = "allow it in the application's registration; " +
				"or, if the client has a secret, {set client_secret}"
		}
	case refused.Code != "" || explained.Kind != oauth.Misconfigured:
	case refused.Status == http.StatusUnauthorized:
		explained.Cause = fmt.Sprintf("the %s endpoint requires client authentication, or another method of it", what)
		explained.Remedy = "{set client_secret auth=basic}, or body"
	default:
		explained.Cause = fmt.Sprintf("this is not the %s endpoint, or it refused the request", what)
		explained.Remedy = checkAddress
	}
	failed := &RefreshError{Name: c.Name, Err: refused, Failure: newFailure(explained, refused)}
	failed.Time = time.Now()
	if pause := retryAfter(refused, explained); pause > 0 {
		failed.NextAttempt = failed.Time.Add(pause)
	}
	return failed
}
