package syntax_test

import (
	"testing"

	"github.com/freshet-dev/freshet/internal/syntax"
)

func TestToken(t *testing.T) {
	for s, want := range map[string]string{
		"00Dxx!AQ~":                   "",
		"a":                           "",
		"eyJhbGciOi.eyJzdWIi.c2ln-_=": "",
		"nullable":                    "",
		"null":                        "is the word null, which programs write when they have no value",
		"None":                        "is the word none, which programs write when they have no value",
		"[object Object]":             "is the word [object object], which programs write when they have no value",
		"<nil>":                       "is the word <nil>, which programs write when they have no value",
		"Bearer abc":                  `begins with "Bearer", which belongs in the Authorization header`,
		"bearer abc":                  `begins with "Bearer", which belongs in the Authorization header`,
		"Your session has expired.":   "contains a space",
		"a\n":                         "contains a line break",
		"a\x00":                       "contains a zero byte",
		"a\x1b":                       "contains a control character (U+001B)",
		"a\x7f":                       "contains a control character (U+007F)",
		"\ufeffa":                     "contains a byte order mark (U+FEFF)",
		"a\u200b":                     "contains a zero-width space (U+200B)",
		"a\u202eb":                    "contains an invisible character (U+202E)",
		"ä":                           "contains a character that is not ASCII",
		"a\ufffd":                     "contains a character that is not ASCII",
		"a\xff":                       "contains bytes that are not UTF-8",
	} {
		if got := syntax.Token(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

func TestClient(t *testing.T) {
	for s, want := range map[string]string{
		"my app ~": "", "null": "", "c\r": "contains a line break", "ü": "contains a character that is not ASCII",
	} {
		if got := syntax.Client(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
	if got := syntax.TrimClient(" c-42 \t\r\n\u00a0"); got != " c-42" {
		t.Errorf("trimmed: %q", got)
	}
}

func TestDecode(t *testing.T) {
	for data, want := range map[string]string{
		" s \r\n": "s", "\ufeffs": "s", "\xff\xfes\x00\n\x00": "s", "\xfe\xff\x00s": "s", "": "", "\xff\xfe": "",
		"\xff\xfes\x00x": "s", "s\nx": "s\nx",
	} {
		if got := syntax.Decode([]byte(data)); got != want {
			t.Errorf("%q: %q, want %q", data, got, want)
		}
	}
}

func TestScheme(t *testing.T) {
	for s, want := range map[string]bool{
		"Bearer": true, "bearer": true, "DPoP": true, "MAC": true,
		"BearerToken": false, "null": false, "": false, "user": false, "Bearer ": false,
	} {
		if got := syntax.Scheme(s); got != want {
			t.Errorf("%q: %t", s, got)
		}
	}
}
