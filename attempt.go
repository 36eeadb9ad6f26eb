package freshet

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// attempt is one attempt to refresh or to log in, made while the connection is locked. Its order
// protects the grant: write the intent to the journal, send, write the reply to the journal, and
// only then read the reply (reply.go).
type attempt struct {
	*Refresher
	options    Options
	connection Connection
	save       Save

	login     *CodeExchange   // the code to exchange; nil for a refresh
	repeats   bool            // what is sent can be sent again: nothing is spent, and no journal is needed
	kept      *Pending        // the reply that was in the journal, and returns to it if nothing is sent
	response  []byte          // the body of the reply, as it came
	auth      oauth.AuthStyle // with which the request of this attempt was sent
	before    *Pending        // the mark of a refresh that was interrupted before this attempt
	replayErr error           // the error in a predecessor's journaled reply
	recovered *Result         // the token in a predecessor's journaled reply
}

// unchanged is the result of an attempt that brought no token.
func (a *attempt) unchanged() *Result { return &Result{Connection: a.connection} }

func (a *attempt) run(ctx context.Context) (*Result, error) {
	if result, err := a.finishPredecessor(ctx); err != nil {
		return result, err
	}
	if a.recovered != nil && !a.options.stale(&a.connection, time.Now()) && !a.options.rejects(a.connection.Token) {
		return a.recovered, nil
	}
	if result, done, err := a.options.settle(&a.connection, time.Now()); done {
		if failed, ok := errors.AsType[*RefreshError](err); ok && failed.Err == nil && a.replayErr != nil {
			result.silent, err = false, a.replayErr // the predecessor did not report it
		}
		return result, err
	}
	if err := a.checkAdoptedSecret(); err != nil {
		return a.unchanged(), err
	}
	request, err := a.connection.Request()
	if err != nil {
		return a.unchanged(), err
	}
	a.repeats = !a.connection.spends()
	if result, err := a.checkCopies(ctx); err != nil {
		return result, err
	}
	return a.sendIfSavable(ctx, &a.connection, request)
}

// sendIfSavable sends the refresh token or the code after the store has shown that it can save the
// result. A request that can be repeated is sent without that. conn supplies the proxy and the CA file.
func (a *attempt) sendIfSavable(ctx context.Context, conn *Connection, request oauth.Request) (*Result, error) {
	client, done, err := a.httpClient(conn, a.secrets)
	if err != nil {
		return a.unchanged(), err
	}
	defer done()
	if request, err = a.sign(ctx, request); err != nil {
		return a.unchanged(), err
	}
	if err := a.announce(); err != nil {
		return a.unchanged(), err
	}
	if a.options.DryRun {
		a.connection.Pending = a.before
		return &Result{Connection: a.connection, Outcome: Planned}, a.writeJournal()
	}
	return a.send(ctx, request, client)
}

// sign signs the request before it is announced, so that an error leaves no mark of an interrupted
// attempt. Each attempt has a new signature: a server accepts it once (RFC 7523 §3).
func (a *attempt) sign(ctx context.Context, request oauth.Request) (oauth.Request, error) {
	if !request.Client.Style().IsAssertion() && request.Assertion == nil {
		return request, nil
	}
	limited, cancel := context.WithTimeout(ctx, ExchangeTimeout)
	defer cancel()
	request, err := request.Signed(limited)
	if err != nil {
		return request, errSigning(a.redact(err))
	}
	return request, nil
}

// finishPredecessor saves the reply that an interrupted predecessor left in the journal, so that
// the newest token is sent next.
func (a *attempt) finishPredecessor(ctx context.Context) (*Result, error) {
	if a.options.Insist && !a.options.DryRun {
		if err := a.setKeptReplyAside(ctx); err != nil {
			return a.unchanged(), err
		}
	}
	if result, err := a.rollForward(ctx); err != nil {
		return result, err
	}
	if p := a.connection.interrupted(); p != nil && p.SpilledTo != "" {
		return a.unchanged(), &UnsavedError{
			Name: a.connection.Name, Place: p.SpilledTo, Err: errors.New("that place cannot be read from here"),
		}
	}
	return nil, nil
}

