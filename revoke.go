package freshet

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// CodeRevoked is the code of the failure that [Refresher.Revoke] leaves in the health.
const CodeRevoked = "revoked"

// Revoke tells the provider to end the grant (RFC 7009) and marks the connection, whose token stays where it is. A grant that
// the provider no longer knows counts as ended. Errors: [ErrNotFound], [*Problem], [*RefreshError] when the provider could
// not be asked or refused, or what the store reports; the connection is then as it was.
func (r *Refresher) Revoke(ctx context.Context, name string) error {
	secret, err := r.savedSecret(ctx, name)
	if err != nil {
		return named(name, err)
	}
	ctx, cancel := withPatience(ctx)
	defer cancel()
	// Under the lock, because a refresh token that a refresh has just replaced must not be presented any more.
	err = r.Store.Update(ctx, name, func(ctx context.Context, c Connection, save Save) error {
		secret.give(&c.Registration)
		x := &exchange{Refresher: r, connection: c, save: save}
		if p := c.Pending; p != nil && p.Reply != nil {
			if _, err := x.rollForward(ctx); err != nil {
				return err
			}
		}
		known, err := x.revoke(ctx)
		if err != nil {
			return err
		}
		return x.markRevoked(known)
	})
	return named(name, err)
}

// revoke asks for the revocation, and reports whether the provider knew the token.
func (x *exchange) revoke(ctx context.Context) (known bool, err error) {
	c := x.connection
	token := string(c.Token.RefreshToken())
	if token == "" {
		token = c.Token.AccessToken()
	}
	if token == "" {
		return false, &Problem{Kind: oauth.LoginRequired, What: "there is no token to revoke", Remedy: "log in first"}
	}
	reply, err := x.ask(ctx, c, c.Addresses().Revocation, "revocation", url.Values{"token": {token}})
	if err != nil {
		return false, err
	}
	if reply.OK() {
		return true, nil
	}
	var refused *oauth.Error
	if _, err = reply.Object(); !errors.As(err, &refused) {
		return false, err
	}
	c.hideSecrets(refused)
	if refused.Code == "invalid_token" {
		return false, nil // Salesforce says so of a token that is dead already; RFC 7009 §2.2 answers 200
	}
	explained := c.Vendor().Explain(refused)
	return false, &RefreshError{Name: c.Name, Err: refused, Failure: Failure{
		Time: time.Now(), Kind: explained.Kind, Code: cut(refused.Code),
		Cause:  "the provider did not revoke the grant: " + explained.Cause + " (" + refused.Error() + ")",
		Remedy: explained.Remedy,
	}}
}

func (x *exchange) markRevoked(known bool) error {
	now := time.Now().Round(0)
	cause := "the grant was revoked from here"
	if !known {
		cause = "the provider no longer knew the grant when it was revoked from here"
	}
	c := x.connection
	c.Health = Health{
		RefreshTokenHash: c.Token.RefreshTokenHash(), LoginRequired: true, Revoked: true,
		LastFailure: &Failure{Time: now, Kind: oauth.LoginRequired, Code: CodeRevoked, Cause: cause, Remedy: "log in again"},
	}
	c.Pending = nil
	c.History = c.History.with(HistoryEntry{Time: now, Outcome: Failed, Kind: oauth.LoginRequired, Code: CodeRevoked}, c.Token, now)
	return x.save(c)
}

// Introspect asks the provider what it knows of the saved access token (RFC 7662), and returns its JSON object. Nothing is
// refreshed and nothing is saved. Errors are Revoke's.
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
	if c.Token.AccessToken() == "" {
		return nil, &Problem{Name: name, Kind: oauth.LoginRequired, What: "there is no access token", Remedy: "log in, or refresh it first"}
	}
	reply, err := r.ask(ctx, c, c.Addresses().Introspection, "introspection",
		url.Values{"token": {c.Token.AccessToken()}, "token_type_hint": {"access_token"}})
	if err != nil {
		return nil, named(name, err)
	}
	object, err := reply.Object()
	var refused *oauth.Error
	if errors.As(err, &refused) {
		c.hideSecrets(refused)
		explained := c.Vendor().Explain(refused)
		err = &RefreshError{Name: name, Err: refused, Failure: explainedFailure(explained, refused)}
	}
	return object, err
}

// ask makes a request that spends nothing, and may be made again.
func (r *Refresher) ask(ctx context.Context, c Connection, endpoint, what string, form url.Values) (oauth.Reply, error) {
	if endpoint == "" {
		return oauth.Reply{}, &Problem{
			Kind:   oauth.Misconfigured,
			What:   fmt.Sprintf("no %s endpoint is known for this provider", what),
			Remedy: "log in with --issuer, so that it can be looked up, or look for it in the provider's own settings",
		}
	}
	client, err := c.authenticated(endpoint)
	if err != nil {
		return oauth.Reply{}, err
	}
	h, done, err := r.httpClient(c)
	if err != nil {
		return oauth.Reply{}, err
	}
	defer done()
	limited, cancel := context.WithTimeout(ctx, ExchangeTimeout)
	defer cancel()
	reply, err := oauth.Request{Endpoint: endpoint, Client: client, Form: form}.Send(limited, h)
	if err != nil {
		return reply, &RefreshError{Name: c.Name, Err: err, Failure: Failure{
			Time: time.Now(), Kind: oauth.Temporary, Cause: err.Error(), Remedy: "check the network, then try again",
		}}
	}
	return reply, nil
}
