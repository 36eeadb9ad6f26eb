package freshet

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/replies"
	"github.com/freshet-dev/freshet/oauth"
)

// ErrChanged is returned by a [Save] if a program that does not hold the lock changed the
// connection after it was read. Nothing was saved.
var ErrChanged = errors.New("another program changed the token after it was read")

// savePauses are the waits before each attempt to save a result. They are the only sleeps under a
// lock, where every other process could only wait for the result, too.
var savePauses = [...]time.Duration{
	0, 50 * time.Millisecond, 250 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second,
}

// triesWhenSafe is how many attempts are made if the result also exists outside of this process's
// memory.
const triesWhenSafe = 4

// rollForward completes the refresh or login of a predecessor that ended after it had written the
// reply to the journal.
func (a *attempt) rollForward(ctx context.Context) (*Result, error) {
	if p := a.connection.Pending; p == nil || p.Reply == nil {
		return nil, nil
	}
	if err := a.asRequested().CheckProvider(); err != nil { // without the provider's file the reply cannot be read
		return a.unchanged(), err
	}
	if login := a.connection.Pending.Login; login != nil {
		a.before = login.Before // a failed login leaves this mark in place
	}
	var result *Result
	var err error
	if errMoved := a.checkAdoption(); errMoved != nil {
		result, err = a.rejectLogin(ctx, errMoved)
	} else {
		result, err = a.conclude(ctx)
	}
	a.before = nil
	if p := a.connection.Pending; isUnsaved(err) || p != nil && p.Reply != nil { // the reply is kept (keepReply)
		return result, err
	}
	// The journal is done with. If the reply was a refusal, Health has it and settle respects it.
	a.connection, a.replayErr = result.Connection, err
	if result.Outcome == Refreshed || result.Outcome == LoggedIn {
		result.Outcome = Recovered
		a.recovered = result
	}
	return result, nil
}

// conclude reads the journaled reply and saves what follows from it: the new token, or the failure.
// It reads the saved token again before each attempt to save. If a program that takes no lock has
// written another one, that stays (superseded). A result that cannot be saved is an [UnsavedError].
func (a *attempt) conclude(ctx context.Context) (*Result, error) {
	var saveErr error
	for n, pause := range savePauses {
		if u, ok := errors.AsType[*UnsavedError](saveErr); n == triesWhenSafe && (a.repeats || ok && u.Place != "") {
			break
		}
		time.Sleep(pause)
		base := a.reread(ctx)
		if base.RefreshTokenHash() != a.connection.Pending.Spent && !a.repeats {
			return a.superseded(ctx, base)
		}
		result, err := a.apply(base)
		if err != nil && result.Connection.Pending != nil {
			return a.rejectedReply(ctx, err)
		}
		if saveErr = a.write(&result.Connection); saveErr == nil {
			a.connection = result.Connection
			return result, err
		}
	}
	if a.repeats {
		return a.unsavedRepeatable(ctx, saveErr)
	}
	return a.unsaved(ctx, saveErr)
}

// apply returns what the reply makes of base, the saved token. One of these:
//
//	reply                                       Connection.Token                 Pending    error
//	an access token                             base with the reply merged       nil        nil
//	only an ID token, if that is asked for      base with the reply merged       nil        nil
//	only a new refresh token                    base with the new refresh token  nil        RefreshError
//	a refusal, or unreadable                    unchanged                        unchanged  the cause
//
// An ID token that comes with a new refresh token is saved, too.
func (a *attempt) apply(base Token) (*Result, error) {
	sent, err := a.sent()
	if err == nil {
		merged, skipped, mergeErr := a.merge(base, sent)
		if mergeErr == nil {
			return a.delivered(merged, sent, skipped), nil
		}
		err = mergeErr
	}
	err = a.redact(err)
	pending := a.connection.Pending
	if unusable, ok := errors.AsType[*oauth.UnusableError](err); ok {
		unusable.Host = pending.Reply.Host
	} else if !pending.Reply.OK() { // with status 200, an error may have a new refresh token with it
		return a.unchanged(), err
	}
	if pending.Login != nil { // can be repeated; its refresh token with the old access token would mix two grants
		return a.unchanged(), err
	}
	return a.salvage(base, sent, err)
}