// checkAdoptedSecret returns an error if a predecessor's login was adopted whose client secret was
// not read before the lock was taken. The next attempt reads it.
func (a *attempt) checkAdoptedSecret() error {
	c := &a.connection
	isRead := (c.SecretFrom == "" || c.Client.Secret != "") && (c.Key.From == "" || c.Client.Key != nil)
	if a.recovered == nil || isRead {
		return nil
	}
	now := time.Now()
	return &RefreshError{Name: c.Name, NextAttempt: now, Err: ErrChanged, Failure: Failure{
		Time: now, Kind: oauth.Temporary, Remedy: "run it again",
		Cause: "an interrupted login was completed, and it uses another client secret or key",
	}}
}

var hostName = sync.OnceValue(func() string {
	name, err := os.Hostname()
	if err != nil {
		return "unknown host"
	}
	return name
})

// announce writes the intent to the journal. A store that accepts it can save the result (promise
// 2), and the mark shows a successor that this attempt was interrupted. The intent of a request that
// can be repeated is only in memory.
func (a *attempt) announce() error {
	a.before = a.connection.interrupted()
	c := &a.connection
	last := c.Pending
	c.Pending = &Pending{Spent: c.Token.RefreshTokenHash(), Since: time.Now(), Host: hostName(), PID: os.Getpid()}
	if a.login != nil {
		c.Pending.Login = a.pendingLogin()
	}
	if a.options.DryRun && a.before != nil {
		rehearsed := *a.before
		rehearsed.Problem = "" // with it, the store would only record a problem, and reserve no space
		c.Pending = &rehearsed
	}
	err := a.writeJournal()
	if err != nil {
		c.Pending = last
	}
	return err
}

func (a *attempt) pendingLogin() *PendingLogin {
	p := &PendingLogin{Name: a.connection.Name, Nonce: a.login.Nonce, Before: a.before}
	p.Registration = a.login.Registration.withoutSecret()
	return p
}

// writeJournal saves the connection, which has a Pending, unless no journal is needed.
func (a *attempt) writeJournal() error {
	if a.repeats {
		return nil
	}
	return a.write(&a.connection)
}

// send sends the one request. ctx is the store's: it ends with the lock, and no caller can cancel
// it (promise 4).
func (a *attempt) send(ctx context.Context, request oauth.Request, client *http.Client) (*Result, error) {
	limited, cancel := withExchangeTimeout(ctx)
	defer cancel()
	a.auth = request.Client.Style()
	reply, err := request.Send(limited, client)
	if err != nil {
		return a.unanswered(err)
	}
	a.response = reply.Body
	p := *a.connection.Pending
	p.Reply, p.Received = &reply, time.Now().Round(0) // wall clock: the monotonic one stops during sleep
	a.connection.Pending = &p
	if err := a.writeJournal(); err != nil {
		// The reply is in memory, so saving the result may still succeed.
		a.log().Warn("the reply could not be written to the journal", "connection", a.connection.Name, "error", err)
	}
	return a.conclude(ctx)
}

// withExchangeTimeout returns a context that ends after [ExchangeTimeout]. A process that was stopped
// may find its time over when it goes on, although the reply has arrived meanwhile. The second timer
// leaves time to read it.
func withExchangeTimeout(ctx context.Context) (limited context.Context, cancel func()) {
	const toRead = time.Second
	limited, end := context.WithCancelCause(ctx)
	timer := time.AfterFunc(ExchangeTimeout-toRead, func() {
		time.AfterFunc(toRead, func() { end(context.DeadlineExceeded) })
	})
	return limited, func() {
		timer.Stop()
		end(nil)
	}
}

