package freshet

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// CodeRevoked is the code of the failure that [Refresher.Revoke] saves in the health.
const CodeRevoked = "revoked"

// Revoke ends the grant at the provider (RFC 7009) and marks the connection as revoked. Its token
// stays saved. known is false if the provider reports that it did not know the grant; the
// connection is marked nevertheless. RFC 7009 §2.2 defines the same response in both cases, so only
// some providers report it, such as Salesforce and Google.
//
// Errors: [ErrNotFound]; [*SetupError]; [*RefreshError] if the provider could not be reached or did
// not end the grant, after which Revoke can be called again; [*UnsavedError] if the reply of an
// interrupted refresh cannot be read; or the store's. With an error the connection is not marked.
func (r *Refresher) Revoke(ctx context.Context, name string) (known bool, err error) {
	secret, err := r.readSecret(ctx, name)
	if err != nil {
		return false, withName(name, err)
	}
	ctx, cancel := withDefaultTimeout(ctx)
	defer cancel()
	var revoked Connection
	// With the lock, since a refresh could replace the refresh token before it is sent.
	err = r.Store.Update(ctx, name, func(ctx context.Context, c Connection, save Save) error {
		secret.addTo(&c.Registration)
		a := &attempt{Refresher: r, connection: c, save: save}
		if _, err := a.finishPredecessor(ctx); err != nil {
			return err
		}
		if err := a.checkAdoptedSecret(); err != nil {
			return err
		}
		began := time.Now()
		var err error
		if known, err = a.revoke(ctx); err != nil {
			return err
		}
		revoked = a.connection.revoked(known, began)
		if err := a.write(&revoked); err != nil {
			return errNotMarked(err)
		}
		return nil
	})
	if err == nil {
		err = r.checkMark(ctx, name, revoked.Token)
	}
	return known, withName(name, err)
}

// revoke sends the request. known reports whether the provider knew the token.
func (a *attempt) revoke(ctx context.Context) (known bool, err error) {
	c := &a.connection
	// Revoking the refresh token also ends its access tokens (RFC 7009 §2.1).
	token := cmp.Or(string(c.refreshToken()), c.Token.AccessToken())
	if !c.spends() {
		token = c.Token.AccessToken() // a refresh token would be of another grant
	}
	if token == "" {
		return false, &SetupError{Kind: oauth.LoginRequired, What: "there is no token to revoke", Remedy: "{login} first"}
	}
	const what = "revocation"
	reply, err := a.post(ctx, c, what, c.ResolvedEndpoints().Revocation, c.revocationMethods(), c.revocationForm(token))
	if err != nil || reply.OK() {
		return err == nil, err
	}
	_, err = reply.Object()
	if refused, ok := errors.AsType[*oauth.Error](err); ok && refused.Status == 400 && refused.Code == "invalid_token" {
		return false, nil // although RFC 7009 §2.2 requires status 200
	}
	err = c.explain(err, what)
	if failed, ok := errors.AsType[*RefreshError](err); ok {
		failed.Cause = "the provider did not revoke the grant: " + failed.Cause
	}
	return false, err
}

// revocationMethods returns the methods of client authentication at the revocation endpoint: the one of
// the provider's file, or else those of the server's metadata.
func (c Connection) revocationMethods() []string {
	switch c.ProviderInfo().Revocation.Auth {
	case oauth.AuthBasic:
		return []string{"client_secret_basic"}
	case oauth.AuthBody:
		return []string{"client_secret_post"}
	default:
		return c.AuthMethods.AtRevocation
	}
}

// revocationForm returns the parameters of RFC 7009 §2.1, or the provider's own.
func (c Connection) revocationForm(token string) url.Values {
	name := "token"
	if c.ProviderInfo().Revocation.ByType {
		name = "refresh_token"
		if token == c.Token.AccessToken() {
			name = "access_token"
		}
	}
	return url.Values{name: {token}}
}

// revoked returns the connection marked as revoked, so that neither of its tokens is used.
func (c Connection) revoked(known bool, began time.Time) Connection {
	now := time.Now().Round(0)
	cause := "the grant was revoked from here"
	if !known {
		cause = "the provider no longer knew the grant when it was revoked from here"
	}
	f := Failure{Time: now, Kind: oauth.LoginRequired, Code: CodeRevoked, Cause: cause, Remedy: "{login again}"}
	c.Health = Health{
		RefreshTokenHash: c.Token.RefreshTokenHash(), AccessTokenHash: c.Token.accessTokenHash(),
		LastSuccess: c.Health.LastSuccess, LastFailure: &f, LoginRequired: true, Revoked: true,
	}
	c.Pending = nil
	c.History = c.History.withEntry(f.entry(), c.Token, began)
	return c
}

// checkMark returns an error if the mark was not saved. A store may fail to save health without an
// error, and the revoked access token would be used.
func (r *Refresher) checkMark(ctx context.Context, name string, revoked Token) error {
	c, err := r.Store.Get(context.WithoutCancel(ctx), name)
	if err != nil {
		return errNotMarked(err)
	}
	sameToken := c.Token.RefreshTokenHash() == revoked.RefreshTokenHash() &&
		c.Token.accessTokenHash() == revoked.accessTokenHash()
	if sameToken && !c.Revoked() {
		return errNotMarked(errors.New("the store did not save the mark"))
	}
	return nil
}

func errNotMarked(err error) error {
	return &SetupError{
		What:   "the provider ended the grant, but that could not be recorded here: " + err.Error(),
		Remedy: "remove the token, which is used until it expires: {delete}",
		Err:    err,
	}
}
