package freshet

import (
	"context"
	"errors"
	"net/http"
	"os"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// attempt is one attempt to refresh, made while the connection is locked. Its order is what keeps the grant safe:
// announce, send, journal, and only then look at the reply (conclude.go).
type attempt struct {
	*Refresher
	demand     Demand
	connection Connection
	save       Save

	login *Grant // what to exchange instead of the refresh token
	// before is what was pending when the lock was taken: the mark of an interrupted refresh.
	before *Pending
	// refusal is what a predecessor's journalled reply led to, if it was one.
	refusal error
	// recovered is what a predecessor's journalled reply led to, if it was a token.
	recovered *Answer
}

func (a *attempt) run(ctx context.Context) (Answer, error) {
	if answer, err := a.finishPredecessor(ctx); err != nil {
		return answer, err
	}
	if a.recovered != nil && !a.connection.stale(time.Now()) && !a.demand.rejects(a.connection.Token) {
		return *a.recovered, nil
	}
	if answer, done, err := a.demand.settle(a.connection, time.Now()); done {
		if failed, ok := errors.AsType[*RefreshError](err); ok && failed.Err == nil && a.refusal != nil {
			err = a.refusal // nobody has heard of it yet
		}
		return answer, err
	}
	if err := a.checkAdoptedSecret(); err != nil {
		return Answer{Connection: a.connection}, err
	}
	request, err := a.connection.Request()
	if err != nil {
		return Answer{Connection: a.connection}, err
	}
	if answer, err := a.checkCopies(ctx); err != nil {
		return answer, err
	}
	return a.sendIfSavable(ctx, a.connection, request)
}

// present sends the refresh token or the code, when it is sure that the result can be saved. asked is who asks.
func (a *attempt) sendIfSavable(ctx context.Context, asked Connection, request oauth.Request) (Answer, error) {
	client, done, err := a.httpClient(asked, a.secrets)
	if err != nil {
		return Answer{Connection: a.connection}, err
	}
	defer done()
	if err := a.announce(); err != nil {
		return Answer{Connection: a.connection}, err
	}
	if a.demand.DryRun {
		a.connection.Pending = a.before
		return Answer{Connection: a.connection, Outcome: Planned}, a.write(a.connection)
	}
	return a.send(ctx, request, client)
}

// finish brings the connection up to date with what an interrupted predecessor left, so that what is presented next is its
// newest token.
func (a *attempt) finishPredecessor(ctx context.Context) (Answer, error) {
	if answer, err := a.rollForward(ctx); err != nil {
		return answer, err
	}
	if p := a.connection.interrupted(); p != nil && p.Elsewhere != "" {
		return Answer{Connection: a.connection}, &UnsavedError{
			Name: a.connection.Name, Place: p.Elsewhere, Err: errors.New("that place cannot be read from here"),
		}
	}
	return Answer{}, nil
}

// checkSecret refuses to go on with a login that was adopted and has a client secret of its own, which nobody read before the
// lock. The next attempt does.
func (a *attempt) checkAdoptedSecret() error {
	c := a.connection
	if a.recovered == nil || c.SecretFrom == "" || c.Client.Secret != "" {
		return nil
	}
	now := time.Now()
	return &RefreshError{Name: c.Name, NextAttempt: now, Err: ErrChanged, Failure: Failure{
		Time: now, Kind: oauth.Temporary, Cause: "an interrupted login was completed, whose client secret is another", Remedy: "run it again",
	}}
}

// announce makes the store prove that it can save what is to come (promise 2), and leaves the mark by which a successor
// will know that a refresh was interrupted.
func (a *attempt) announce() error {
	a.before = a.connection.interrupted()
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	c := a.connection
	c.Pending = &Pending{Spent: c.Token.RefreshTokenHash(), Since: time.Now(), Host: host, PID: os.Getpid()}
	if a.login != nil {
		c.Pending.Login = &PendingLogin{c.Name, a.login.Registration.withoutSecret(), a.login.Nonce, a.before}
	}
	if a.demand.DryRun && a.before != nil {
		rehearsed := *a.before
		rehearsed.Problem = "" // with it the store would only note a change
		c.Pending = &rehearsed
	}
	if err := a.write(c); err != nil {
		return err
	}
	a.connection = c
	return nil
}

// send makes the one POST. ctx is the store's: it ends when the lock does, and no caller can cancel it (promise 4).
func (a *attempt) send(ctx context.Context, request oauth.Request, client *http.Client) (Answer, error) {
	limited, cancel := context.WithTimeout(ctx, ExchangeTimeout)
	defer cancel()
	reply, err := request.Send(limited, client)
	if err != nil {
		return a.unanswered(err)
	}
	p := *a.connection.Pending
	p.Reply, p.Received = &reply, time.Now().Round(0) // without the monotonic clock, which stops while the machine sleeps
	a.connection.Pending = &p
	if err := a.write(a.connection); err != nil {
		// The reply is in memory: saving the result may still work, and is tried all the same.
		a.log().Warn("the reply could not be journalled", "connection", a.connection.Name, "error", err)
	}
	return a.conclude(ctx)
}

// unanswered ends an attempt that got no reply. Only an error before the request could leave makes another attempt safe.
func (a *attempt) unanswered(err error) (Answer, error) {
	err = a.redact(err)
	var failed *oauth.SendError
	sent := errors.As(err, &failed) && failed.Sent
	switch {
	case a.login != nil:
		return a.loginUnanswered(err, sent)
	case sent:
		return a.lost(failed.Error(), err)
	}
	return a.fail(a.before, Failure{
		Kind:   oauth.Temporary,
		Cause:  err.Error(),
		Remedy: "check the network, the proxy (HTTPS_PROXY) and the address; nothing was sent",
	}, 0, err)
}

// lost ends an attempt of which nobody knows whether the provider acted on it. The mark stays.
func (a *attempt) lost(problem string, err error) (Answer, error) {
	p := *a.connection.Pending
	p.Reply, p.Received, p.Problem = nil, time.Time{}, problem
	return a.fail(&p, Failure{
		Kind:  oauth.Unknown,
		Cause: problem + "; it is not known whether the provider replaced the refresh token",
		Remedy: "the saved access token is used while it is valid; then one more attempt with the saved refresh token is made, " +
			"which the provider may refuse",
	}, 0, err)
}
