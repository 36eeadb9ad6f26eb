package filestore

import (
	"errors"
	"fmt"
	"log/slog"
)

// Values that hold connections print and log as paths and names, because connections hold secrets.

// errMarshal is returned when a value is marshaled that may hold secrets.
var errMarshal = errors.New("it may hold secrets and does not marshal itself: store its fields one by one")

// String returns the state directory, without the registration of plain token files.
func (s *Store) String() string { return "[file store in " + s.StateDir + "]" }

// Format writes String for every verb and flag.
func (s *Store) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// LogValue returns String.
func (s *Store) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText fails: a registration may hold secrets.
func (s *Store) MarshalText() ([]byte, error) { return nil, errMarshal }

// String returns which connection is locked.
func (h Hold) String() string { return fmt.Sprintf("[lock of %v]", h.Connection) }

// Format writes String for every verb and flag.
func (h Hold) Format(f fmt.State, _ rune) { fmt.Fprint(f, h.String()) }

// LogValue returns String.
func (h Hold) LogValue() slog.Value { return slog.StringValue(h.String()) }

// String returns the path of the token file.
func (in Inspection) String() string { return "[inspection of " + in.Path + "]" }

// Format writes String for every verb and flag.
func (in Inspection) Format(f fmt.State, _ rune) { fmt.Fprint(f, in.String()) }

// LogValue returns String.
func (in Inspection) LogValue() slog.Value { return slog.StringValue(in.String()) }

// MarshalText fails: a pending refresh may hold secrets.
func (in Inspection) MarshalText() ([]byte, error) { return nil, errMarshal }

// String returns the path of the token file.
func (g Ground) String() string { return "[surroundings of " + g.Path + "]" }

// Format writes String for every verb and flag.
func (g Ground) Format(f fmt.State, _ rune) { fmt.Fprint(f, g.String()) }

// LogValue returns String.
func (g Ground) LogValue() slog.Value { return slog.StringValue(g.String()) }

// MarshalText fails: the history holds the key of its fingerprints.
func (g Ground) MarshalText() ([]byte, error) { return nil, errMarshal }
