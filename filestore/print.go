package filestore

import (
	"errors"
	"fmt"
	"log/slog"
)

// What is shown of values that hold connections when they are printed: paths and names.

// errMarshal is returned where a value is marshalled that may hold a secret.
var errMarshal = errors.New("it may hold secrets and does not marshal itself: store its fields one by one")

// String shows where the store keeps its files, and not the registration of plain token files.
func (s *Store) String() string { return "[file store in " + s.StateDir + "]" }

// Format shows what String does under every verb and flag.
func (s *Store) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// LogValue shows what String does.
func (s *Store) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText fails: a registration may hold secrets.
func (s *Store) MarshalText() ([]byte, error) { return nil, errMarshal }

// String shows which connection is locked.
func (h Hold) String() string { return fmt.Sprintf("[lock of %v]", h.Connection) }

// Format shows what String does under every verb and flag.
func (h Hold) Format(f fmt.State, _ rune) { fmt.Fprint(f, h.String()) }

// LogValue shows what String does.
func (h Hold) LogValue() slog.Value { return slog.StringValue(h.String()) }

// String shows the path of the token file.
func (in Inspection) String() string { return "[inspection of " + in.Path + "]" }

// Format shows what String does under every verb and flag.
func (in Inspection) Format(f fmt.State, _ rune) { fmt.Fprint(f, in.String()) }

// LogValue shows what String does.
func (in Inspection) LogValue() slog.Value { return slog.StringValue(in.String()) }

// MarshalText fails: what is pending may hold secrets.
func (in Inspection) MarshalText() ([]byte, error) { return nil, errMarshal }

// String shows the path of the token file.
func (g Ground) String() string { return "[surroundings of " + g.Path + "]" }

// Format shows what String does under every verb and flag.
func (g Ground) Format(f fmt.State, _ rune) { fmt.Fprint(f, g.String()) }

// LogValue shows what String does.
func (g Ground) LogValue() slog.Value { return slog.StringValue(g.String()) }

// MarshalText fails: the history has the key of its fingerprints.
func (g Ground) MarshalText() ([]byte, error) { return nil, errMarshal }
