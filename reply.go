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
func (a *attempt) rollForward(ctx context.Context) (Answer, error) {
	if p := a.connection.Pending; p == nil || p.Reply == nil {
		return Answer{}, nil
	}
	if err := a.asRequested().CheckProvider(); err != nil { // without the file the reply may not be what it seems
		return Answer{Connection: a.connection}, err
	}
	if login := a.connection.Pending.Login; login != nil {
		a.before = login.Before // what a login that fails leaves behind
	}
	var answer Answer
	var err error
	if moved := a.checkAdoption(); moved != nil {
		answer, err = a.rejectLogin(ctx, moved)
	} else {
		answer, err = a.conclude(ctx)
	}
	a.before = nil
	if isUnsaved(err) {
		return answer, err
	}
	// Whatever the old reply said, it is dealt with; an old refusal is in the health, and settle respects it.
	a.connection, a.refusal = answer.Connection, err
	if answer.Outcome == Refreshed || answer.Outcome == LoggedIn {
		answer.Outcome = Recovered
		a.recovered = &answer
	}
	return answer, nil
}

// conclude reads the journalled reply and saves what follows from it. The token is read once more, because programs that
// take no lock may have written it meanwhile.
func (a *attempt) conclude(ctx context.Context) (Answer, error) {
	var saveErr error
	for n, pause := range savePauses {
		if n == pausesWhenSafe && isSafe(saveErr) {
			break
		}
		time.Sleep(pause)
		base := a.reread(ctx)
		if base.RefreshTokenHash() != a.connection.Pending.Spent {
			return a.superseded(ctx, base)
		}
		answer, err := a.outcome(base)
		if err != nil && answer.Connection.Pending != nil {
			return a.unmerged(ctx, err)
		}
		if saveErr = a.write(answer.Connection); saveErr == nil {
			a.connection = answer.Connection
			return answer, err
		}
	}
	return a.unsaved(ctx, saveErr)
}

// outcome is what the reply makes of base: a new token; or an error with a new refresh token, salvaged from a reply that is
// otherwise of no use; or, with Pending left as it is, an error and nothing to save.
func (a *attempt) outcome(base Token) (Answer, error) {
	merged, err := a.merge(base)
	if err == nil {
		return a.delivered(merged), nil
	}
	err = a.redact(err)
	answer := Answer{Connection: a.connection}
	unusable, ok := errors.AsType[*oauth.UnusableError](err)
	if !ok {
		return answer, err
	}
	pending := a.connection.Pending
	unusable.Host = pending.Reply.Host
	if pending.Login != nil {
		return answer, err // whoever is logging in can do it again; a new refresh token beside an old access token could be of two grants
	}
	refreshToken, ok := salvageRefreshToken(pending.Reply.Body)
	if !ok || hashOf(refreshToken) == pending.Spent {
		return answer, err
	}
	salvaged, mergeErr := base.withRefreshToken(refreshToken)
	if mergeErr != nil {
		return answer, err
	}
	c, failed := failed(a.connection, salvaged, Failure{
		Kind:   oauth.Temporary,
		Cause:  err.Error() + "; the new refresh token in it was saved",
		Remedy: "run it again: the next attempt uses the new refresh token",
	}, 0, err)
	c.Pending = nil
	if now := time.Now(); a.connection.statedIssueTime(now).IsZero() {
		// The document is saved anew and the access token is not: its age must no longer be told from the document's.
		c.Health.AccessTokenHash, c.Health.LastSuccess = salvaged.accessTokenHash(), a.connection.issueTime(now)
	}
	return Answer{Connection: c}, failed
}

func isSafe(err error) bool {
	unsaved, ok := errors.AsType[*UnsavedError](err)
	return ok && unsaved.Place != ""
}

// reread returns the token as it is saved now, and notes the version that the next one will be made from. A file that is
// gone or torn meanwhile is no reason to drop the reply.
func (a *attempt) reread(ctx context.Context) Token {
	now, err := a.Store.Get(ctx, a.connection.Name)
	if err != nil {
		return a.connection.Token
	}
	a.connection.Saved, a.connection.Version = now.Saved, now.Version
	// Somebody may have edited the rest, too; the secret is not among what is saved.
	secret := a.connection.Client.Secret
	if now.Client.Secret == "" && now.SecretFrom == a.connection.SecretFrom && now.Client.ID == a.connection.Client.ID {
		now.Client.Secret = secret
	}
	a.connection.Registration = now.Registration
	return now.Token
}

func (a *attempt) merge(base Token) (Token, error) {
	p := a.connection.Pending
	object, err := a.asRequested().object(*p.Reply)
	if err != nil {
		return base, err
	}
	if p.Login != nil {
		return a.connection.firstToken(base, object)
	}
	return base.Merge(object, p.Since) // expires_in counts from the making of the reply, which was no earlier
}

