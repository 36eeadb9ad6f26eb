package redact_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/internal/redact"
)

func TestText(t *testing.T) {
	for _, test := range []struct{ name, secrets, text, want string }{ // secrets are separated by "|"
		{"plain", "hunter2/+", "token hunter2/+ is gone", "token [secret] is gone"},
		{"in a word", "5Aep861x", "x5Aep861xy", "x[secret]y"},
		{"twice", "5Aep861x", "5Aep861x5Aep861x", "[secret][secret]"},
		{"two that overlap", "abcdefgh|fghijklm", "-abcdefghijklm-", "-[secret]-"},
		{"one is a prefix of another", "abcdefgh|abcdefghij", "abcdefghij abcdefgh", "[secret] [secret]"},
		{"a form", "r/hun ter2+", "r%2fhun+ter2%2B", "[secret]"},
		{"a path", "r/hun ter2+", "r%2Fhun%20ter2+", "[secret]"},
		{"JSON", `hunter"2\é😀`, `hunter\"2\\\u00E9\ud83d\ude00`, "[secret]"},
		{"a slash in PHP's JSON", "hunter/2", `hunter\/2`, "[secret]"},
		{"HTML", `hunter"&<2`, "hunter&quot;&amp;&#x3C;2 hunter&#34;&#38;&lt;2", "[secret] [secret]"},
		{"a form with JSON in it", `hunter"2/`, "hunter%5C%222%5c%2f", "[secret]"},
		{"a form in a form", "hunter2/é", "hunter2%252F%25C3%25A9", "[secret]"},
		{"HTML of JSON in a form", `hunter"2`, "hunter%5C%26quot%3B2", "[secret]"},
		{"another escape for each character", "hunter2/&=", `h\u0075n%74&#101;r2%2f&amp;%3D`, "[secret]"},
		{
			"base64", "hunter2-hunter2",
			"Basic " + base64.StdEncoding.EncodeToString([]byte("app:hunter2-hunter2")), "Basic [secret]",
		},
		{
			"base64url", "hunter2????>>>>",
			"x=" + base64.RawURLEncoding.EncodeToString([]byte("ab:hunter2????>>>>")) + "&y", "[secret]&y",
		},
		{
			"base64 in a form", "hunter2????>>>>",
			url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("abc:hunter2????>>>>"))) + "&y",
			"[secret]&y",
		},
		{"HTTP Basic", "hunter 2/", base64.StdEncoding.EncodeToString([]byte("app:hunter+2%2F")), "[secret]"},
		{"added control characters", "hunter22", "hun\x00ter\x1b22", "[secret]"},
		{
			"its own control characters", "hun\x00ter22", "hunter22 hun\x00ter22 hun%00ter22 hun\\u0000ter22",
			"[secret] [secret] [secret] [secret]",
		},
		{
			"bytes that are not UTF-8", "hunter\xff2", "hunter\xff2 hunter\ufffd2 hunter%FF2",
			"[secret] [secret] [secret]",
		},
		{"cut short", "hunter2-hunter2", "no token hunter2-hunt", "no token [secret]"},
		{"cut short before the secret in it", "the-client:hunter2-hunter2|hunter2-hunter2", "id the-client", "id the-client"},
		{"only its beginning", "hunter2-hunter2", "hunter2-hunt is wrong", "hunter2-hunt is wrong"},
		{
			"short, alone", "s3cret", `a "s3cret" b%20s3cret%20c &quot;s3cret&quot;`,
			`a "[secret]" b%20[secret]%20c &quot;[secret]&quot;`,
		},
		{"short, in a word", "s3cret", "s3crets as3cret é_s3creté", "s3crets as3cret é_s3creté"},
		{"too short", "ab", "ab", "ab"},
		{"the word secret", "secret", "the secret, which is [secret]", "the [secret], which is [secret]"},
		{"nothing", "hunter22", "100% of a+b & c\\d &x; %zz \\u12", "100% of a+b & c\\d &x; %zz \\u12"},
	} {
		r := redact.New(strings.Split(test.secrets, "|")...)
		if got := r.Text(test.text); got != test.want {
			t.Errorf("%s: %q became %q, want %q", test.name, test.text, got, test.want)
		}
		if again := r.Text(test.want); again != test.want {
			t.Errorf("%s: redacted twice, %q became %q", test.name, test.want, again)
		}
	}
}

