package freshet

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// CodeCopied is the code of the failure that is recorded when a refresh token is not sent because a refresh of another connection
// replaced it ([CopyChecker]).
const CodeCopied = "copied_token"

// What makes these errors ones of now, rather than remembered ones.
var (
	errCopied   = errors.New("the refresh token was replaced")
	errCopyBusy = errors.New("another connection has the refresh token")
)

// copyPause is how long to wait, at least and at most, before another connection with the token is looked at again.
const copyPause = 100 * time.Millisecond

// checkCopies returns an error if the refresh token must not be sent because another connection has it, or had it: where a refresh
// replaces the token, a second use of it ends the grant. Official data that says otherwise counts, and a person who insists.
func (a *attempt) checkCopies(ctx context.Context) (Answer, error) {
	checker, ok := a.Store.(CopyChecker)
	if !ok || a.connection.Vendor().KeepsOldTokens() {
		return Answer{}, nil
	}
	found, err := checker.CheckCopies(ctx, a.connection)
	switch {
	case err != nil:
		return Answer{Connection: a.connection}, err
	case found == Copy{}:
		return Answer{}, nil
	case found.Replaced.IsZero():
		return Answer{Connection: a.connection, silent: true}, a.connection.errCopyBusy(found)
	case a.demand.Insist:
		return Answer{}, nil
	}
	f := a.connection.copied(found)
	if a.demand.DryRun {
		return Answer{Connection: a.connection}, &RefreshError{Name: a.connection.Name, Failure: f, Err: errCopied}
	}
	return a.fail(nil, f, 0, errCopied)
}

// copied is the failure for a connection whose refresh token a refresh of another replaced, or of the same one before an old copy of
// its token was put back.
func (c Connection) copied(by Copy) Failure {
	f := Failure{Time: time.Now(), Kind: oauth.LoginRequired, Code: CodeCopied}
	at := by.Replaced.Local().Format(time.DateTime)
	if by.Name == c.Name {
		f.Cause = fmt.Sprintf("this is an old copy of the token: a refresh replaced its refresh token at %s; sending it would end that login", at)
		f.Remedy = "log in again, or put the newest token back"
		return f
	}
	f.Cause = fmt.Sprintf("%s replaced this refresh token at %s; sending it would end that login", by, at)
	f.Remedy = "use that one, and forget this one with Store.Delete; or log in again"
	return f
}

func (c Connection) errCopyBusy(other Copy) error {
	now := time.Now()
	return &RefreshError{
		Name: c.Name, Err: errCopyBusy, NextAttempt: now.Add(copyPause + rand.N(copyPause)),
		Failure: Failure{
			Time: now, Kind: oauth.Temporary,
			Cause:  fmt.Sprintf("%s has this refresh token, too, and is being updated or has a refresh to finish; nothing was sent", other),
			Remedy: "refresh that one first, then run it again; let every program get its token from one of them",
		},
	}
}
