package jsonobject

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Value is a JSON value as it is written, without white space around it. "" means no value.
type Value string

// Kind returns the first byte of the value, '0' for any number, or 0 if there is no value.
func (v Value) Kind() byte {
	switch {
	case v == "":
		return 0
	case v[0] == '-' || '0' <= v[0] && v[0] <= '9':
		return '0'
	default:
		return v[0]
	}
}

// IsLiteral reports whether v is a string, a number, true, false or null.
func (v Value) IsLiteral() bool { return v != "" && v[0] != '{' && v[0] != '[' }

// Text returns a string decoded, or any other value as it is written. A string without escapes
// shares the memory of v.
func (v Value) Text() string {
	if v.Kind() != '"' {
		return string(v)
	}
	if plain := string(v[1 : len(v)-1]); strings.IndexByte(plain, '\\') < 0 && utf8.ValidString(plain) {
		return plain
	}
	var s string
	_ = json.Unmarshal([]byte(v), &s) // Parse has found it valid
	return s
}

// Elements returns the elements of an array, or nil for any other value.
func (v Value) Elements() (elements []Value) {
	var raw []json.RawMessage
	if v.Kind() != '[' || json.Unmarshal([]byte(v), &raw) != nil {
		return nil
	}
	for _, element := range raw {
		elements = append(elements, Value(element))
	}
	return elements
}

// IsUnicode reports whether v is UTF-8 and all escaped surrogates are in pairs. The Text of any
// other string has U+FFFD for each part that cannot be decoded (RFC 8259 §8.2).
func (v Value) IsUnicode() bool {
	s := string(v)
	if !utf8.ValidString(s) {
		return false
	}
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 {
			return true
		}
		s = s[i:]
		r, length := escape(s)
		if utf16.IsSurrogate(r) {
			low, lowLength := escape(s[length:])
			if utf16.DecodeRune(r, low) == unicode.ReplacementChar {
				return false
			}
			length += lowLength
		}
		s = s[length:]
	}
}

// escape returns the rune of the \u escape that s begins with, and the length of the escape. For
// any other escape the rune is 0.
func escape(s string) (r rune, length int) {
	if !strings.HasPrefix(s, `\u`) || len(s) < 6 {
		return 0, min(len(s), 2)
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	if err != nil {
		return 0, 2
	}
	return rune(n), 6
}

// AsString returns a string decoded, or "" for any other value.
func (v Value) AsString() string {
	if v.Kind() == '"' {
		return v.Text()
	}
	return ""
}

// Equal reports whether v and w are the same value, however they are written. Numbers are equal
// only if they are written alike: 1 and 1.0 may differ to the program that reads them.
func (v Value) Equal(w Value) bool {
	switch {
	case v == w:
		return true
	case v.Kind() != w.Kind():
		return false
	case v.IsLiteral():
		return v.Text() == w.Text()
	default:
		return reflect.DeepEqual(v.decoded(), w.decoded())
	}
}

func (v Value) decoded() (decoded any) {
	d := json.NewDecoder(strings.NewReader(string(v)))
	d.UseNumber()
	_ = d.Decode(&decoded)
	return decoded
}

// Number returns s as a number, if it is a JSON number.
func Number(s string) (Value, bool) {
	v := Value(s)
	return v, v.Kind() == '0' && isLiteralByte(s[len(s)-1]) && json.Valid([]byte(s))
}

// Int returns n as a number.
func Int(n int64) Value { return Value(strconv.FormatInt(n, 10)) }

// Quote returns s as a JSON string. Bytes that are not UTF-8 become U+FFFD.
func Quote(s string) Value {
	if isPlain(s) {
		return Value(`"` + s + `"`)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	return Value(strings.TrimSuffix(out.String(), "\n"))
}

// QuoteRaw is Quote, but bytes that are not UTF-8 stay as they are, so that a reader notices them.
func QuoteRaw(s string) Value {
	if utf8.ValidString(s) {
		return Quote(s)
	}
	var out strings.Builder
	out.WriteByte('"')
	for rest := s; rest != ""; {
		valid := rest
		for i, r := range rest {
			if _, size := utf8.DecodeRuneInString(rest[i:]); r == utf8.RuneError && size == 1 {
				valid = rest[:i]
				break
			}
		}
		quoted := Quote(valid)
		out.WriteString(string(quoted[1 : len(quoted)-1]))
		if rest = rest[len(valid):]; rest != "" {
			out.WriteByte(rest[0])
			rest = rest[1:]
		}
	}
	out.WriteByte('"')
	return Value(out.String())
}

// isPlain reports whether s is printable ASCII that needs no escape.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
