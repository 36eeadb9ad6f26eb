package freshet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// rejectedReply ends an attempt whose reply is a refusal or cannot be used.
func (a *attempt) rejectedReply(ctx context.Context, err error) (*Result, error) {
	if a.connection.Pending.Login != nil {
		return a.loginFailed(ctx, err)
	}
	if a.repeats {
		return a.refusedRepeatable(err)
	}
	if path := a.tokenPath(); path != "" {
		return a.keepReply(path, err)
	}
	if refused, ok := errors.AsType[*oauth.Error](err); ok {
		return a.refused(refused)
	}
	return a.outcomeUnknown(err.Error()+a.quarantineReply(ctx), err)
}

// refusedRepeatable ends a request that spent nothing and brought no token.
func (a *attempt) refusedRepeatable(err error) (*Result, error) {
	refused, ok := errors.AsType[*oauth.Error](err)
	if path := a.tokenPath(); path != "" && !ok {
		return a.fail(a.unresolved(), Failure{
			Kind: oauth.Misconfigured, Cause: a.tokenElsewhere(path), Remedy: describeProvider(path),
		}, 0, err)
	}
	if !ok {
		return a.failedRepeatable(err.Error(), err)
	}
	explained := a.connection.explainRenewal(refused, a.auth)
	failure := newFailure(explained, refused)
	return a.fail(a.unresolved(), failure, retryAfter(refused, explained), refused)
}

// isFinal reports whether a refusal with which a login would be required ends the grant. It does not,
// and one later attempt is made,
//
//   - while the access token is valid, if the code is not invalid_grant (RFC 6749 §5.2);
//   - if the provider officially accepts old refresh tokens, so that trying again costs nothing.
func (c *Connection) isFinal(f Failure, now time.Time) bool {
	refusedIsAccess := string(c.refreshToken()) == c.Token.AccessToken() // at Facebook, one token is both
	if c.expired(now) || f.Code == "invalid_grant" || refusedIsAccess {
		last := c.CurrentHealth().LastFailure
		tried := last != nil && last.Code == f.Code
		return tried || !c.ProviderInfo().KeepsOldTokens()
	}
	return false
}

// quarantineReply stores the reply for a person to look at, and returns a clause that names the
// place.
func (a *attempt) quarantineReply(ctx context.Context) string {
	body := a.connection.Pending.Reply.Body
	store, ok := a.Store.(Quarantiner)
	if !ok || len(body) == 0 {
		return ""
	}
	place, err := store.Quarantine(ctx, a.connection.Name, body)
	if err != nil {
		return fmt.Sprintf(" (and the reply could not be kept: %v)", a.redact(err))
	}
	return "; the reply is kept in " + place
}

// refused ends a refresh that the provider answered with an error. The token is not changed
// (promise 7).
func (a *attempt) refused(e *oauth.Error) (*Result, error) {
	c := &a.connection
	explained := c.explainRefresh(e, a.auth)
	failure := newFailure(explained, e)
	if explained.Kind == oauth.Unknown {
		return a.outcomeUnknown(failure.Cause, e)
	}
	delay := retryAfter(e, explained)
	if explained.Kind == oauth.LoginRequired && !c.isFinal(failure, time.Now()) {
		if !c.ProviderInfo().KeepsOldTokens() {
			delay = maxWait // or when the access token expires
		}
		failure.Kind = oauth.Temporary
		failure.Remedy = "wait: one more attempt is made before a login is required"
	}
	if failure.Kind != oauth.LoginRequired {
		// The refresh token was not used, so an earlier interruption remains unresolved.
		return a.fail(a.before, failure, delay, e)
	}
	if a.before != nil {
		failure.Cause += "; " + a.before.interruption() +
			", so the provider had probably replaced the refresh token already"
	}
	return a.fail(nil, failure, 0, e)
}