// asked is the connection as it was when the request was made: a login's registration is not the connection's yet.
func (a *attempt) asRequested() Connection {
	c := a.connection
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
func (a *attempt) delivered(merged Token) Answer {
	c := a.connection
	rotated := merged.RefreshTokenHash() != c.Pending.Spent
	received, began := c.Pending.Received, c.Pending.Since
	outcome := Refreshed
	if login := c.Pending.Login; login != nil {
		outcome = LoggedIn
		c.Registration = a.registrationOf(login)
	}
	c.Token, c.Pending = merged, nil
	c.Health = Health{RefreshTokenHash: merged.RefreshTokenHash(), AccessTokenHash: merged.accessTokenHash(), LastSuccess: received}
	c.History = c.History.withEntry(HistoryEntry{Time: received, Outcome: outcome}, merged, began)
	return Answer{Connection: c, Outcome: outcome, Rotated: rotated}
}

// registrationOf is the connection's registration after the login. Who adopts the login of another connection, whose token
// file is shared, keeps its own.
func (a *attempt) registrationOf(login *PendingLogin) Registration {
	was := a.connection.Registration
	if login.Name != a.connection.Name {
		return was
	}
	next := login.Registration
	switch {
	case a.login != nil:
		next.Client.Secret = a.login.Registration.Client.Secret
	case next.SecretFrom == was.SecretFrom && next.Client.ID == was.Client.ID:
		next.Client.Secret = was.Client.Secret
	}
	return next
}

func (a *attempt) unsaved(ctx context.Context, err error) (Answer, error) {
	answer, _ := a.outcome(a.reread(ctx))
	if now := time.Now(); answer.Outcome == "" && a.demand.content(a.connection, now) {
		answer = Answer{Connection: a.connection, Outcome: Cached} // no new access token, but the old one will do
	}
	unsaved, ok := errors.AsType[*UnsavedError](err)
	if !ok {
		unsaved = &UnsavedError{Err: err}
	}
	unsaved.Name = a.connection.Name
	if a.connection.Pending.Login == nil {
		unsaved.spent = a.connection.Pending.Spent
	}
	return answer, unsaved
}

// superseded ends a refresh whose token is no longer the saved one: either a predecessor had saved the result and only
// not removed its mark, or somebody logged in or refreshed without our lock, and what they saved stays.
func (a *attempt) superseded(ctx context.Context, base Token) (Answer, error) {
	answer := Answer{Connection: a.connection, Outcome: Adopted}
	merged, err := a.merge(a.connection.Token)
	if err == nil && merged.RefreshTokenHash() == base.RefreshTokenHash() && merged.accessTokenHash() == base.accessTokenHash() {
		answer = a.delivered(base)
	} else {
		if a.login != nil {
			return a.loginSuperseded(ctx, base)
		}
		c := &answer.Connection
		c.Token, c.Pending, c.Health = base, nil, c.Health.forToken(base)
		if err == nil {
			answer.Warning = a.displaced(ctx)
		}
	}
	a.connection = answer.Connection
	if err := a.write(a.connection); err != nil {
		return answer, err
	}
	if now := time.Now(); a.connection.expired(now) {
		return Answer{Connection: a.connection}, &RefreshError{
			Name: a.connection.Name, NextAttempt: now, Err: ErrChanged,
			Failure: Failure{Time: now, Kind: oauth.Temporary, Cause: "another program saved another token, which has expired", Remedy: "run it again"},
		}
	}
	return answer, nil
}

// displaced sets a good reply aside for which there is no place, and says so.
func (a *attempt) displaced(ctx context.Context) error {
	return &Problem{
		Name: a.connection.Name,
		What: "another program saved a different refresh token while this one was being refreshed; its token was kept" +
			a.quarantine(ctx, a.connection.Pending.Reply.Body),
		Remedy: "let only one program refresh this token, or let the others ask freshet for it",
	}
}

// unmerged ends a refresh that the provider refused, or whose reply is of no use.
func (a *attempt) unmerged(ctx context.Context, err error) (Answer, error) {
	if a.connection.Pending.Login != nil {
		return a.loginFailed(ctx, err)
	}
	if refused, ok := errors.AsType[*oauth.Error](err); ok {
		return a.refused(refused)
	}
	place := ""
	if body := a.connection.Pending.Reply.Body; len(body) > 0 {
		place = a.quarantine(ctx, body)
	}
	return a.lost(err.Error()+place, err)
}

// setAside keeps a reply for a person to look at, and returns a clause that names the place.
func (a *attempt) quarantine(ctx context.Context, reply []byte) string {
	keeper, ok := a.Store.(Aside)
	if !ok {
		return ""
	}
	place, err := keeper.SetAside(ctx, a.connection.Name, reply)
	if err != nil {
		return fmt.Sprintf(" (and the reply could not be kept: %v)", a.redact(err))
	}
	return "; the reply is kept in " + place
}

// refused ends a refresh that the provider answered with an error. The token stays as it is (promise 7).
func (a *attempt) refused(e *oauth.Error) (Answer, error) {
	c := a.connection
	explained := c.explainRefresh(e)
	failure := newFailure(explained, e)
	if explained.Kind == oauth.Unknown {
		return a.lost(failure.Cause, e)
	}
	if explained.Kind != oauth.LoginRequired {
		// Nothing was spent: what was interrupted before is as open as it was.
		return a.fail(a.before, failure, retryAfter(e, explained), e)
	}
	if a.before != nil {
		failure.Cause += "; " + a.before.interruption() + ", so the provider had probably replaced the refresh token already"
	}
	return a.fail(nil, failure, 0, e)
}

// fail records the failure and the time of the next attempt, for every process and every restart to respect, and leaves
// pending as it is given.
func (a *attempt) fail(pending *Pending, f Failure, delay time.Duration, cause error) (Answer, error) {
	c, failed := failed(a.connection, a.connection.Token, f, delay, cause)
	if a.before != nil && f.Kind == oauth.LoginRequired {
		c.History.Entries[len(c.History.Entries)-1].Interrupted = a.before.Since.UTC().Round(time.Millisecond)
	}
	c.Pending = pending
	if err := a.write(c); err != nil {
		a.log().Warn("the failure could not be recorded", "connection", c.Name, "error", err)
	}
	a.connection = c
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
	c.History = c.History.withEntry(entry, token, began)
	c.Health = c.Health.forToken(c.Token) // a salvaged refresh token does not end the row of failures
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
