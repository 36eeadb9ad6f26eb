// Package redacttest has what the tests of several packages need to check that errors and output hide
// secrets.
package redacttest

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
)

// Encodings are the encodings in which servers, proxies and stores repeat secrets.
var Encodings = map[string]func(string) string{
	"plain": func(s string) string { return s },
	"form":  url.QueryEscape,
	"path":  url.PathEscape,
	"lower-case form": func(s string) string {
		return strings.NewReplacer("%2F", "%2f", "%2B", "%2b", "%3D", "%3d").Replace(url.QueryEscape(s))
	},
	"JSON":      func(s string) string { quoted, _ := json.Marshal(s); return string(quoted) },
	"HTML":      html.EscapeString,
	"base64":    func(s string) string { return base64.StdEncoding.EncodeToString([]byte("app:" + s)) },
	"base64url": func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte("[" + s + "]")) },
}

// Secret returns a secret that WantHidden finds in each encoding. Its other characters differ between
// encodings.
func Secret(name string) string { return "s-" + name + `/+ü<>"hunter2=` }

// Token is like Secret, of the characters that tokens and client secrets can have (RFC 6749 §A).
func Token(name string) string { return "s-" + strings.ReplaceAll(name, " ", "-") + `/+<>"hunter2=` }

// WantHidden fails the test if the text has the part of a [Secret] that only base64 changes, plain or in
// base64.
func WantHidden(t *testing.T, what, text string) {
	t.Helper()
	for _, part := range []string{"hunter2", "aHVudGVy", "dW50ZXIy", "h1bnRlcj", "VudGVyM"} {
		if strings.Contains(text, part) {
			t.Errorf("%s shows: %s", what, text)
		}
	}
}

// Texts returns an error and all errors that it wraps, printed in each way.
func Texts(err error) string {
	var b strings.Builder
	for ; err != nil; err = errors.Unwrap(err) {
		fmt.Fprintf(&b, "%v %+v %#v\n", err, err, err)
	}
	return b.String()
}
