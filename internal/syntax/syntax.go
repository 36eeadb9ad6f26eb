// Package syntax checks the texts of OAuth 2.0 against the grammar of RFC 6749, appendix A. A function
// returns what is wrong as a clause without the text, which may be secret, or "" if nothing is wrong.
package syntax

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Token checks an access token or a refresh token. Appendix A.12 and A.17 allow visible ASCII and the
// space. A token with a space is refused all the same: it is an error message, or a header's value
// such as "Bearer x".
func Token(s string) (problem string) {
	switch name, ok := firstInvalid(s, '!'); {
	case IsNothing(s):
		return "is the word " + strings.ToLower(s) + ", which programs write when they have no value"
	case len(s) > len("bearer ") && strings.EqualFold(s[:len("bearer ")], "bearer "):
		return `begins with "Bearer", which belongs in the Authorization header`
	case ok:
		return "contains " + name
	default:
		return ""
	}
}

// nothing are the words that programming languages write for a missing value.
var nothing = []string{
	"null", "nil", "none", "undefined", "undef", "nothing", "nan", "false",
	"(null)", "(nil)", "(none)", "<null>", "<nil>", "<none>", "[null]", "[object object]", "n/a",
}

// IsNothing reports whether s is a word that programs write for a missing value, such as jq's null
// and Python's None.
func IsNothing(s string) bool {
	return len(s) <= len("[object object]") && slices.Contains(nothing, strings.ToLower(s))
}

// Client checks a client id or a client secret: visible ASCII and spaces (appendix A.1 and A.2).
func Client(s string) (problem string) {
	if name, ok := firstInvalid(s, ' '); ok {
		return "contains " + name
	}
	return ""
}

// TrimClient returns a client id or secret without the white space at its end, which copying adds and
// which is never part of it.
func TrimClient(s string) string { return strings.TrimRightFunc(s, unicode.IsSpace) }

// Decode returns the text of a file that a person wrote, without white space around it: UTF-8, or the
// UTF-16 with a byte order mark that PowerShell writes.
func Decode(data []byte) string {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		order = binary.BigEndian
	default:
		return strings.TrimSpace(strings.TrimPrefix(string(data), "\ufeff"))
	}
	var units []uint16
	for i := 2; i+1 < len(data); i += 2 {
		units = append(units, order.Uint16(data[i:]))
	}
	return strings.TrimSpace(string(utf16.Decode(units)))
}

// Scheme reports whether a token_type names an HTTP authentication scheme. Some servers send another
// word, such as BearerToken, although they expect Bearer.
func Scheme(s string) bool { return slices.Contains(schemes, strings.ToLower(s)) }

// schemes are those of IANA's registry with which a token can be presented, and those that APIs use
// without being in it.
var schemes = []string{"bearer", "dpop", "pop", "mac", "oauth", "token", "gnap", "basic", "hawk"}

// firstInvalid returns the name of the first character that is not ASCII from least to '~'.
func firstInvalid(s string, least rune) (name string, ok bool) {
	for i, r := range s {
		if least <= r && r <= '~' {
			continue
		}
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)) {
			return "bytes that are not UTF-8", true
		}
		return charName(r), true
	}
	return "", false
}

// charName names a character that cannot be seen. It does not show one that can: it is part of a
// secret.
func charName(r rune) string {
	switch r {
	case '\n', '\r':
		return "a line break"
	case '\t':
		return "a tab"
	case ' ':
		return "a space"
	case 0:
		return "a zero byte"
	case '\u00a0':
		return "a no-break space (U+00A0)"
	case '\u200b':
		return "a zero-width space (U+200B)"
	case '\ufeff':
		return "a byte order mark (U+FEFF)"
	}
	switch {
	case unicode.IsControl(r):
		return fmt.Sprintf("a control character (U+%04X)", r)
	case !unicode.IsPrint(r):
		return fmt.Sprintf("an invisible character (U+%04X)", r)
	default:
		return "a character that is not ASCII"
	}
}
