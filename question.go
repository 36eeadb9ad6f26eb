package freshet

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// The requests beside those to the token endpoint: revocation, introspection, userinfo. They spend nothing, and may be
// repeated.

// post makes one of them as the client. The reply may be a refusal; what names the endpoint in messages.
func (r *Refresher) post(ctx context.Context, c Connection, what, endpoint string, form url.Values) (oauth.Reply, error) {
	if endpoint == "" {
		return oauth.Reply{}, errNoEndpoint(c.Name, what)
	}
	client, err := c.authenticated(endpoint)
	if err != nil {
		return oauth.Reply{}, err
	}
	return r.inquire(ctx, c, what, oauth.Request{Endpoint: endpoint, Client: client, Form: form}.Send)
}

// fetch makes one of them as the user, with the access token.
func (r *Refresher) fetch(ctx context.Context, c Connection, what, address string) (oauth.Reply, error) {
	if address == "" {
		return oauth.Reply{}, errNoEndpoint(c.Name, what)
	}
	return r.inquire(ctx, c, what, func(ctx context.Context, client *http.Client) (oauth.Reply, error) {
		return oauth.Fetch(ctx, client, address, oauth.Secret(c.Token.AccessToken()))
	})
}

func (r *Refresher) inquire(ctx context.Context, c Connection, what string, send func(context.Context, *http.Client) (oauth.Reply, error)) (oauth.Reply, error) {
	client, done, err := r.httpClient(c, c.secrets)
	if err != nil {
		return oauth.Reply{}, named(c.Name, err)
	}
	defer done()
	limited, cancel := context.WithTimeout(ctx, ExchangeTimeout)
	defer cancel()
	reply, err := send(limited, client)
	if err != nil {
		err = hide(c.redactor(secretsOfProxy(r.Network.Proxy)...), err)
	}
	var unsent *oauth.SendError
	switch {
	case errors.As(err, &unsent):
		return reply, &RefreshError{Name: c.Name, Err: err, Failure: Failure{
			Time: time.Now(), Kind: oauth.Temporary, Cause: err.Error(),
			Remedy: "check the network, the proxy (HTTPS_PROXY) and the address, then try again",
		}}
	case err != nil:
		return reply, &Problem{
			Name: c.Name, Kind: oauth.Misconfigured, What: fmt.Sprintf("the %s endpoint cannot be used: %v", what, err),
			Remedy: "check its address", Err: err,
		}
	}
	return reply, nil
}

// nameEndpoint says what to do where an endpoint is not known, by what messages call it.
var nameEndpoint = map[string]string{
	"introspection": "name it in Endpoints.Introspection",
	"revocation":    "name it in Endpoints.Revocation",
	"userinfo":      "name it in Endpoints.Userinfo",
}

func errNoEndpoint(name, what string) error {
	return &Problem{
		Name: name, Kind: oauth.Misconfigured,
		What:   fmt.Sprintf("no %s endpoint is known for this provider", what),
		Remedy: nameEndpoint[what],
	}
}