// salvage returns what a reply without an access token makes of base, if it has another token. err
// says what is wrong with the reply.
func (a *attempt) salvage(base Token, sent jsonobject.Object, err error) (*Result, error) {
	pending := a.connection.Pending
	withIDToken, skipped, idTokenErr := base.mergeIDToken(sent, pending.Since)
	if idTokenErr == nil && a.options.IDToken {
		a.connection.Token = base
		return a.deliveredIDToken(withIDToken, sent, skipped), nil
	}
	refreshToken, ok := salvageRefreshToken(replies.Standard(a.connection.ProviderInfo(), pending.Reply.Body))
	if !ok || a.repeats || hashOf(refreshToken) == pending.Spent {
		return a.unchanged(), err
	}
	salvaged, mergeErr := base.withRefreshToken(refreshToken)
	if mergeErr != nil {
		return a.unchanged(), err
	}
	if idTokenErr == nil {
		salvaged = withIDToken
	}
	c, failed := withFailure(a.connection, salvaged, Failure{
		Kind:   oauth.Temporary,
		Cause:  err.Error() + "; the new refresh token in it was saved",
		Remedy: "run it again: the next attempt uses the new refresh token",
	}, 0, err)
	c.Pending = nil
	if now := time.Now(); a.connection.statedIssueTime(now).IsZero() {
		// The age of the access token was that of its document, which is saved again now.
		c.Health.AccessTokenHash, c.Health.LastSuccess = salvaged.accessTokenHash(), a.connection.issueTime(now)
	}
	c.Health = c.Health.withIDToken(&c.Health, salvaged, pending.Reply, pending.Since)
	return &Result{Connection: c}, failed
}

// reread returns the saved token, and takes over the registration and the version that the next
// save replaces. If the token cannot be read, the last one that could be read is used: the reply
// must not be lost.
func (a *attempt) reread(ctx context.Context) Token {
	var now Connection
	if err := a.read(ctx, a.connection.Name, &now); err != nil {
		return a.connection.Token
	}
	a.connection.Saved, a.connection.Version = now.Saved, now.Version
	now.keepCredentials(&a.connection.Registration) // the store has none that come from elsewhere
	a.connection.Registration = now.Registration
	return now.Token
}

// sent returns what the provider sent in a successful reply.
func (a *attempt) sent() (jsonobject.Object, error) {
	object, err := a.asRequested().object(*a.connection.Pending.Reply)
	if err != nil {
		return jsonobject.Object{}, err
	}
	return parseReply(object)
}

// merge returns base with what was sent in it, and the members that cannot be saved.
func (a *attempt) merge(base Token, sent jsonobject.Object) (merged Token, skipped []string, err error) {
	p := a.connection.Pending
	if p.Login != nil {
		merged, err = a.connection.firstToken(base, sent)
		return merged, nil, err
	}
	return base.merge(sent, p.Since) // expires_in counts from when the reply was made (RFC 6749 §5.1): after Since
}

// asRequested returns the connection that the request was made for: a login's registration is not
// the connection's yet.
func (a *attempt) asRequested() *Connection { return a.connection.asRequested() }

func (c *Connection) asRequested() *Connection {
	login := c.Pending.Login
	if login == nil {
		return c
	}
	requested := *c
	requested.Registration, requested.Token = login.Registration, Token{}
	return &requested
}

// object returns the reply as a JSON object with the members that the RFCs name
// ([oauth.Reply.Object]).
func (c *Connection) object(reply oauth.Reply) ([]byte, error) {
	p := c.ProviderInfo()
	reply.Body = replies.Standard(p, reply.Body)
	object, err := reply.Object()
	if err != nil {
		return nil, err
	}
	return replies.Standard(p, object), nil // again: a form is an object only now
}

// delivered returns the result of a reply that was merged into the saved token.
func (a *attempt) delivered(merged Token, sent jsonobject.Object, skipped []string) *Result {
	result := a.unchanged()
	c := &result.Connection
	rotated := merged.RefreshTokenHash() != c.Pending.Spent && !a.repeats
	received, began := c.Pending.Received, c.Pending.Since
	outcome := Refreshed
	login := c.Pending.Login
	if login != nil {
		outcome = LoggedIn
		a.completeLogin(c, login)
	}
	if c.Client.Auth == "" && a.auth != "" && a.auth != oauth.AuthNone {
		c.ProvenAuth = a.auth
	}
	grantExpiry := a.grantExpiry(sent, outcome)
	requested := began
	if first := c.receiptTime(received); merged.times().jwtLifetime > 0 && !first.IsZero() &&
		merged.accessTokenHash() == c.Token.accessTokenHash() {
		requested = first // the server sent the same JWT again: its lifetime goes on
	}
	health := Health{
		RefreshTokenHash: merged.RefreshTokenHash(), AccessTokenHash: merged.accessTokenHash(), LastSuccess: received,
		LastRequest: requested, GrantExpiry: grantExpiry,
	}
	keepsReply := a.repeats && c.keepsReply() && merged.RefreshTokenHash() == c.Token.RefreshTokenHash()
	c.Health = health.withIDToken(&c.Health, merged, c.Pending.Reply, began)
	c.Health.ReplyKept = keepsReply // it was not sent
	c.Token, c.Pending = merged, nil
	if a.repeats {
		c.Pending = a.before
		c.Pending = c.interrupted() // unless the reply has another refresh token
	}
	c.History = c.History.withEntry(HistoryEntry{Time: received, Outcome: outcome}, merged, began)
	result.Outcome, result.Rotated = outcome, rotated
	if len(skipped) > 0 {
		result.Warning = &SetupError{
			Name: c.Name,
			What: fmt.Sprintf("the provider sent something that cannot be saved in %s; the old value was kept",
				strings.Join(skipped, ", ")),
			Remedy: "nothing to do: the tokens were saved",
		}
	}
	if login != nil && login.Nonce != "" && merged.Member("id_token") == "" {
		result.Warning = &SetupError{
			Name: c.Name, What: "the login requested an id_token, and the provider sent none; the token was kept",
			Remedy: "if a program needs it, {login again scope}: openid, " +
				"and allow OpenID Connect in the application's registration",
		}
	}
	return result
}

