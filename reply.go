package freshet

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// ErrChanged is returned by a [Save] when somebody who does not hold the lock changed the connection since it was read.
// Nothing was saved.
var ErrChanged = errors.New("the token was changed by somebody else since it was read")

// savePauses are the waits between attempts to save a result: all of them while it exists only in memory, the first four
// when it is safe somewhere. They are the only sleep under a lock: nobody else could do anything but wait for this result.
var savePauses = [...]time.Duration{0, 50 * time.Millisecond, 250 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second}

const pausesWhenSafe = 4

// rollForward concludes the refresh or login of a predecessor that had journalled its reply and then died, if there is one.
func (x *exchange) rollForward(ctx context.Context) (Answer, error) {
	if p := x.connection.Pending; p == nil || p.Reply == nil {
		return Answer{}, nil
	}
	if err := x.asked().CheckProvider(); err != nil { // without the file the reply may not be what it seems
		return Answer{Connection: x.connection}, err
	}
	if login := x.connection.Pending.Login; login != nil {
		x.before = login.Before // what a login that fails leaves behind
	}
	var answer Answer
	var err error
	if moved := x.checkAdoption(); moved != nil {
		answer, err = x.rejectLogin(ctx, moved)
	} else {
		answer, err = x.conclude(ctx)
	}
	x.before = nil
	if isUnsaved(err) {
		return answer, err
	}
	// Whatever the old reply said, it is dealt with; an old refusal is in the health, and settle respects it.
	x.connection, x.refusal = answer.Connection, err
	if answer.Outcome == Refreshed || answer.Outcome == LoggedIn {
		answer.Outcome = Recovered
		x.recovered = &answer
	}
	return answer, nil
}

// conclude reads the journalled reply and saves what follows from it. The token is read once more, because programs that
// take no lock may have written it meanwhile.
func (x *exchange) conclude(ctx context.Context) (Answer, error) {
	var saveErr error
	for n, pause := range savePauses {
		if n == pausesWhenSafe && isSafe(saveErr) {
			break
		}
		time.Sleep(pause)
		base := x.reread(ctx)
		if base.RefreshTokenHash() != x.connection.Pending.Spent {
			return x.superseded(ctx, base)
		}
		answer, err := x.outcome(base)
		if err != nil && answer.Connection.Pending != nil {
			return x.unmerged(ctx, err)
		}
		if saveErr = x.write(answer.Connection); saveErr == nil {
			x.connection = answer.Connection
			return answer, err
		}
	}
	return x.unsaved(ctx, saveErr)
}

// outcome is what the reply makes of base: a new token; or an error with a new refresh token, salvaged from a reply that is
// otherwise of no use; or, with Pending left as it is, an error and nothing to save.
func (x *exchange) outcome(base Token) (Answer, error) {
	merged, err := x.merge(base)
	if err == nil {
		return x.delivered(merged), nil
	}
	err = x.hide(err)
	answer := Answer{Connection: x.connection}
	unusable, ok := errors.AsType[*oauth.UnusableError](err)
	if !ok {
		return answer, err
	}
	pending := x.connection.Pending
	unusable.Host = pending.Reply.Host
	if pending.Login != nil {
		return answer, err // whoever is logging in can do it again; a new refresh token beside an old access token could be of two grants
	}
	refreshToken, ok := salvage(pending.Reply.Body)
	if !ok || hashOf(refreshToken) == pending.Spent {
		return answer, err
	}
	salvaged, mergeErr := base.withRefreshToken(refreshToken)
	if mergeErr != nil {
		return answer, err
	}
	c, failed := failed(x.connection, salvaged, Failure{
		Kind:   oauth.Temporary,
		Cause:  err.Error() + "; the new refresh token in it was saved",
		Remedy: "run it again: the next attempt uses the new refresh token",
	}, 0, err)
	c.Pending = nil
	if now := time.Now(); x.connection.issuedAtLeast(now).IsZero() {
		// The document is saved anew and the access token is not: its age must no longer be told from the document's.
		c.Health.AccessTokenHash, c.Health.LastSuccess = salvaged.accessTokenHash(), x.connection.issued(now)
	}
	return Answer{Connection: c}, failed
}

func isSafe(err error) bool {
	unsaved, ok := errors.AsType[*UnsavedError](err)
	return ok && unsaved.Place != ""
}