// unanswered records an attempt without a reply. Another attempt is safe only if the request was
// not sent.
func (a *attempt) unanswered(err error) (*Result, error) {
	err = a.redact(err)
	var failed *oauth.SendError
	sent := errors.As(err, &failed) && failed.Sent
	switch {
	case a.login != nil:
		return a.loginUnanswered(err, sent)
	case sent && a.repeats:
		return a.failedRepeatable(err.Error(), err)
	case sent:
		return a.outcomeUnknown(failed.Error(), err)
	}
	return a.fail(a.unresolved(), Failure{
		Kind:   oauth.Temporary,
		Cause:  err.Error(),
		Remedy: "check the network, the proxy (HTTPS_PROXY) and the address; nothing was sent",
	}, 0, err)
}

// outcomeUnknown records an attempt on which the provider may have acted. The mark in the journal
// stays.
func (a *attempt) outcomeUnknown(problem string, err error) (*Result, error) {
	p := *a.connection.Pending
	p.Reply, p.Received, p.Problem = nil, time.Time{}, problem
	if a.before != nil {
		p.Since = a.before.Since // a provider's grace began then
	}
	o, now := a.options, time.Now()
	result, err := a.fail(&p, Failure{
		Kind: oauth.Unknown, Remedy: o.interruptedRemedy(&a.connection, &p, now),
		Cause: problem + "; it is not known whether the provider replaced the refresh token",
	}, 0, err)
	if failed, ok := errors.AsType[*RefreshError](err); ok && o.waitsForExpiry(&a.connection, &p, now) {
		failed.NextAttempt = laterOf(failed.NextAttempt, o.expiry(&a.connection, now).At) // Health has that of other callers
	}
	return result, err
}

// unresolved returns what the journal said of the saved refresh token before this attempt, which did not
// send it: a reply that is kept, or the mark of an interrupted refresh.
func (a *attempt) unresolved() *Pending { return cmp.Or(a.kept, a.before) }

// failedRepeatable records an attempt whose outcome does not matter: the request can be repeated.
func (a *attempt) failedRepeatable(problem string, err error) (*Result, error) {
	return a.fail(a.unresolved(), Failure{
		Kind: oauth.Temporary, Cause: problem,
		Remedy: "nothing to do: the request is repeated, since it spends no refresh token",
	}, 0, err)
}

// fail saves the failure and the time of the next attempt, which every process respects, with the
// given mark in the journal.
func (a *attempt) fail(pending *Pending, f Failure, delay time.Duration, cause error) (*Result, error) {
	c, failed := withFailure(a.connection, a.connection.Token, f, delay, cause)
	if a.before != nil && f.Kind == oauth.LoginRequired {
		c.History.Entries[len(c.History.Entries)-1].Interrupted = a.before.Since.UTC().Round(time.Millisecond)
	}
	c.Pending = pending
	if err := a.write(&c); err != nil {
		a.log().Warn("the failure could not be recorded", "connection", c.Name, "error", err)
	}
	a.connection = c
	return &Result{Connection: c}, failed
}

// withFailure returns the connection with the token and the failure in its health and history, and
// the failure as an error.
func withFailure(c Connection, token Token, f Failure, delay time.Duration, cause error) (Connection, *RefreshError) {
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
	c.Health = c.Health.forToken(c.Token) // not token: a salvaged refresh token does not reset the failures
	h := c.CurrentHealth()
	c.Token = token
	h.ReplyKept = h.ReplyKept && h.RefreshTokenHash == token.RefreshTokenHash()
	h.RefreshTokenHash = token.RefreshTokenHash()
	h.RequestHash, h.SecretHash, h.ClientID = c.requestHash(), c.secretHash(), c.clientID()
	h.Failures++
	h.LastFailure = &f
	h.LoginRequired = f.Kind == oauth.LoginRequired
	h.NextAttempt = time.Time{}
	if !h.LoginRequired {
		h.NextAttempt = f.Time.Add(max(delay, retryDelay(h.Failures, rand.Float64())))
		// A server that refuses an early refresh may ask for more time than the access token has left.
		if e := c.Expiry(f.Time); e.From != "" && e.At.After(f.Time) && f.Kind != oauth.Unknown {
			h.NextAttempt = earlierOf(h.NextAttempt, e.At)
		}
	}
	c.Health = h
	return c, &RefreshError{Name: c.Name, Failure: f, NextAttempt: h.NextAttempt, Err: cause}
}
