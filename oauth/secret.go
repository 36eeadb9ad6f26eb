package oauth

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/freshet-dev/freshet/internal/redact"
)

// Secret is a string that must not be printed, such as a client secret or a refresh token. It
// redacts itself; string(s) returns it in clear. Do not keep one in an unexported field of a type
// that is printed, nor as a key of a map that is marshalled: its methods are not called there. The
// package documentation lists the other exceptions.
type Secret string

// String returns "[secret]", or "" if the secret is empty.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "[secret]"
}

// GoString redacts like String.
func (s Secret) GoString() string { return fmt.Sprintf("%q", s.String()) }

// Format redacts under every verb and flag.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// LogValue redacts for log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// ErrSecretMarshal is returned if a Secret is marshalled. A file with "[secret]" in it would have
// lost the secret.
var ErrSecretMarshal = errors.New("a secret does not marshal itself: convert it with string(s) where it must be stored")

// MarshalText fails with [ErrSecretMarshal].
func (s Secret) MarshalText() ([]byte, error) { return nil, ErrSecretMarshal }

// MarshalJSON fails with [ErrSecretMarshal].
func (s Secret) MarshalJSON() ([]byte, error) { return nil, ErrSecretMarshal }

// GobEncode fails with [ErrSecretMarshal].
func (s Secret) GobEncode() ([]byte, error) { return nil, ErrSecretMarshal }

// The other types that hold secrets print a host or an id only: Format prints String under every
// verb and flag, and LogValue logs it. They refuse to be marshalled, except where a store saves
// them as JSON.

// String returns the host of the endpoint.
func (r Request) String() string               { return "[request to " + redact.Host(r.Endpoint) + "]" }
func (r Request) GoString() string             { return r.String() }
func (r Request) Format(f fmt.State, _ rune)   { fmt.Fprint(f, r.String()) }
func (r Request) LogValue() slog.Value         { return slog.StringValue(r.String()) }
func (r Request) MarshalText() ([]byte, error) { return nil, redact.ErrMarshal }
func (r Request) GobEncode() ([]byte, error)   { return nil, redact.ErrMarshal }

// String returns the host, the status and the length of the body, which may have tokens in it.
func (r Reply) String() string {
	return fmt.Sprintf("[reply of %s: status %d, %d bytes]", r.Host, r.Status, len(r.Body))
}
func (r Reply) GoString() string           { return r.String() }
func (r Reply) Format(f fmt.State, _ rune) { fmt.Fprint(f, r.String()) }
func (r Reply) LogValue() slog.Value       { return slog.StringValue(r.String()) }
func (r Reply) GobEncode() ([]byte, error) { return nil, redact.ErrMarshal }

// String returns the host of the endpoint.
func (a Authorization) String() string {
	return "[authorization request to " + redact.Host(a.Endpoint) + "]"
}
func (a Authorization) Format(f fmt.State, _ rune)   { fmt.Fprint(f, a.String()) }
func (a Authorization) LogValue() slog.Value         { return slog.StringValue(a.String()) }
func (a Authorization) MarshalText() ([]byte, error) { return nil, redact.ErrMarshal }
func (a Authorization) GobEncode() ([]byte, error)   { return nil, redact.ErrMarshal }

// String returns the client id.
func (c Client) String() string             { return "[client " + c.ID + "]" }
func (c Client) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.String()) }
func (c Client) LogValue() slog.Value       { return slog.StringValue(c.String()) }
func (c Client) GobEncode() ([]byte, error) { return nil, ErrSecretMarshal }

// String returns the host of the proxy.
func (c HTTPConfig) String() string {
	if c.Proxy == "" {
		return "[HTTP without a proxy]"
	}
	return "[HTTP by the proxy " + redact.Host(c.Proxy) + "]"
}
func (c HTTPConfig) Format(f fmt.State, _ rune)   { fmt.Fprint(f, c.String()) }
func (c HTTPConfig) LogValue() slog.Value         { return slog.StringValue(c.String()) }
func (c HTTPConfig) MarshalText() ([]byte, error) { return nil, redact.ErrMarshal }
func (c HTTPConfig) GobEncode() ([]byte, error)   { return nil, redact.ErrMarshal }

// String returns the host of the verification address.
func (d DeviceCode) String() string {
	return "[device code for " + redact.Host(d.VerificationURI) + "]"
}
func (d DeviceCode) Format(f fmt.State, _ rune)   { fmt.Fprint(f, d.String()) }
func (d DeviceCode) LogValue() slog.Value         { return slog.StringValue(d.String()) }
func (d DeviceCode) MarshalText() ([]byte, error) { return nil, redact.ErrMarshal }
func (d DeviceCode) GobEncode() ([]byte, error)   { return nil, redact.ErrMarshal }

// String returns the host of the token endpoint or the issuer. Addresses may have secret
// parameters.
func (e Endpoints) String() string {
	if e.Token == "" {
		return "[endpoints of " + redact.Host(e.Issuer) + "]"
	}
	return "[endpoints of " + redact.Host(e.Token) + "]"
}
func (e Endpoints) Format(f fmt.State, _ rune) { fmt.Fprint(f, e.String()) }
func (e Endpoints) LogValue() slog.Value       { return slog.StringValue(e.String()) }
func (e Endpoints) GobEncode() ([]byte, error) { return nil, redact.ErrMarshal }

// Format prints no field of the trace.
func (t *Trace) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[trace]") }
