package redact

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Hidden is embedded, as the first field, in a struct that may hold secrets. With its methods, the
// struct prints and logs as "[hidden]", with every verb of package fmt that a type controls, and
// refuses gob. It can be marshaled as JSON, as a store saves it.
type Hidden struct{}

const hidden = "[hidden]"

// Format prints no field, with every verb.
func (Hidden) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue logs no field.
func (Hidden) LogValue() slog.Value { return slog.StringValue(hidden) }

// GobEncode fails with [ErrMarshal].
func (Hidden) GobEncode() ([]byte, error) { return nil, ErrMarshal }

// Sealed is a [Hidden] for a struct that nothing saves: it refuses JSON and other text, too.
type Sealed struct{ Hidden }

// MarshalText fails with [ErrMarshal]. Package encoding/json calls it, too.
func (Sealed) MarshalText() ([]byte, error) { return nil, ErrMarshal }

// ErrMarshal is returned if a value that may hold secrets is marshaled.
var ErrMarshal = errors.New("the value may hold secrets and cannot be marshaled: store its fields one by one")
