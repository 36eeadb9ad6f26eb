package text_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/freshet-dev/freshet/internal/text"
)

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"":                              "",
		"Zoë's team, 東京":                "Zoë's team, 東京",
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

type kind string

func (k kind) String() string { return "kind " + string(k) }

func TestFprintf(t *testing.T) {
	var out strings.Builder
	text.Fprintf(&out, "%s %q %d %v %v %-4s|\n", "a\nb\x1b[2J", "c\u202e", 5, errors.New("d\u009b"), kind("e\x07"), "é\u200b")
	text.Fprintf(&out, "%.1f %t %v %s\n", 1.5, true, []string{"f\r"}, struct{ s string }{"g\u2066"})
	text.Fprintln(&out, "h\n", 6, "i\x00")
	text.Fprintln(&out)
	const want = "ab[2J \"c\" 5 d kind e é   |\n1.5 true [f] {g}\nh 6 i\n\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func FuzzJSON(f *testing.F) {
	f.Add("plain\n")
	f.Add("\u009b\x9b\u202e\x7f\u200b\U000e0041é\U0001f600\x1b")
	f.Fuzz(func(t *testing.T, s string) {
		var document bytes.Buffer
		enc := json.NewEncoder(&document)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		raw, _ := json.Marshal(s)
		// A server may send bytes that are not UTF-8. A json.RawMessage keeps them.
		sent := json.RawMessage(strings.ReplaceAll(string(raw), `\ufffd`, "\xff"))
		if err := enc.Encode(map[string]any{"a": s, s: 1, "sent": sent}); err != nil {
			return // no longer JSON
		}
		got := text.JSON(document.Bytes())
		for _, r := range string(got) {
			if r != '\n' && r != ' ' && (unicode.IsSpace(r) || !unicode.IsPrint(r)) {
				t.Errorf("%q has %U", got, r)
			}
		}
		var before, after map[string]any
		if err := json.Unmarshal(document.Bytes(), &before); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(got, &after); err != nil {
			t.Fatalf("%q: %v", got, err)
		}
		if !reflect.DeepEqual(before, after) {
			t.Errorf("%q has the values %q, want %q", got, after, before)
		}
	})
}
