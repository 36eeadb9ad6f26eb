// Package text makes text of others safe to print: what comes from a document, a server, a file
// name or a command line.
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

// Printable returns s without the characters that do not print, in one line: no control characters
// (C0 and C1), no bidirectional controls, nothing of zero width, and no space but U+0020. A byte
// that is not UTF-8 becomes U+FFFD. What is left cannot move a terminal's cursor, begin an escape
// sequence or a line, or change the order of what stands around it.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
}

// Fprintf writes as [fmt.Fprintf] does, with the text of every argument made [Printable]. The
// format is the program's own.
func Fprintf(w io.Writer, format string, args ...any) (int, error) {
	for i := range args {
		args[i] = printable(args[i])
	}
	return fmt.Fprintf(w, format, args...)
}

// Fprintln writes the arguments in one line, as [fmt.Fprintln] does, each of them made [Printable].
func Fprintln(w io.Writer, args ...any) (int, error) {
	for i := range args {
		args[i] = printable(args[i])
	}
	return fmt.Fprintln(w, args...)
}

// printable leaves numbers and booleans as they are, for their verbs; everything else becomes the
// text that it prints.
func printable(arg any) any {
	_, isStringer := arg.(fmt.Stringer)
	v := reflect.ValueOf(arg)
	if !isStringer && (v.CanInt() || v.CanUint() || v.CanFloat() || v.Kind() == reflect.Bool) {
		return arg
	}
	return Printable(fmt.Sprint(arg))
}

// JSON returns a JSON text with everything escaped that does not print: its values stay the same,
// and it can be shown on a terminal. Line breaks between values stay. What is not UTF-8 becomes
// \ufffd, which it means to every reader.
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
