package login

import (
	"context"
	"net/url"

	"github.com/freshet-dev/freshet"
)

// Exchange finishes a login: it checks the answer ([Attempt.Grant]) and exchanges the code for a token, which it saves as the
// named connection of r's store before it returns ([freshet.Refresher.Login]). reg is the registration that the attempt was
// begun with.
//
// An attempt is good for one answer: forget it before Exchange is called, so that a reload of the page changes nothing.
func Exchange(
	ctx context.Context, r *freshet.Refresher, name string, reg freshet.Registration, a Attempt, callback url.Values,
) (freshet.Answer, error) {
	grant, err := a.Grant(ctx, reg, callback)
	if err != nil {
		return freshet.Answer{}, err
	}
	return r.Login(ctx, name, grant)
}
