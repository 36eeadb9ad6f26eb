package cli

import (
	"errors"
	"strings"
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