// grantExpiry returns when the grant ends, as the reply states it, or else as it was known before the
// refresh. The reply was made no earlier than its request.
func (a *attempt) grantExpiry(sent jsonobject.Object, outcome Outcome) time.Time {
	began := a.connection.Pending.Since
	if lifetime, ok := seconds(sent.Value(grantLifetime)); ok {
		return began.Add(lifetime)
	}
	if outcome == LoggedIn {
		return time.Time{}
	}
	return a.connection.GrantExpiry(began)
}

// deliveredIDToken is like delivered for a reply without an access token.
func (a *attempt) deliveredIDToken(merged Token, sent jsonobject.Object, skipped []string) *Result {
	result := a.delivered(merged, sent, skipped)
	result.Connection.Health = result.Connection.Health.withOldAccessToken(&a.connection, time.Now())
	return result
}

// completeLogin gives c the registration of the login. If the login was made for another connection
// that shares the token file, it stays as it is.
func (a *attempt) completeLogin(c *Connection, login *PendingLogin) {
	if login.Name != c.Name {
		return
	}
	was := c.Registration
	c.Registration = login.Registration
	if a.login != nil {
		was = a.login.Registration
	}
	c.keepCredentials(&was)
}

// unsavedRepeatable returns the token although it could not be saved. It is not lost: another request
// brings another. But a login is not completed, since its registration was not saved either.
func (a *attempt) unsavedRepeatable(ctx context.Context, err error) (*Result, error) {
	base := a.reread(ctx)
	result, applyErr := a.apply(base)
	if applyErr != nil {
		return result, applyErr
	}
	p := errNotSaved(a.connection.Name, err)
	if a.login != nil {
		p.Remedy = "correct that, then {login again}"
		a.connection.Pending = nil
		return a.unchanged(), p
	}
	result.Warning, result.notSaved, result.savedHash = p, true, base.RefreshTokenHash()
	return result, nil
}

// errNotSaved is the warning with a token that could not be saved, although nothing was spent.
func errNotSaved(name string, err error) *SetupError {
	if unsaved, ok := errors.AsType[*UnsavedError](err); ok {
		err = unsaved.Err
	}
	return &SetupError{
		Name: name, What: "the new access token could not be saved: " + err.Error(),
		Remedy: "correct that; until then, each process requests a token of its own", Err: err,
	}
}

func (a *attempt) unsaved(ctx context.Context, err error) (*Result, error) {
	result, _ := a.apply(a.reread(ctx))
	if result.Outcome == "" && a.options.acceptable(&a.connection, time.Now()) {
		result = &Result{Connection: a.connection, Outcome: Cached} // the reply has no access token
	}
	unsaved, ok := errors.AsType[*UnsavedError](err)
	if !ok {
		unsaved = &UnsavedError{Err: err}
	}
	unsaved.Name = a.connection.Name
	if a.connection.Pending.Login == nil {
		unsaved.spent = a.connection.Pending.Spent
	}
	return result, unsaved
}

// superseded ends an attempt if the saved token is no longer the one that was sent. Either a
// predecessor had saved the result and not removed its mark; or a program without the lock logged
// in or refreshed, and the token that it saved stays.
func (a *attempt) superseded(ctx context.Context, base Token) (*Result, error) {
	result := &Result{Connection: a.connection, Outcome: Adopted}
	var merged Token
	sent, err := a.sent()
	if err == nil {
		merged, _, err = a.merge(a.connection.Token, sent)
	}
	wasSaved := err == nil && merged.RefreshTokenHash() == base.RefreshTokenHash() &&
		merged.accessTokenHash() == base.accessTokenHash()
	if wasSaved {
		result = a.delivered(base, sent, nil)
	} else {
		if a.login != nil {
			return a.loginSuperseded(ctx, base)
		}
		c := &result.Connection
		c.Token, c.Pending, c.Health = base, nil, c.Health.forToken(base)
		if err == nil || a.tokenPath() != "" {
			result.Warning = &SetupError{
				Name: c.Name,
				What: "another program saved a different refresh token while this one was being refreshed; " +
					"its token was kept" + a.quarantineReply(ctx),
				Remedy: "let only one program refresh this token, or let the others ask freshet for it",
			}
		}
	}
	a.connection = result.Connection
	if err := a.write(&a.connection); err != nil {
		return result, err
	}
	if now := time.Now(); a.options.expired(&a.connection, now) {
		return a.unchanged(), &RefreshError{
			Name: a.connection.Name, NextAttempt: now, Err: ErrChanged, Failure: Failure{
				Time: now, Kind: oauth.Temporary, Remedy: "run it again",
				Cause: "another program saved another token, which has expired",
			},
		}
	}
	return result, nil
}
