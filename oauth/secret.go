package oauth

import (
	"errors"
	"fmt"
	"log/slog"
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
