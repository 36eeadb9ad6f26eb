// Package jsonobject reads one JSON object (RFC 8259) and changes members of it, leaving every other byte as it is. It holds
// the text once: members are where they stand in it.
package jsonobject

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
)

// Object is an object as it is spelled, with the white space around it. It is immutable. The zero Object has no members and
// no text.
type Object struct {
	text    string
	members []member
	names   []string // decoded; nil if all are spelled as they are
}

// member says where its parts stand in the text; the white space and the colon between them are neither's.
type member struct{ nameStart, nameEnd, valueStart, valueEnd int32 }

// What Parse refuses, beside a [*SyntaxError].
var (
	ErrNotObject = errors.New("it is JSON, but not an object")
	ErrExtended  = errors.New("it holds comments or a trailing comma, which JSON does not have")
)

// SyntaxError says where a text stops being JSON, and nothing of what it holds.
type SyntaxError struct{ Line, Column int } // from 1; the column in bytes

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("syntax error (line %d, column %d)", e.Line, e.Column)
}

// Parse reads an object. Members of the same name are all kept. Text that is not UTF-8 is not refused.
func Parse(text string) (Object, error) {
	if len(text) > math.MaxInt32 {
		return Object{}, &SyntaxError{Line: 1, Column: 1}
	}
	s := scanner{text: text}
	var few [16]member // nearly always enough, so that the members are allocated once, in their number
	members, ok := s.document(few[:0])
	switch {
	case !ok:
		return Object{}, s.failure()
	case s.extended:
		return Object{}, ErrExtended
	case !strings.HasPrefix(strings.TrimLeft(text, whiteSpace), "{"):
		return Object{}, ErrNotObject
	}
	o := Object{text: text, members: slices.Clone(members)}
	if !slices.ContainsFunc(members, func(m member) bool { return !isPlain(text[m.nameStart+1 : m.nameEnd-1]) }) {
		return o, nil
	}
	o.names = make([]string, len(members))
	for i, m := range members {
		o.names[i] = Value(text[m.nameStart:m.nameEnd]).Text()
	}
	return o, nil
}

// Len returns the number of members.
func (o Object) Len() int { return len(o.members) }

// All yields the members in their order, each with its name decoded.
func (o Object) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		for i, m := range o.members {
			if !yield(o.name(i), o.value(m)) {
				return
			}
		}
	}
}

// Value returns the value of the last member of that name, and "" when there is none.
func (o Object) Value(name string) Value {
	for i := len(o.members) - 1; i >= 0; i-- {
		if o.name(i) == name {
			return o.value(o.members[i])
		}
	}
	return ""
}

func (o Object) name(i int) string {
	if o.names != nil {
		return o.names[i]
	}
	m := o.members[i]
	return o.text[m.nameStart+1 : m.nameEnd-1]
}

func (o Object) value(m member) Value { return Value(o.text[m.valueStart:m.valueEnd]) }

// Duplicate returns the first name that an earlier member has too.
func (o Object) Duplicate() (name string, ok bool) {
	if len(o.members) <= 16 { // so few are sooner compared than hashed
		for i := range o.members {
			for earlier := range i {
				if o.name(earlier) == o.name(i) {
					return o.name(i), true
				}
			}
		}
		return "", false
	}
	seen := make(map[string]bool, len(o.members))
	for name := range o.All() {
		if seen[name] {
			return name, true
		}
		seen[name] = true
	}
	return "", false
}