// reread returns the token as it is saved now, and notes the version that the next one will be made from. A file that is
// gone or torn meanwhile is no reason to drop the reply.
func (x *exchange) reread(ctx context.Context) Token {
	now, err := x.Store.Get(ctx, x.connection.Name)
	if err != nil {
		return x.connection.Token
	}
	x.connection.Saved, x.connection.Version = now.Saved, now.Version
	// Somebody may have edited the rest, too; the secret is not among what is saved.
	secret := x.connection.Client.Secret
	if now.Client.Secret == "" && now.SecretFrom == x.connection.SecretFrom && now.Client.ID == x.connection.Client.ID {
		now.Client.Secret = secret
	}
	x.connection.Registration = now.Registration
	return now.Token
}

func (x *exchange) merge(base Token) (Token, error) {
	p := x.connection.Pending
	object, err := x.asked().object(*p.Reply)
	if err != nil {
		return base, err
	}
	if p.Login != nil {
		return x.connection.begun(base, object)
	}
	return base.Merge(object, p.Since) // expires_in counts from the making of the reply, which was no earlier
}

// asked is the connection as it was when the request was made: a login's registration is not the connection's yet.
func (x *exchange) asked() Connection {
	c := x.connection
	if login := c.Pending.Login; login != nil {
		c.Registration, c.Token = login.Registration, Token{}
	}
	return c
}

// object is the reply with its members where the RFCs have them ([oauth.Reply.Object]).
func (c Connection) object(reply oauth.Reply) ([]byte, error) {
	vendor := c.Vendor()
	reply.Body = vendor.Standard(reply.Body)
	object, err := reply.Object()
	if err != nil {
		return nil, err
	}
	return vendor.Standard(object), nil // what was a form is an object only now
}

// delivered is the answer to a refresh that worked.
func (x *exchange) delivered(merged Token) Answer {
	c := x.connection
	rotated := merged.RefreshTokenHash() != c.Pending.Spent
	received, began := c.Pending.Received, c.Pending.Since
	outcome := Refreshed
	if login := c.Pending.Login; login != nil {
		outcome = LoggedIn
		c.Registration = x.registrationOf(login)
	}
	c.Token, c.Pending = merged, nil
	c.Health = Health{RefreshTokenHash: merged.RefreshTokenHash(), AccessTokenHash: merged.accessTokenHash(), LastSuccess: received}
	c.History = c.History.with(HistoryEntry{Time: received, Outcome: outcome}, merged, began)
	return Answer{Connection: c, Outcome: outcome, Rotated: rotated}
}

// registrationOf is the connection's registration after the login. Who adopts the login of another connection, whose token
// file is shared, keeps its own.
func (x *exchange) registrationOf(login *PendingLogin) Registration {
	was := x.connection.Registration
	if login.Name != x.connection.Name {
		return was
	}
	next := login.Registration
	switch {
	case x.login != nil:
		next.Client.Secret = x.login.Registration.Client.Secret
	case next.SecretFrom == was.SecretFrom && next.Client.ID == was.Client.ID:
		next.Client.Secret = was.Client.Secret
	}
	return next
}

func (x *exchange) unsaved(ctx context.Context, err error) (Answer, error) {
	answer, _ := x.outcome(x.reread(ctx))
	if now := time.Now(); answer.Outcome == "" && x.demand.content(x.connection, now) {
		answer = Answer{Connection: x.connection, Outcome: Cached} // no new access token, but the old one will do
	}
	unsaved, ok := errors.AsType[*UnsavedError](err)
	if !ok {
		unsaved = &UnsavedError{Err: err}
	}
	unsaved.Name = x.connection.Name
	if x.connection.Pending.Login == nil {
		unsaved.spent = x.connection.Pending.Spent
	}
	return answer, unsaved
}

// superseded ends a refresh whose token is no longer the saved one: either a predecessor had saved the result and only
// not removed its mark, or somebody logged in or refreshed without our lock, and what they saved stays.
func (x *exchange) superseded(ctx context.Context, base Token) (Answer, error) {
	answer := Answer{Connection: x.connection, Outcome: Adopted}
	merged, err := x.merge(x.connection.Token)
	if err == nil && merged.RefreshTokenHash() == base.RefreshTokenHash() && merged.accessTokenHash() == base.accessTokenHash() {
		answer = x.delivered(base)
	} else {
		if x.login != nil {
			return x.loginSuperseded(ctx, base)
		}
		c := &answer.Connection
		c.Token, c.Pending, c.Health = base, nil, c.Health.of(base)
		if err == nil {
			answer.Warning = x.displaced(ctx)
		}
	}
	x.connection = answer.Connection
	if err := x.write(x.connection); err != nil {
		return answer, err
	}
	if now := time.Now(); x.connection.expired(now) {
		return Answer{Connection: x.connection}, &RefreshError{
			Name: x.connection.Name, NextAttempt: now, Err: ErrChanged,
			Failure: Failure{Time: now, Kind: oauth.Temporary, Cause: "another program saved another token, which has expired", Remedy: "run it again"},
		}
	}
	return answer, nil
}

