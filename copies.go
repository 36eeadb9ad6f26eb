package freshet

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// CodeCopied is the code of the failure that is saved if a refresh token is not sent because a
// refresh of another connection replaced it ([CopyChecker]).
const CodeCopied = "copied_token"

// Sentinels that mark an error as new, rather than replayed from Health.
var (
	errCopied   = errors.New("the refresh token was replaced")
	errCopyBusy = errors.New("another connection has the refresh token")
)

// copyPause is the minimum wait before the next attempt if another connection with the token is
// locked. A random part of it is added.
const copyPause = 100 * time.Millisecond

// checkCopies returns an error if the refresh token must not be sent because a refresh of another
// connection replaced it, or may be replacing it. A second use of a replaced token ends the grant
// (RFC 9700 §4.14.2). It can be sent if the provider's file states that old tokens stay valid, or
// with Options.Insist.
func (a *attempt) checkCopies(ctx context.Context) (*Result, error) {
	checker, ok := a.Store.(CopyChecker)
	if !ok || a.repeats || a.connection.ProviderInfo().KeepsOldTokens() {
		return nil, nil
	}
	found, err := checker.CheckCopies(ctx, a.connection)
	switch {
	case err != nil:
		return a.unchanged(), err
	case found == Copy{}:
		return nil, nil
	case found.Replaced.IsZero():
		return &Result{Connection: a.connection, silent: true}, a.connection.errCopyBusy(found)
	case a.options.Insist:
		return nil, nil
	}
	f := a.connection.copied(found)
	if a.options.DryRun {
		return a.unchanged(), &RefreshError{Name: a.connection.Name, Failure: f, Err: errCopied}
	}
	return a.fail(nil, f, 0, errCopied)
}

// copied returns the failure of a connection whose refresh token was replaced: by a refresh of
// another connection, or by one of its own before an old copy of its token was restored.
func (c *Connection) copied(by Copy) Failure {
	f := Failure{Time: time.Now(), Kind: oauth.LoginRequired, Code: CodeCopied}
	at := by.Replaced.Local().Format(time.DateTime)
	if by.Name == c.Name {
		f.Cause = fmt.Sprintf("this is an old copy of the token: a refresh replaced its refresh token at %s; "+
			"sending it would end that login", at)
		f.Remedy = "{login again}, or restore the newest token"
		return f
	}
	f.Cause = fmt.Sprintf("%s replaced this refresh token at %s; sending it would end that login", by, at)
	f.Remedy = "use that one, and remove this one: {delete}; or {login again}"
	return f
}

func (c *Connection) errCopyBusy(other Copy) error {
	now := time.Now()
	return &RefreshError{
		Name: c.Name, Err: errCopyBusy, NextAttempt: now.Add(copyPause + rand.N(copyPause)),
		Failure: Failure{
			Time: now, Kind: oauth.Temporary,
			Cause: fmt.Sprintf("%s has this refresh token, too, and is being updated or has a refresh to finish; "+
				"nothing was sent", other),
			Remedy: "refresh that one first, then run it again; let all programs use one of them",
		},
	}
}
