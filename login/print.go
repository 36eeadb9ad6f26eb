package login

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/freshet-dev/freshet/internal/redact"
)

// Attempt and Options hold secrets: they print a host only and refuse gob. A session keeps an
// Attempt as JSON. Options refuse to be marshalled.

var errGob = errors.New("it holds secrets, and is saved as JSON in the session")

// String returns the host that the browser opens.
func (a Attempt) String() string             { return "[login at " + redact.Host(a.URL) + "]" }
func (a Attempt) Format(f fmt.State, _ rune) { fmt.Fprint(f, a.String()) }
func (a Attempt) LogValue() slog.Value       { return slog.StringValue(a.String()) }
func (a Attempt) GobEncode() ([]byte, error) { return nil, errGob }

// String returns the host of the redirect address.
func (o Options) String() string {
	return "[login options, redirect to " + redact.Host(o.RedirectURI) + "]"
}
func (o Options) Format(f fmt.State, _ rune)   { fmt.Fprint(f, o.String()) }
func (o Options) LogValue() slog.Value         { return slog.StringValue(o.String()) }
func (o Options) MarshalText() ([]byte, error) { return nil, redact.ErrMarshal }
func (o Options) GobEncode() ([]byte, error)   { return nil, redact.ErrMarshal }
