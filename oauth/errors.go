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

// Kind says what a failure asks for.
type Kind string

// The kinds of failure. The zero value is a failure that fits none of them.
const (
	Temporary     Kind = "temporary"       // try again later
	Unknown       Kind = "unknown_outcome" // the server may or may not have acted on the request
	Misconfigured Kind = "misconfigured"   // client, secret, endpoint or scope are wrong: somebody must change them
	LoginRequired Kind = "login_required"  // the grant is dead: only a person can make another
)

// Error is a refusal by the authorization server: the error response of RFC 6749 §5.2, or an HTTP status without one. Its
// text is the server's own, without control characters and without the secrets of the request ([Reply.Object]).
type Error struct {
	Host        string
	Status      int
	Code        string // "error"; "" when the reply had none
	Description string // "error_description"
	URI         string // "error_uri"
	RetryAfter  time.Duration
	Redirect    string // the host that a 3xx pointed to
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

// Kind classifies e by the RFC and the status alone; a provider's own table knows better.
func (e *Error) Kind() Kind {
	unavailable := e.Status == http.StatusServiceUnavailable && e.RetryAfter > 0
	switch {
	case e.Status >= 500 && !unavailable, e.Status == http.StatusRequestTimeout:
		// Whatever the body says, a proxy may have written it after the server had acted and gone. Only who says when to
		// come back has understood the request and turned it away.
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

// UnusableError is a reply that claims success but holds nothing to use.
type UnusableError struct {
	Host    string // that answered; "" when the reply came by another way
	Problem string // a clause: "the reply is not a JSON object"
}

func (e *UnusableError) Error() string {
	return fmt.Sprintf("%s answered, but %s", cmp.Or(e.Host, "the provider"), e.Problem)
}

// errorIn returns the error that the object describes, whatever the status: some servers refuse with 200.
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

// maxText bounds what [Error.Error] shows, in characters. The members are longer, so that a secret that the server repeats can
// be found in them.
const maxText = 300

// printable returns a JSON string in a form that is safe to show on a terminal, and "" for anything else.
func printable(v jsonobject.Value) string { return text.Printable(v.AsString()) }
