// Package text makes text of others safe to print: what comes from a document, a server, a file name or a command line.
package text

import (
	"strings"
	"unicode"
)

// Printable returns s without the characters that do not print, in one line: no control characters (C0 and C1), no
// bidirectional controls, nothing of zero width, and no space but U+0020. A byte that is not UTF-8 becomes U+FFFD. What
// is left cannot move a terminal's cursor, begin an escape sequence or a line, or change the order of what stands around it.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
}
