// Package jsonobject reads one JSON object (RFC 8259) and changes members of it. Every other byte
// stays as it was.
package jsonobject

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
)

// Object is a JSON object as it is written, including the white space around it. It is immutable.
// The zero Object has no members and no text.
type Object struct {
	text    string
	members []member
	names   []string // the decoded names; nil if no name needs decoding
}

// member holds the offsets of a name, with its quotes, and of a value.
type member struct{ nameStart, nameEnd, valueStart, valueEnd int32 }

// Parse returns one of these errors or a [*SyntaxError].
var (
	ErrNotObject = errors.New("it is JSON, but not an object")
	ErrExtended  = errors.New("it holds comments or a trailing comma, which JSON does not have")
)

// SyntaxError is the position of the first byte that is not JSON. It does not quote the text.
type SyntaxError struct{ Line, Column int } // both from 1; the column counts bytes

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("syntax error (line %d, column %d)", e.Line, e.Column)
}

// Parse parses an object. It accepts repeated names, all of which are kept, and text that is not
// valid UTF-8.
func Parse(text string) (Object, error) {
	if len(text) > math.MaxInt32 {
		return Object{}, &SyntaxError{Line: 1, Column: 1}
	}
	s := scanner{text: text}
	var few [16]member // usually enough, so that the clone below is the only allocation
	members, ok := s.document(few[:0])
	switch {
	case !ok:
		return Object{}, s.syntaxError()
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

// All yields the members in order, with decoded names.
func (o Object) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		for i, m := range o.members {
			if !yield(o.name(i), o.value(m)) {
				return
			}
		}
	}
}

// Value returns the value of the last member with this name, or "" if there is none.
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

// Duplicate returns the name of the first member whose name an earlier member has.
func (o Object) Duplicate() (name string, ok bool) {
	if len(o.members) <= 16 { // comparing so few is faster than hashing
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

// DuplicateFold returns a name that two members of an object in the text have, at any depth and in any
// case, or "". Of such members encoding/json uses the last, and other programs another. The values of
// members named skip, in lower case, are ignored.
func DuplicateFold(text []byte, skip ...string) (name string, err error) {
	s := scanner{text: string(text), duplicates: &duplicates{skip: skip}}
	found := s.duplicates
	if _, ok := s.document(nil); !ok {
		return "", s.syntaxError()
	}
	return found.name, nil
}

// duplicates looks for names that an object has twice.
type duplicates struct {
	skip []string
	name string // that was found
}

// skips reports whether the value of the member with the quoted name is ignored.
func (d *duplicates) skips(name string) bool {
	return d != nil && slices.Contains(d.skip, strings.ToLower(Value(name).Text()))
}

func (d *duplicates) check(text string, members []member) {
	seen := make(map[string]bool, len(members))
	for _, m := range members {
		name := Value(text[m.nameStart:m.nameEnd]).Text()
		folded := strings.ToLower(name)
		if seen[folded] && d.name == "" {
			d.name = name
		}
		seen[folded] = true
	}
}

// Edit is a changed copy of an object.
type Edit struct {
	object Object
	values []Value // of its members, if they were set
	added  []added // in order
}

// added is a member that the object does not have.
type added struct {
	name  string
	value Value
}

// Edit returns an unchanged copy. The names of o must differ. The zero Object is copied as {}.
func (o Object) Edit() *Edit {
	if o.text == "" {
		o.text = "{}"
	}
	return &Edit{object: o, values: make([]Value, len(o.members))}
}

// Value returns the member's current value, or "" if there is none.
func (e *Edit) Value(name string) Value {
	if v := e.find(name); v != nil && *v != "" {
		return *v
	}
	return e.object.Value(name)
}

// find returns the place for the value of a member, or nil if there is no such member.
func (e *Edit) find(name string) *Value {
	for i := range e.values {
		if e.object.name(i) == name {
			return &e.values[i]
		}
	}
	for i := range e.added {
		if e.added[i].name == name {
			return &e.added[i].value
		}
	}
	return nil
}

// Set replaces the member's value, or adds a member at the end, formatted like the one before.
func (e *Edit) Set(name string, value Value) {
	if v := e.find(name); v != nil {
		*v = value
	} else {
		e.added = append(e.added, added{name, value})
	}
}

// Text returns the changed object. All that was not set is the same byte for byte.
func (e *Edit) Text() string {
	text := e.object.text
	var few [1024]byte // usually enough, so that the returned string is the only allocation
	out, copied := few[:0], 0
	for i, m := range e.object.members {
		if v := e.values[i]; v != "" {
			out = append(append(out, text[copied:m.valueStart]...), v...)
			copied = int(m.valueEnd)
		}
	}
	end, comma, indent, colon := e.object.end()
	out = append(out, text[copied:end]...)
	for _, a := range e.added {
		out = append(append(out, comma...), indent...)
		out = append(append(out, Quote(a.name)...), colon...)
		out = append(out, a.value...)
		comma = ","
	}
	return string(append(out, text[end:]...))
}

// end returns the offset at which a member is added, the comma before it, and the white space and
// the colon of the last member, which the new one copies. In an empty object that takes two lines,
// each member gets a line of its own.
func (o Object) end() (at int, comma, indent, colon string) {
	if len(o.members) == 0 {
		at = strings.IndexByte(o.text, '{') + 1
		if strings.Contains(o.text[at:strings.IndexByte(o.text, '}')], "\n") {
			return at, "", "\n  ", ": "
		}
		return at, "", "", ":"
	}
	last := o.members[len(o.members)-1]
	head := o.text[:last.nameStart]
	indent = head[len(strings.TrimRight(head, whiteSpace)):]
	return int(last.valueEnd), ",", indent, o.text[last.nameEnd:last.valueStart]
}
