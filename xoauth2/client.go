package xoauth2

import (
	"context"
	"fmt"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/freshet-dev/freshet"
)

// AdoptClient creates a connection whose tokens are the client's own (RFC 6749 §4.4), and returns its
// [TokenSource]. It takes the place of [clientcredentials.Config.TokenSource]. There is no token to
// adopt: the first one is requested when it is needed, once for all processes that share the store.
// Call it at every start.
//
// The client secret is not saved. [Secrets] finds it in an [oauth2.Config] with the same client id and
// secret. Of EndpointParams, each but resource can have one value. The rest is as for [Adopt].
func AdoptClient(
	ctx context.Context, keeper *freshet.Keeper, name string, config *clientcredentials.Config,
) (oauth2.TokenSource, error) {
	r := registration(&oauth2.Config{
		ClientID: config.ClientID, ClientSecret: config.ClientSecret, Scopes: config.Scopes,
		Endpoint: oauth2.Endpoint{TokenURL: config.TokenURL, AuthStyle: config.AuthStyle},
	})
	r.RenewBy = []freshet.GrantType{freshet.GrantClientCredentials}
	params := map[string]string{}
	for param, values := range config.EndpointParams {
		switch {
		case param == "resource":
			r.Login.Resources = values
		case len(values) == 1:
			params[param] = values[0]
		default:
			return nil, fmt.Errorf("%s: the parameter %s has %d values", name, param, len(values))
		}
	}
	if len(params) > 0 {
		r.Requests.Refresh.Params = params
	}
	if err := keeper.Put(ctx, name, r, nil); err != nil {
		return nil, err
	}
	return TokenSource(ctx, keeper.Source(name)), nil
}
