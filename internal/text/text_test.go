package text_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/freshet-dev/freshet/internal/text"
)

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"":                              "",
		"Zoë's team, 東京":                 "Zoë's team, 東京",
		"a\x1b]0;title\ab":              "a]0;titleb",
		"a\r\nb\tc":                     "abc",
		"a\u009b31mb":                   "a31mb",
		"a\x9b31mb":                     "a\ufffd31mb",
		"a\u202eb\u2066c\u2069d":        "abcd",
		"a\u200bb\u200dc\ufeffd\u00ade": "abcde",
		"a\u2028b\u2029c\u0085d\u00a0e": "abcde",
		"a\U000e0041b":                  "ab",
	} {
		if got := text.Printable(in); got != want {
			t.Errorf("Printable(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("plain")
	f.Add("\x1b[2J\u009b\x9b\u202e\u2066\u200b\r\n")
	f.Fuzz(func(t *testing.T, s string) {
		got := text.Printable(s)
		if !utf8.ValidString(got) {
			t.Errorf("Printable(%q) = %q is not UTF-8", s, got)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Bidi_Control, r) || unicode.IsSpace(r) && r != ' ' {
				t.Errorf("Printable(%q) = %q has %U", s, got, r)
			}
		}
		if text.Printable(got) != got {
			t.Errorf("Printable(%q) = %q, and again %q", s, got, text.Printable(got))
		}
		if strings.ToValidUTF8(s, "") == s && len(got) > len(s) {
			t.Errorf("Printable(%q) = %q is longer", s, got)
		}
	})
}
