package login

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
)

// What is shown of values that hold secrets when they are printed.

var (
	errMarshal = errors.New("it may hold secrets and does not marshal itself: store its fields one by one")
	errGob     = errors.New("it holds secrets, and is saved as JSON in the session")
)

// hostOf is the host of an address, for values that show no more of it.
func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return "an unknown host"
}

// String shows the host that the browser is sent to.
func (a Attempt) String() string { return "[login at " + hostOf(a.URL) + "]" }

// Format redacts under every verb and flag.
func (a Attempt) Format(f fmt.State, _ rune) { fmt.Fprint(f, a.String()) }

// LogValue redacts for log/slog.
func (a Attempt) LogValue() slog.Value { return slog.StringValue(a.String()) }

// GobEncode fails: an attempt is marshalled as JSON.
func (a Attempt) GobEncode() ([]byte, error) { return nil, errGob }

// String shows where the answer is to go.
func (o Options) String() string { return "[login options, redirect to " + hostOf(o.RedirectURI) + "]" }

// Format redacts under every verb and flag.
func (o Options) Format(f fmt.State, _ rune) { fmt.Fprint(f, o.String()) }

// LogValue redacts for log/slog.
func (o Options) LogValue() slog.Value { return slog.StringValue(o.String()) }

// MarshalText fails: the state is a secret, and parameters may be.
func (o Options) MarshalText() ([]byte, error) { return nil, errMarshal }

// GobEncode fails like MarshalText.
func (o Options) GobEncode() ([]byte, error) { return nil, errMarshal }
