// Package text formats what freshet prints: text from documents, servers, file names and command
// lines becomes safe for a terminal, and durations have one spelling.
package text

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Printable returns s in one line, without characters that do not print: control characters (C0 and
// C1), bidirectional controls, characters of zero width, and spaces other than U+0020. A byte that
// is not UTF-8 becomes U+FFFD. The result cannot move a terminal's cursor, begin an escape sequence
// or a line, or change the order of the text around it.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
}

// Fprintf is [fmt.Fprintf] with the text of every argument made [Printable]. The format must be
// freshet's own.
func Fprintf(w io.Writer, format string, args ...any) (int, error) {
	for i := range args {
		args[i] = printable(args[i])
	}
	return fmt.Fprintf(w, format, args...)
}

// Fprintln is [fmt.Fprintln] with the text of every argument made [Printable].
func Fprintln(w io.Writer, args ...any) (int, error) {
	for i := range args {
		args[i] = printable(args[i])
	}
	return fmt.Fprintln(w, args...)
}

// printable returns the text of arg, but numbers and booleans unchanged, for their verbs.
func printable(arg any) any {
	_, isStringer := arg.(fmt.Stringer)
	v := reflect.ValueOf(arg)
	if !isStringer && (v.CanInt() || v.CanUint() || v.CanFloat() || v.Kind() == reflect.Bool) {
		return arg
	}
	return Printable(fmt.Sprint(arg))
}

// JSON returns a JSON text with the characters escaped that do not print. Its values stay the same,
// and so do line breaks between them. A byte that is not UTF-8 becomes \ufffd, as JSON parsers read
// it.
func JSON(document []byte) []byte {
	safe := func(r rune) bool { return r == '\n' || unicode.IsPrint(r) }
	out := make([]byte, 0, len(document))
	for len(document) > 0 {
		r, size := utf8.DecodeRune(document)
		switch first, second := utf16.EncodeRune(r); {
		case safe(r) && !(r == utf8.RuneError && size == 1):
			out = append(out, document[:size]...)
		case r > 0xffff:
			out = fmt.Appendf(out, `\u%04x\u%04x`, first, second)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		document = document[size:]
	}
	return out
}