func TestTextIsBounded(t *testing.T) {
	secret := strings.Repeat("aaaaaaab", 2000)
	got := redact.New(secret).Text(strings.Repeat(secret[:len(secret)-1]+"c", 4))
	if len(got) > 5<<10 {
		t.Errorf("%d bytes are left", len(got))
	}
	// A secret that is cut off at the end is found, too.
	text := strings.Repeat("é", 2<<10-6) + "hunter2-hunter2-hunter2"
	if got := redact.New("hunter2-hunter2-hunter2").Text(text); strings.Contains(got, "hunter2") ||
		!strings.HasSuffix(got, "é[secret]…") {
		t.Errorf("it ends with %q", got[len(got)-40:])
	}
}

// A text and a secret that can be decoded in very many ways.
func TestSlowTextIsHidden(t *testing.T) {
	for _, escape := range []string{`\`, "%", "%25", "&amp;", "é"} {
		text := strings.Repeat(escape, 4000/len(escape))
		if got := redact.New(text + "b").Text(text + "c"); got != redact.Mark {
			t.Errorf("%s: got %d bytes", escape, len(got))
		}
	}
}

func TestNilRedactor(t *testing.T) {
	var none *redact.Redactor
	if got := none.Text("hunter2"); got != "hunter2" || none.Holds("hunter2") {
		t.Errorf("got %q", got)
	}
}

func TestReplace(t *testing.T) {
	if got := redact.New("hunter22").Replace("x hunter22 [secret]", "[hidden]"); got != "x [hidden] [secret]" {
		t.Errorf("got %q", got)
	}
}

func TestErrorWithoutSecret(t *testing.T) {
	r := redact.New("hunter2-hunter2")
	if r.Error(nil) != nil {
		t.Error("nil became an error")
	}
	if err := fmt.Errorf("reading: %w", io.EOF); r.Error(err) != err { //nolint:errorlint // it must be the same value
		t.Error("an error without a secret was replaced")
	}
}

func TestErrorWithSecret(t *testing.T) {
	raw := &url.Error{
		Op: "Post", URL: "https://op.example/?refresh_token=hunter2%2Dhunter2", Err: os.ErrDeadlineExceeded,
	}
	err := redact.New("hunter2-hunter2").Error(raw)
	const want = `Post "https://op.example/?refresh_token=[secret]": i/o timeout`
	if err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.Canceled) {
		t.Error("errors.Is differs from the raw error")
	}
	if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() {
		t.Error("it is no longer a timeout")
	}
	if _, ok := errors.AsType[*url.Error](err); ok || errors.Unwrap(err) != nil {
		t.Error("the raw error can be unwrapped")
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("it", "error", err)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("it", "error", err)
	marshalled, _ := json.Marshal(err)
	log.Write(marshalled)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p"} {
		fmt.Fprintf(&log, verb, err)
		fmt.Fprintf(&log, verb, struct{ Err error }{err})
	}
	if strings.Contains(log.String(), "hunter2") || strings.Contains(log.String(), fmt.Sprintf("%x", "hunter2")) {
		t.Errorf("the secret shows in %s", log.String())
	}
	const wantQuoted = `"Post \"https://op.example/?refresh_token=[secret]\": i/o timeout"`
	if quoted := fmt.Sprintf("%q", err); quoted != wantQuoted {
		t.Errorf("%%q prints %s", quoted)
	}
	err = redact.New("hunter2-hunter2").Error(errors.New("hunter2-hunter2"))
	if other, ok := errors.AsType[net.Error](err); ok && other.Timeout() {
		t.Error("it became a timeout")
	}
}
