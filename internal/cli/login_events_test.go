package cli

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

func TestLoginKind(t *testing.T) {
	denied := &oauth.Error{Code: "access_denied"}
	for _, test := range []struct {
		err  error
		want string
	}{
		{&freshet.SetupError{Kind: oauth.LoginRequired, Err: fmt.Errorf("waiting: %w", errTimeout)}, "timed_out"},
		{&freshet.SetupError{Kind: oauth.LoginRequired, Err: context.DeadlineExceeded}, "timed_out"}, // a device code
		{&freshet.SetupError{Kind: oauth.LoginRequired, Err: denied}, "denied"},
		{&freshet.RefreshError{Failure: freshet.Failure{Code: "access_denied"}, Err: denied}, "denied"},
		{&freshet.SetupError{Kind: oauth.Temporary, Err: context.DeadlineExceeded}, ""}, // a request
		{&freshet.SetupError{Kind: oauth.LoginRequired, Err: &oauth.Error{Code: "invalid_grant"}}, ""},
		{errors.New("other"), ""},
	} {
		if got := loginKind(test.err); got != test.want {
			t.Errorf("%#v: %q, want %q", test.err, got, test.want)
		}
	}
}
