package oauth

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/text"
)

// Kind says what has to be done about a failure.
type Kind string

// The kinds of failure. The zero value means none of them.
const (
	Temporary     Kind = "temporary"       // try again later
	Unknown       Kind = "unknown_outcome" // the server may have acted on the request
	Misconfigured Kind = "misconfigured"   // correct the client, secret, endpoint or scope
	LoginRequired Kind = "login_required"  // the grant has ended; a person must log in again
)

// Error is an error response of the authorization server (RFC 6749 §5.2), or an HTTP status without
// one. Its texts are the server's, made printable and without the secrets of the request
// ([Reply.Object]).
type Error struct {
	Host        string
	Status      int
	Code        string // "error"; "" if the reply had none
	Description string // "error_description"
	URI         string // "error_uri"
	RetryAfter  time.Duration
	Redirect    string // the host of a redirect
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s answered ", e.Host)
	switch {
	case e.Code == "":
		fmt.Fprintf(&b, "%d %s", e.Status, http.StatusText(e.Status))
	case e.Description == "":
		b.WriteString(e.Code)
	default:
		fmt.Fprintf(&b, "%s: %s", e.Code, e.Description)
	}
	if r := []rune(b.String()); len(r) > maxText {
		b.Reset()
		b.WriteString(string(r[:maxText]) + "…")
	}
	if e.Redirect != "" {
		fmt.Fprintf(&b, " (a redirect to %s, not followed)", e.Redirect)
	}
	return b.String()
}

// Kind classifies e by the RFCs and the status. Package provider has more precise tables.
func (e *Error) Kind() Kind {
	unavailable := e.Status == http.StatusServiceUnavailable && e.RetryAfter > 0
	switch {
	case e.Status >= 500 && !unavailable, e.Status == http.StatusRequestTimeout:
		// The code in the body does not count: a proxy may have written it after the server had
		// acted. With Retry-After, the server itself turned the request away.
		return Unknown
	case e.Status == http.StatusTooManyRequests, unavailable:
		return Temporary
	}
	switch e.Code {
	case "temporarily_unavailable", "slow_down", "authorization_pending",
		"server_error", "service_unavailable", "system_down":
		return Temporary
	case "invalid_grant", "access_denied", "expired_token":
		return LoginRequired
	default:
		return Misconfigured
	}
}

// UnusableError is the error of a reply with a success status that cannot be used.
type UnusableError struct {
	Host    string // that answered; "" if the reply did not come over HTTP
	Problem string // a clause: "the reply is not a JSON object"
}

func (e *UnusableError) Error() string {
	return fmt.Sprintf("%s answered, but %s", cmp.Or(e.Host, "the provider"), e.Problem)
}

// errorIn returns the error response in the object, or nil. The status does not count: some servers
// send errors with status 200.
func (r Reply) errorIn(object jsonobject.Object) *Error {
	code := printable(object.Value("error"))
	if code == "" || printable(object.Value("access_token")) != "" {
		return nil
	}
	secrets := r.redactor()
	return &Error{
		Host: r.Host, Status: r.Status, RetryAfter: r.RetryAfter,
		Code:        secrets.Text(code),
		Description: secrets.Text(printable(object.Value("error_description"))),
		URI:         secrets.Text(printable(object.Value("error_uri"))),
	}
}

// maxText bounds the text of [Error.Error], in characters. The fields are not cut before they are
// redacted, so that no part of a secret stays.
const maxText = 300

// printable returns the printable characters of a JSON string, or "" for any other value.
func printable(v jsonobject.Value) string { return text.Printable(v.AsString()) }