// displaced sets a good reply aside for which there is no place, and says so.
func (x *exchange) displaced(ctx context.Context) error {
	return &Problem{
		Name: x.connection.Name,
		What: "another program saved a different refresh token while this one was being refreshed; its token was kept" +
			x.setAside(ctx, x.connection.Pending.Reply.Body),
		Remedy: "let only one program refresh this token, or let the others ask freshet for it",
	}
}

// unmerged ends a refresh that the provider refused, or whose reply is of no use.
func (x *exchange) unmerged(ctx context.Context, err error) (Answer, error) {
	if x.connection.Pending.Login != nil {
		return x.loginFailed(ctx, err)
	}
	if refused, ok := errors.AsType[*oauth.Error](err); ok {
		return x.refused(refused)
	}
	place := ""
	if body := x.connection.Pending.Reply.Body; len(body) > 0 {
		place = x.setAside(ctx, body)
	}
	return x.lost(err.Error()+place, err)
}

// setAside keeps a reply for a person to look at, and returns a clause that names the place.
func (x *exchange) setAside(ctx context.Context, reply []byte) string {
	keeper, ok := x.Store.(Aside)
	if !ok {
		return ""
	}
	place, err := keeper.SetAside(ctx, x.connection.Name, reply)
	if err != nil {
		return fmt.Sprintf(" (and the reply could not be kept: %v)", x.hide(err))
	}
	return "; the reply is kept in " + place
}

// refused ends a refresh that the provider answered with an error. The token stays as it is (promise 7).
func (x *exchange) refused(e *oauth.Error) (Answer, error) {
	c := x.connection
	explained := c.explainRefresh(e)
	failure := explainedFailure(explained, e)
	if explained.Kind == oauth.Unknown {
		return x.lost(failure.Cause, e)
	}
	if explained.Kind != oauth.LoginRequired {
		// Nothing was spent: what was interrupted before is as open as it was.
		return x.fail(x.before, failure, wait(e, explained), e)
	}
	if x.before != nil {
		failure.Cause += "; " + x.before.describe() + ", so the provider had probably replaced the refresh token already"
	}
	return x.fail(nil, failure, 0, e)
}

// fail records the failure and the time of the next attempt, for every process and every restart to respect, and leaves
// pending as it is given.
func (x *exchange) fail(pending *Pending, f Failure, delay time.Duration, cause error) (Answer, error) {
	c, failed := failed(x.connection, x.connection.Token, f, delay, cause)
	if x.before != nil && f.Kind == oauth.LoginRequired {
		c.History.Entries[len(c.History.Entries)-1].Interrupted = x.before.Since.UTC().Round(time.Millisecond)
	}
	c.Pending = pending
	if err := x.write(c); err != nil {
		x.log().Warn("the failure could not be recorded", "connection", c.Name, "error", err)
	}
	x.connection = c
	return Answer{Connection: c}, failed
}

// failed is the connection with the token and the failure in its health, and the error that says so.
func failed(c Connection, token Token, f Failure, delay time.Duration, cause error) (Connection, *RefreshError) {
	f.Time = time.Now().Round(0)
	began := f.Time
	if c.Pending != nil {
		began = c.Pending.Since
	}
	entry := HistoryEntry{Time: f.Time, Outcome: Failed, Kind: f.Kind, Code: f.Code}
	if u := c.endpointURL(); u != nil {
		entry.Host = u.Host
	}
	c.History = c.History.with(entry, token, began)
	c.Health = c.Health.of(c.Token) // a salvaged refresh token does not end the row of failures
	h := c.CurrentHealth()
	c.Token = token
	h.RefreshTokenHash = token.RefreshTokenHash()
	h.RequestHash, h.SecretHash, h.ClientID = c.requestHash(), c.secretHash(), c.clientID()
	h.Failures++
	h.LastFailure = &f
	h.LoginRequired = f.Kind == oauth.LoginRequired
	h.NextAttempt = time.Time{}
	if !h.LoginRequired {
		h.NextAttempt = f.Time.Add(max(delay, retryDelay(h.Failures, rand.Float64())))
	}
	c.Health = h
	return c, &RefreshError{Name: c.Name, Failure: f, NextAttempt: h.NextAttempt, Err: cause}
}
