package freshet

import (
	"context"
	"errors"
	"net/http"
	"os"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// exchange is one attempt to refresh, made while the connection is locked. Its order is what keeps the grant safe:
// announce, send, journal, and only then look at the reply (conclude.go).
type exchange struct {
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

func (x *exchange) run(ctx context.Context) (Answer, error) {
	if answer, err := x.finish(ctx); err != nil {
		return answer, err
	}
	if x.recovered != nil && !x.connection.stale(time.Now()) && !x.demand.rejects(x.connection.Token) {
		return *x.recovered, nil
	}
	if answer, done, err := x.demand.settle(x.connection, time.Now()); done {
		if failed, ok := errors.AsType[*RefreshError](err); ok && failed.Err == nil && x.refusal != nil {
			err = x.refusal // nobody has heard of it yet
		}
		return answer, err
	}
	if err := x.checkSecret(); err != nil {
		return Answer{Connection: x.connection}, err
	}
	request, err := x.connection.Request()
	if err != nil {
		return Answer{Connection: x.connection}, err
	}
	if answer, err := x.checkCopies(ctx); err != nil {
		return answer, err
	}
	return x.present(ctx, x.connection, request)
}

// present sends the refresh token or the code, when it is sure that the result can be saved. asked is who asks.
func (x *exchange) present(ctx context.Context, asked Connection, request oauth.Request) (Answer, error) {
	client, done, err := x.httpClient(asked, x.secrets)
	if err != nil {
		return Answer{Connection: x.connection}, err
	}
	defer done()
	if err := x.announce(); err != nil {
		return Answer{Connection: x.connection}, err
	}
	if x.demand.DryRun {
		x.connection.Pending = x.before
		return Answer{Connection: x.connection, Outcome: Planned}, x.write(x.connection)
	}
	return x.send(ctx, request, client)
}

// finish brings the connection up to date with what an interrupted predecessor left, so that what is presented next is its
// newest token.
func (x *exchange) finish(ctx context.Context) (Answer, error) {
	if answer, err := x.rollForward(ctx); err != nil {
		return answer, err
	}
	if p := x.connection.Pending.Refresh(); p != nil && p.Elsewhere != "" && x.connection.interrupted() {
		return Answer{Connection: x.connection}, &UnsavedError{
			Name: x.connection.Name, Place: p.Elsewhere, Err: errors.New("that place cannot be read from here"),
		}
	}
	return Answer{}, nil
}

// checkSecret refuses to go on with a login that was adopted and has a client secret of its own, which nobody read before the
// lock. The next attempt does.
func (x *exchange) checkSecret() error {
	c := x.connection
	if x.recovered == nil || c.SecretFrom == "" || c.Client.Secret != "" {
		return nil
	}
	now := time.Now()
	return &RefreshError{Name: c.Name, NextAttempt: now, Err: ErrChanged, Failure: Failure{
		Time: now, Kind: oauth.Temporary, Cause: "an interrupted login was completed, whose client secret is another", Remedy: "run it again",
	}}
}

// announce makes the store prove that it can save what is to come (promise 2), and leaves the mark by which a successor
// will know that a refresh was interrupted.
func (x *exchange) announce() error {
	if x.connection.interrupted() {
		x.before = x.connection.Pending.Refresh()
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	c := x.connection
	c.Pending = &Pending{Spent: c.Token.RefreshTokenHash(), Since: time.Now(), Host: host, PID: os.Getpid()}
	if x.login != nil {
		c.Pending.Login = &PendingLogin{c.Name, x.login.Registration.withoutSecret(), x.login.Nonce, x.before}
	}
	if x.demand.DryRun && x.before != nil {
		rehearsed := *x.before
		rehearsed.Problem = "" // with it the store would only note a change
		c.Pending = &rehearsed
	}
	if err := x.write(c); err != nil {
		return err
	}
	x.connection = c
	return nil
}

// send makes the one POST. ctx is the store's: it ends when the lock does, and no caller can cancel it (promise 4).
func (x *exchange) send(ctx context.Context, request oauth.Request, client *http.Client) (Answer, error) {
	limited, cancel := context.WithTimeout(ctx, ExchangeTimeout)
	defer cancel()
	reply, err := request.Send(limited, client)
	if err != nil {
		return x.unanswered(err)
	}
	p := *x.connection.Pending
	p.Reply, p.Received = &reply, time.Now().Round(0) // without the monotonic clock, which stops while the machine sleeps
	x.connection.Pending = &p
	if err := x.write(x.connection); err != nil {
		// The reply is in memory: saving the result may still work, and is tried all the same.
		x.log().Warn("the reply could not be journalled", "connection", x.connection.Name, "error", err)
	}
	return x.conclude(ctx)
}

// unanswered ends an attempt that got no reply. Only an error before the request could leave makes another attempt safe.
func (x *exchange) unanswered(err error) (Answer, error) {
	err = x.hide(err)
	var failed *oauth.SendError
	sent := errors.As(err, &failed) && failed.Sent
	switch {
	case x.login != nil:
		return x.loginUnanswered(err, sent)
	case sent:
		return x.lost(failed.Error(), err)
	}
	return x.fail(x.before, Failure{
		Kind:   oauth.Temporary,
		Cause:  err.Error(),
		Remedy: "check the network, the proxy (HTTPS_PROXY) and the address; nothing was sent",
	}, 0, err)
}

// lost ends an attempt of which nobody knows whether the provider acted on it. The mark stays.
func (x *exchange) lost(problem string, err error) (Answer, error) {
	p := *x.connection.Pending
	p.Reply, p.Received, p.Problem = nil, time.Time{}, problem
	return x.fail(&p, Failure{
		Kind:  oauth.Unknown,
		Cause: problem + "; it is not known whether the provider replaced the refresh token",
		Remedy: "the saved access token is used while it is valid; then one more attempt with the saved refresh token is made, " +
			"which the provider may refuse",
	}, 0, err)
}
