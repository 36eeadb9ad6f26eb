package oauth

import (
	"errors"
	"fmt"
	"log/slog"
)

// Secret is a string that must not be seen: a client secret, a refresh token. It redacts itself wherever it might be
// printed; string(s) is the one way to read it. Do not keep one in an unexported field of a type that may be printed, nor as the
// key of a map that may be marshalled: nothing calls its methods there. The package documentation lists what else does not.
type Secret string

const redacted = "[secret]"

// String returns "[secret]", or "" when the secret is empty.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// GoString redacts like String.
func (s Secret) GoString() string { return fmt.Sprintf("%q", s.String()) }

// Format redacts under every verb and flag.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// LogValue redacts for log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// ErrSecretMarshal is returned when a Secret is marshalled. Writing "[secret]" into a file in its place would lose it.
var ErrSecretMarshal = errors.New("a secret does not marshal itself: convert it with string(s) where it must be stored")

// MarshalText fails with [ErrSecretMarshal].
func (s Secret) MarshalText() ([]byte, error) { return nil, ErrSecretMarshal }

// MarshalJSON fails with [ErrSecretMarshal].
func (s Secret) MarshalJSON() ([]byte, error) { return nil, ErrSecretMarshal }

// GobEncode fails with [ErrSecretMarshal].
func (s Secret) GobEncode() ([]byte, error) { return nil, ErrSecretMarshal }
