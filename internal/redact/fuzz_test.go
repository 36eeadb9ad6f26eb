package redact_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/freshet-dev/freshet/internal/redact"
)

// encodings are the ways in which servers and proxies encode a text that they repeat.
var encodings = []func(string) string{
	func(s string) string { return s },
	url.QueryEscape,
	url.PathEscape,
	func(s string) string { return lowerHex(url.QueryEscape(s)) },
	func(s string) string { return lowerHex(url.PathEscape(s)) },
	func(s string) string {
		quoted, _ := json.Marshal(s) // with <, > and & escaped; strings always encode
		return string(quoted[1 : len(quoted)-1])
	},
	// JSON as PHP writes it
	func(s string) string { return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "/", `\/`).Replace(s) },
	func(s string) string { q := strconv.Quote(s); return q[1 : len(q)-1] },
	func(s string) string { q := strconv.QuoteToASCII(s); return q[1 : len(q)-1] },
	html.EscapeString,
	func(s string) string {
		return strings.NewReplacer(
			"&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;", "/", "&sol;", "=", "&equals;",
		).Replace(s)
	},
	everyRune(func(r rune) string { return fmt.Sprintf("&#%d;", r) }),
	everyRune(func(r rune) string { return fmt.Sprintf("&#x%x;", r) }),
	everyRune(func(r rune) string { return fmt.Sprintf("&#X%04X;", r) }),
	everyRune(utf16Units(`\u%04x`)),
	everyRune(utf16Units(`\u%04X`)),
	func(s string) string {
		var b strings.Builder
		for _, c := range []byte(s) {
			fmt.Fprintf(&b, "%%%02X", c)
		}
		return b.String()
	},
	printable,
}

// base64s encode a text together with the data around it.
var base64s = []func([]byte) string{
	base64.StdEncoding.EncodeToString, base64.URLEncoding.EncodeToString, base64.RawStdEncoding.EncodeToString,
	base64.RawURLEncoding.EncodeToString,
}

func everyRune(encode func(rune) string) func(string) string {
	return func(s string) string {
		var b strings.Builder
		for _, r := range s {
			b.WriteString(encode(r))
		}
		return b.String()
	}
}

func utf16Units(format string) func(rune) string {
	return func(r rune) string {
		var b strings.Builder
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, format, unit)
		}
		return b.String()
	}
}

func lowerHex(s string) string {
	b := []byte(s)
	for i := range b {
		if i > 0 && b[i-1] == '%' || i > 1 && b[i-2] == '%' {
			b[i] |= 0x20 // a digit has the bit already
		}
	}
	return string(b)
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
}

// A secret is found in every encoding, and in two nested ones. All of it is removed, and the text
// around it stays.
func FuzzText(f *testing.F) {
	f.Add("hunter2-hunter2", "error: ", " is gone", uint8(0), uint8(0))
	for n := range len(encodings) {
		f.Add(`r/hün ter"2&<é😀>='+%41\u0041\`, "a\\", "%41", uint8(n), uint8(n+1))
		f.Add("5Aep861.TQ~+_-==", "%", "&#x", uint8(n), uint8(1))
	}
	f.Fuzz(func(t *testing.T, secret, before, after string, inner, outer uint8) {
		if printableLength(secret) < 8 || !isPrintableAtEnds(secret) ||
			strings.ContainsAny(secret+before+after, "⟦⟧") {
			return
		}
		encoded := encodings[int(outer)%len(encodings)](encodings[int(inner)%len(encodings)](secret))
		if len(encoded)+len(before)+len(after) > 2<<10 {
			return
		}
		r := redact.New("another one", secret, "")
		for _, text := range []string{
			before + "⟦" + encoded + "⟧" + after, printable(before + "⟦" + encoded + "⟧" + after),
		} {
			if got := r.Text(text); !strings.Contains(got, "⟦[secret]⟧") {
				t.Errorf("%q in %q became %q", secret, text, got)
			}
		}
	})
}

// printableLength returns the number of bytes in printable characters.
func printableLength(s string) (n int) {
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if unicode.IsPrint(r) {
			n += size
		}
		s = s[size:]
	}
	return n
}

// isPrintableAtEnds reports whether the first and the last character are printable. Unprintable
// ones at the ends are not part of a match.
func isPrintableAtEnds(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsPrint(first) && unicode.IsPrint(last)
}

// A secret in base64 is found with any data around it, plain or form-encoded, and all of the base64
// is removed.
func FuzzTextInBase64(f *testing.F) {
	f.Add("hunter2-hunter2", "app:", "", uint8(0), uint8(0))
	f.Add("r/hün ter2????>>>>", "ab", "\xff", uint8(1), uint8(1))
	f.Add("\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8", "abc", "x", uint8(6), uint8(2))
	f.Fuzz(func(t *testing.T, secret, before, after string, how, outer uint8) {
		if len(secret) < 8 || printableLength(secret) < 3 || len(secret)+len(before)+len(after) > 1<<10 {
			return
		}
		plain := secret
		if how >= 128 {
			plain = url.QueryEscape(secret)
		}
		encoded := base64s[int(how)%len(base64s)]([]byte(before + plain + after))
		text := "⟦" + encodings[int(outer)%5](encoded) + "⟧"
		if got := redact.New(secret).Text(text); got != "⟦[secret]⟧" {
			t.Errorf("%q in %q became %q", secret, text, got)
		}
	})
}

// A short secret is found if no letter or digit is next to it.
func FuzzTextWithShortSecret(f *testing.F) {
	f.Add("s3cret", "client_secret=", "&scope=api", uint8(1))
	f.Add(`a/b"c`, "<", ">", uint8(5))
	f.Fuzz(func(t *testing.T, secret, before, after string, how uint8) {
		if printableLength(secret) < 3 || !isPrintableAtEnds(secret) ||
			strings.ContainsAny(secret+before+after, "⟦⟧") || len(secret)+len(before)+len(after) > 100 {
			return
		}
		text := before + "⟦" + encodings[int(how)%len(encodings)](secret) + "⟧" + after
		if got := redact.New(secret).Text(text); !strings.Contains(got, "⟦[secret]⟧") {
			t.Errorf("%q in %q became %q", secret, text, got)
		}
	})
}
