package login

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
)

// Attempt and Options hold secrets: they print a host only and refuse gob. A session keeps an
// Attempt as JSON. Options refuse to be marshalled.

var (
	errMarshal = errors.New("it may hold secrets and does not marshal itself: store its fields one by one")
	errGob     = errors.New("it holds secrets, and is saved as JSON in the session")
)

func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return "an unknown host"
}

// String returns the host that the browser opens.
func (a Attempt) String() string             { return "[login at " + hostOf(a.URL) + "]" }
func (a Attempt) Format(f fmt.State, _ rune) { fmt.Fprint(f, a.String()) }
func (a Attempt) LogValue() slog.Value       { return slog.StringValue(a.String()) }
func (a Attempt) GobEncode() ([]byte, error) { return nil, errGob }

// String returns the host of the redirect address.
func (o Options) String() string               { return "[login options, redirect to " + hostOf(o.RedirectURI) + "]" }
func (o Options) Format(f fmt.State, _ rune)   { fmt.Fprint(f, o.String()) }
func (o Options) LogValue() slog.Value         { return slog.StringValue(o.String()) }
func (o Options) MarshalText() ([]byte, error) { return nil, errMarshal }
func (o Options) GobEncode() ([]byte, error)   { return nil, errMarshal }
