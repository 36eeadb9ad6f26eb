package login

import (
	"context"
	"net/url"

	"github.com/freshet-dev/freshet"
)

// Exchanger exchanges a code for a token and saves that: a [*freshet.Keeper], whose callers have it from then on, or a
// [*freshet.Refresher].
type Exchanger interface {
	Login(ctx context.Context, name string, g freshet.Grant) (freshet.Answer, error)
}

// Exchange finishes a login: it checks the answer ([Attempt.Grant]) and makes the Exchanger exchange the code for a token (RFC 6749 §4.1.3), which
// is saved as the named connection before Exchange returns. reg is the registration that the attempt was begun with.
//
// An attempt is good for one answer: forget it before Exchange is called, so that a reload of the page changes nothing.
func Exchange(
	ctx context.Context, to Exchanger, name string, reg freshet.Registration, a Attempt, callback url.Values,
) (freshet.Answer, error) {
	grant, err := a.Grant(ctx, reg, callback)
	if err != nil {
		return freshet.Answer{}, err
	}
	return to.Login(ctx, name, grant)
}
