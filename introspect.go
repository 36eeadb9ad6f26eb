package freshet

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"

	"github.com/freshet-dev/freshet/oauth"
)

// Introspect asks the provider what it knows of the saved access token (RFC 7662), and returns its JSON object, which has at
// least the member active. Nothing is refreshed and nothing is saved.
//
// Errors: [ErrNotFound]; [*Problem]; [*RefreshError] when the provider could not be asked or refused to answer; or what the
// store reports.
func (r *Refresher) Introspect(ctx context.Context, name string) ([]byte, error) {
	secret, err := r.savedSecret(ctx, name)
	if err != nil {
		return nil, named(name, err)
	}
	c, err := r.Store.Get(ctx, name)
	if err != nil {
		return nil, named(name, err)
	}
	secret.give(&c.Registration)
	token := c.Token.AccessToken()
	if token == "" {
		return nil, &Problem{Name: name, Kind: oauth.LoginRequired, What: "there is no access token to ask about", Remedy: "refresh it, or log in first"}
	}
	const what = "introspection"
	reply, err := r.post(ctx, c, what, c.Addresses().Introspection, url.Values{"token": {token}, "token_type_hint": {"access_token"}})
	if err != nil {
		return nil, named(name, err)
	}
	object, err := reply.Object()
	if err != nil {
		return nil, c.explain(err, what)
	}
	var answer struct {
		Active *bool `json:"active"`
	}
	if json.Unmarshal(object, &answer) != nil || answer.Active == nil {
		return nil, c.explain(errors.New(reply.Host+" answered, but did not say whether the token is active"), what)
	}
	return object, nil
}
