package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

func TestExitCodes(t *testing.T) {
	for _, test := range []struct {
		err  error
		code int
		kind string
	}{
		{errors.New("anything"), 1, "failed"},
		{&freshet.SetupError{What: "a bad file"}, 1, "failed"},
		{&usageError{"what", "remedy"}, 2, "usage"},
		{&freshet.SetupError{Kind: oauth.Misconfigured}, 3, "misconfigured"},
		{&freshet.RefreshError{Failure: freshet.Failure{Kind: oauth.LoginRequired}}, 4, "login_required"},
		{&freshet.RefreshError{Failure: freshet.Failure{Kind: oauth.Temporary}}, 5, "temporary"},
		{&freshet.RefreshError{Failure: freshet.Failure{Kind: oauth.Unknown}}, 5, "unknown_outcome"},
		{&freshet.UnsavedError{Place: "p", Err: errors.New("full")}, 6, "unsaved"},
	} {
		if e := (&app{}).explain(test.err); e.code != test.code || e.Kind != test.kind {
			t.Errorf("%T: %d %s, want %d %s", test.err, e.code, e.Kind, test.code, test.kind)
		}
	}
}

func TestRetryAfterIsInSeconds(t *testing.T) {
	e := (&app{}).explain(&freshet.RefreshError{NextAttempt: time.Now().Add(30*time.Second - time.Millisecond)})
	if e.RetryAfter != 30 {
		t.Errorf("retry_after is %v", e.RetryAfter)
	}
}

func TestMessageIsOneLine(t *testing.T) {
	e := (&app{}).explain(errors.Join(errors.New("one\x1b[31m"), errors.New("two\u202e")))
	var out strings.Builder
	e.print(&out, "")
	if out.String() != "freshet: one[31m; two\n" {
		t.Errorf("%q", out.String())
	}
}

func TestErrorsOfFilesHaveARemedy(t *testing.T) {
	for _, test := range []struct {
		err  error
		says string
	}{
		{&fs.PathError{Op: "open", Path: "p.json", Err: fs.ErrPermission}, "run freshet as the owner"},
		{fmt.Errorf("reading p.json: %w", syscall.EACCES), "run freshet as the owner"},
		{&fs.PathError{Op: "mkdir", Path: "/srv/demo", Err: syscall.EROFS}, "mount the file system writable"},
		{&freshet.SetupError{Remedy: "check --trace", Err: fs.ErrPermission}, "check --trace"},
		{errors.New("anything"), ""},
	} {
		e := (&app{}).explain(test.err)
		if !strings.HasPrefix(e.Remedy, test.says) || test.says == "" && e.Remedy != "" {
			t.Errorf("%v: %q, want %q", test.err, e.Remedy, test.says)
		}
	}
}

// The README and the help topic list the same exit codes.
func TestExitCodesAreThoseOfTheREADME(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	document := strings.ReplaceAll(string(readme), "`", "")
	for _, code := range ExitCodes() {
		if code.Name == "126, 127" {
			continue // below the table
		}
		if row := "| " + code.Name + " | " + code.Meaning + " |\n"; !strings.Contains(document, row) {
			t.Errorf("README.md has no row %s", row)
		}
	}
}
