package oauth

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
)

// What is shown of values that hold secrets when they are printed: where they lead, and nothing else. Each type has String, Format
// for package fmt, LogValue for log/slog, and errors for encoding/json and encoding/gob.

// errMarshal is returned where a value is marshalled that may hold a secret.
var errMarshal = errors.New("it may hold secrets and does not marshal itself: store its fields one by one")

// hostOf is the host of an address, for values that show no more of it.
func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return "an unknown host"
}

// MarshalText fails: a request holds secrets.
func (r Request) MarshalText() ([]byte, error) { return nil, errMarshal }

// GobEncode fails like MarshalText.
func (r Request) GobEncode() ([]byte, error) { return nil, errMarshal }

// Format prints nothing of what a trace knows.
func (t *Trace) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[trace]") }

// GobEncode fails: package freshet journals a reply as JSON, with its body next to it.
func (r Reply) GobEncode() ([]byte, error) { return nil, errMarshal }

// String shows the host alone.
func (a Authorization) String() string {
	return "[authorization request to " + hostOf(a.Endpoint) + "]"
}

// Format redacts under every verb and flag.
func (a Authorization) Format(f fmt.State, _ rune) { fmt.Fprint(f, a.String()) }

// LogValue redacts for log/slog.
func (a Authorization) LogValue() slog.Value { return slog.StringValue(a.String()) }

// MarshalText fails: state and nonce are secrets, and parameters may be.
func (a Authorization) MarshalText() ([]byte, error) { return nil, errMarshal }

// GobEncode fails like MarshalText.
func (a Authorization) GobEncode() ([]byte, error) { return nil, errMarshal }

// String shows the id.
func (c Client) String() string { return "[client " + c.ID + "]" }

// Format shows what String does under every verb and flag.
func (c Client) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.String()) }

// LogValue shows what String does.
func (c Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// GobEncode fails: the secret may be in it.
func (c Client) GobEncode() ([]byte, error) { return nil, ErrSecretMarshal }

// String shows the host of the proxy alone.
func (c HTTPConfig) String() string {
	if c.Proxy == "" {
		return "[HTTP without a proxy]"
	}
	return "[HTTP by the proxy " + hostOf(c.Proxy) + "]"
}

// Format redacts under every verb and flag.
func (c HTTPConfig) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.String()) }

// LogValue redacts for log/slog.
func (c HTTPConfig) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText fails: the proxy's address may have a password in it.
func (c HTTPConfig) MarshalText() ([]byte, error) { return nil, errMarshal }

// GobEncode fails like MarshalText.
func (c HTTPConfig) GobEncode() ([]byte, error) { return nil, errMarshal }

// String shows none of the codes.
func (d DeviceCode) String() string { return "[device code for " + hostOf(d.VerificationURI) + "]" }

// Format redacts under every verb and flag.
func (d DeviceCode) Format(f fmt.State, _ rune) { fmt.Fprint(f, d.String()) }

// LogValue redacts for log/slog.
func (d DeviceCode) LogValue() slog.Value { return slog.StringValue(d.String()) }

// MarshalText fails: the codes are secrets.
func (d DeviceCode) MarshalText() ([]byte, error) { return nil, errMarshal }

// GobEncode fails like MarshalText.
func (d DeviceCode) GobEncode() ([]byte, error) { return nil, errMarshal }

// String shows the host of the token endpoint, or of the issuer. The addresses may have parameters.
func (e Endpoints) String() string {
	if e.Token == "" {
		return "[endpoints of " + hostOf(e.Issuer) + "]"
	}
	return "[endpoints of " + hostOf(e.Token) + "]"
}

// Format shows what String does under every verb and flag.
func (e Endpoints) Format(f fmt.State, _ rune) { fmt.Fprint(f, e.String()) }

// LogValue shows what String does.
func (e Endpoints) LogValue() slog.Value { return slog.StringValue(e.String()) }

// GobEncode fails: endpoints are saved as JSON.
func (e Endpoints) GobEncode() ([]byte, error) { return nil, errMarshal }
