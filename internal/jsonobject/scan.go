package jsonobject

import (
	"encoding/json"
	"strings"
)

// maxDepth bounds the nesting of arrays and objects. It is the limit of encoding/json.
const maxDepth = 10_000

const whiteSpace = " \t\r\n"

// scanner parses a text. Its methods report whether they found what they parse; if not, at is the
// offset of the error.
//
// It also accepts comments and trailing commas, so that their error is [ErrExtended] and a later
// syntax error is reported at its own place.
type scanner struct {
	text     string
	at       int
	depth    int
	extended bool // the text has comments or trailing commas

	duplicates *duplicates // nil if they are not looked for
}

// document parses the whole text, which is one value. If it is an object, its members are appended.
func (s *scanner) document(members []member) ([]member, bool) {
	ok := false
	if s.space(); s.peek() == '{' {
		members, ok = s.list('}', members)
	} else {
		ok = s.value()
	}
	if !ok {
		return nil, false
	}
	s.space()
	return members, s.at == len(s.text)
}

func (s *scanner) value() (ok bool) {
	switch s.peek() {
	case '"':
		return s.string()
	case '{':
		_, ok = s.list('}', nil)
	case '[':
		_, ok = s.list(']', nil)
	default:
		return s.literal()
	}
	return ok
}

// list parses the object or the array that ends with the byte end. It appends the members of the
// outermost object, and of others only to look for duplicates.
func (s *scanner) list(end byte, members []member) ([]member, bool) {
	if s.depth == maxDepth {
		return nil, false
	}
	s.depth++
	s.at++
	for comma := false; ; comma = true {
		s.space()
		if s.accept(end) {
			s.extended = s.extended || comma
			break
		}
		if end == ']' {
			if !s.value() {
				return nil, false
			}
		} else if m, ok := s.member(); !ok {
			return nil, false
		} else if s.depth == 1 || s.duplicates != nil {
			members = append(members, m)
		}
		s.space()
		if s.accept(end) {
			break
		}
		if !s.accept(',') {
			return nil, false
		}
	}
	s.depth--
	if s.duplicates != nil {
		s.duplicates.check(s.text, members)
	}
	return members, true
}

func (s *scanner) member() (m member, ok bool) {
	m.nameStart = int32(s.at)
	if !s.value() {
		return m, false
	}
	m.nameEnd = int32(s.at)
	if s.text[m.nameStart] != '"' {
		return m, s.fail(int(m.nameStart))
	}
	s.space()
	if !s.accept(':') {
		return m, false
	}
	s.space()
	m.valueStart = int32(s.at)
	duplicates := s.duplicates
	if duplicates.skips(s.text[m.nameStart:m.nameEnd]) {
		s.duplicates = nil
	}
	ok = s.value()
	s.duplicates = duplicates
	m.valueEnd = int32(s.at)
	return m, ok
}

// string parses a string. If its content is invalid, the error is at its beginning, as in hujson.
func (s *scanner) string() bool {
	start, valid := s.at, true
	for i := start + 1; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '"':
			s.at = i + 1
			return valid || s.fail(start)
		case c == '\\':
			i++
			valid = valid && isEscape(s.text[i:])
		case c < ' ':
			valid = false
		}
	}
	return s.fail(len(s.text))
}

// isEscape reports whether s begins with what may follow a backslash.
func isEscape(s string) bool {
	if s == "" {
		return false
	}
	if s[0] != 'u' {
		return strings.IndexByte(`"\/bfnrt`, s[0]) >= 0
	}
	return len(s) > 4 && strings.Trim(s[1:5], "0123456789abcdefABCDEF") == ""
}

// literal parses a number, true, false or null.
func (s *scanner) literal() bool {
	start := s.at
	for s.at < len(s.text) && isLiteralByte(s.text[s.at]) {
		s.at++
	}
	return json.Valid([]byte(s.text[start:s.at])) || s.fail(start)
}

func isLiteralByte(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '-' || c == '+' || c == '.'
}

// space skips white space and comments.
func (s *scanner) space() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		case '/':
			if !s.comment() {
				return
			}
		default:
			return
		}
	}
}

func (s *scanner) comment() bool {
	rest, end := s.text[s.at:], ""
	switch {
	case strings.HasPrefix(rest, "//"):
		end = "\n"
	case strings.HasPrefix(rest, "/*"):
		end = "*/"
	default:
		return false
	}
	length := strings.Index(rest[2:], end)
	if length < 0 {
		return false
	}
	s.at += 2 + length + len(end)
	s.extended = true
	return true
}

// peek returns the next byte, or 0 at the end.
func (s *scanner) peek() byte {
	if s.at == len(s.text) {
		return 0
	}
	return s.text[s.at]
}

// accept skips the byte c, if it is next.
func (s *scanner) accept(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.at++
	return true
}

func (s *scanner) fail(at int) bool {
	s.at = at
	return false
}

// syntaxError returns the error at the current offset.
func (s *scanner) syntaxError() error {
	before := s.text[:s.at]
	return &SyntaxError{
		Line:   1 + strings.Count(before, "\n"),
		Column: s.at - strings.LastIndexByte(before, '\n'),
	}
}
