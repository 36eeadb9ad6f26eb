package freshet

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// CodeRevoked is the code of the failure that [Refresher.Revoke] leaves in the health.
const CodeRevoked = "revoked"

// Revoke asks the provider to end the grant (RFC 7009) and marks the connection as revoked; its token stays where it is. A
// grant that the provider no longer knew is marked, too, and known tells it apart, as far as the provider does: the RFC
// wants the same answer for both, Salesforce and Google refuse.
//
// Errors: [ErrNotFound]; [*Problem]; [*RefreshError] when the provider could not be asked or did not end the grant, which may
// be tried again; [*UnsavedError] when an interrupted refresh left its reply where it cannot be read; or what the store
// reports. The connection is then not marked.
func (r *Refresher) Revoke(ctx context.Context, name string) (known bool, err error) {
	secret, err := r.readSecret(ctx, name)
	if err != nil {
		return false, withName(name, err)
	}
	ctx, cancel := withDefaultTimeout(ctx)
	defer cancel()
	var revoked Connection
	// Under the lock, because a refresh token that a refresh is about to replace is the wrong one to present.
	err = r.Store.Update(ctx, name, func(ctx context.Context, c Connection, save Save) error {
		secret.addTo(&c.Registration)
		a := &attempt{Refresher: r, connection: c, save: save.withoutSecret()}
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
		if err := a.write(revoked); err != nil {
			return errNotMarked(err)
		}
		return nil
	})
	if err == nil {
		err = r.checkMark(ctx, name, revoked.Token)
	}
	return known, withName(name, err)
}

// revoke makes the request, and reports whether the provider knew the token.
func (a *attempt) revoke(ctx context.Context) (known bool, err error) {
	c := a.connection
	token := string(c.refreshToken()) // with it the access tokens end
	if token == "" {
		token = c.Token.AccessToken()
	}
	if token == "" {
		return false, &Problem{Kind: oauth.LoginRequired, What: "there is no token to revoke", Remedy: "log in first"}
	}
	const what = "revocation"
	reply, err := a.post(ctx, c, what, c.Addresses().Revocation, url.Values{"token": {token}})
	if err != nil || reply.OK() {
		return err == nil, err
	}
	_, err = reply.Object()
	if refused, ok := errors.AsType[*oauth.Error](err); ok && refused.Status == 400 && refused.Code == "invalid_token" {
		return false, nil // RFC 7009 §2.2 wants 200
	}
	err = c.explain(err, what)
	if failed, ok := errors.AsType[*RefreshError](err); ok {
		failed.Cause = "the provider did not revoke the grant: " + failed.Cause
	}
	return false, err
}

// revoked is the connection with the mark: neither the refresh token nor the access token is good for anything.
func (c Connection) revoked(known bool, began time.Time) Connection {
	now := time.Now().Round(0)
	cause := "the grant was revoked from here"
	if !known {
		cause = "the provider no longer knew the grant when it was revoked from here"
	}
	c.Health = Health{
		RefreshTokenHash: c.Token.RefreshTokenHash(), AccessTokenHash: c.Token.accessTokenHash(), LastSuccess: c.Health.LastSuccess,
		LastFailure:   &Failure{Time: now, Kind: oauth.LoginRequired, Code: CodeRevoked, Cause: cause, Remedy: "log in again"},
		LoginRequired: true, Revoked: true,
	}
	c.Pending = nil
	c.History = c.History.withEntry(HistoryEntry{Time: now, Outcome: Failed, Kind: oauth.LoginRequired, Code: CodeRevoked}, c.Token, began)
	return c
}

// checkMark makes sure that the mark was saved: stores keep health as well as they can, but without the mark a dead access
// token would be handed out.
func (r *Refresher) checkMark(ctx context.Context, name string, revoked Token) error {
	c, err := r.Store.Get(context.WithoutCancel(ctx), name)
	if err != nil {
		return errNotMarked(err)
	}
	if !c.Revoked() && c.Token.RefreshTokenHash() == revoked.RefreshTokenHash() && c.Token.accessTokenHash() == revoked.accessTokenHash() {
		return errNotMarked(errors.New("the mark was not saved"))
	}
	return nil
}

func errNotMarked(err error) error {
	return &Problem{
		What:   "the provider ended the grant, but that could not be noted here: " + err.Error(),
		Remedy: "remove the token: until it expires, it will be handed out as if it were alive",
		Err:    err,
	}
}
