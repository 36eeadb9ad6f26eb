package freshet

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/oauth"
)

const (
	// ExchangeTimeout bounds one request and its reply. No caller can cut it short.
	ExchangeTimeout = 30 * time.Second
	// DefaultTimeout is how long a caller without a deadline waits for other callers and for the
	// next attempt.
	DefaultTimeout = 45 * time.Second

	maxAttempts = 4
)

// Refresher refreshes the connections of one store when asked, and keeps nothing in memory. A
// long-running program uses a [Keeper].
type Refresher struct {
	redact.Hidden

	Store Store

	// HTTP sends the requests, with its Transport. Defaults to a client for the connection's proxy
	// and CA file. Its other fields are not used:
	//
	//   - Timeout: it would end a request whose refresh token the provider has already replaced. Each
	//     request is bounded by [ExchangeTimeout]. A Transport should have no shorter limit either,
	//     except for connecting.
	//   - CheckRedirect: a redirect is not followed, because a status 307 would send the refresh
	//     token to another host. It is a failure.
	//   - Jar: a cookie is of one user, and the next request may be for another.
	//
	// The Transport must not send a request again, which providers take for theft of the refresh
	// token. A retry over net/http's own transport is stopped, and the outcome of that refresh is
	// unknown. Over another transport it is not noticed. Temporary failures are retried by
	// [Refresher.Token] if that is safe. A transport around net/http's own should pass on the
	// request's context and its body, unread: the events (net/http/httptrace) show that nothing was
	// sent if no connection could be made. A transport that reads the body may have sent it.
	HTTP *http.Client

	// Network replaces the connection's proxy or CA file, whichever it sets.
	Network oauth.HTTPConfig

	// Secrets reads a client secret from the place that [Registration.SecretFrom] names. It is
	// called before anything is locked. If nil, connections whose secret is kept elsewhere cannot
	// be refreshed.
	Secrets func(ctx context.Context, from string) (oauth.Secret, error)

	// Keys reads the key of a client, such as key.Read. It is called before anything is locked. If nil,
	// connections that need a [Registration.Key] cannot be refreshed.
	Keys func(ctx context.Context, key ClientKey) (oauth.Signer, error)

	// Logger receives events that no caller sees. If nil, nothing is logged.
	Logger *slog.Logger

	// Trace, if not nil, receives a transcript of each request. Everything is hidden that is not
	// known to be harmless.
	Trace io.Writer

	// Attempt makes one attempt to refresh. Defaults to [Refresher.Refresh]. It is for package
	// internal/cli, see [Options.Settle].
	Attempt func(ctx context.Context, name string, o Options) (Result, error)

	clients *clients // nil: each request has a client of its own
}

// Token returns a token that satisfies the options. It reads the saved token without a lock, and
// attempts a refresh only if that does not satisfy. It makes another attempt only if the provider
// cannot have acted on the last one, or says so, and if the pause that the provider asks for ends
// before the caller's deadline. ctx ends the waiting for other callers and for the next attempt. A
// request that was sent is finished first; the callers of a [Keeper] need not wait for that.
//
// If the options ask for an ID token and refreshes bring no valid one, the error is a
// [*SetupError].
//
// Errors: [ErrNotFound], [*SetupError], [*RefreshError], [*UnsavedError] (if the result has an
// Outcome, its token is the new one), or what the store reports.
func (r *Refresher) Token(ctx context.Context, name string, o Options) (Result, error) {
	result, err := r.token(ctx, name, o, maxAttempts, nil)
	return *result, err
}

// token is Token with at most the given number of attempts. s, if not nil, reports each.
func (r *Refresher) token(ctx context.Context, name string, o Options, attempts int, s *Source) (*Result, error) {
	ctx, cancel := withDefaultTimeout(ctx)
	defer cancel()
	var c Connection
	if err := r.read(ctx, name, &c); err != nil {
		return notStarted(err), err
	}
	o.Started, o.Seen = time.Now(), o.tokenHash(c.Token)
	repeated, reported := false, false
	for n := 1; ; n++ {
		result, done, err := o.settle(&c, time.Now())
		if !done || o.DryRun {
			if r.Attempt == nil {
				result, err = r.refresh(ctx, name, o)
			} else {
				result, err = r.attempt(ctx, name, o)
			}
			if s != nil {
				s.reportAttempt(&c, result, withName(name, err))
				reported = true
			}
		}
		result.reported = reported
		if !repeated && o.mayRepeat(&result.Connection, err) && waitForNextAttempt(ctx, err) {
			repeated = true
			if err := r.read(ctx, name, &c); err != nil {
				return result, err
			}
			continue
		}
		if err != nil && result.Outcome == "" && !errors.Is(ctx.Err(), context.Canceled) {
			if result.Connection.Token.IsZero() {
				result.Connection = c
			}
			result, err = o.fallback(result, time.Now(), withName(name, err))
		}
		if err == nil && result.Warning == nil && o.expiresTooSoon(&result.Connection, time.Now()) {
			result.Warning = o.errTooShort(&result.Connection)
		}
		if err == nil && o.IDToken && !o.DryRun && !o.hasIDToken(&result.Connection, time.Now()) {
			err = o.errNoIDToken(&result.Connection)
		}
		if err == nil || n >= attempts || !isTemporary(err) || !waitForNextAttempt(ctx, err) {
			return result, withName(name, err)
		}
		if err := r.read(ctx, name, &c); err != nil {
			return result, err
		}
	}
}

// read reads the saved connection into c.
func (r *Refresher) read(ctx context.Context, name string, c *Connection) (err error) {
	*c, err = r.Store.Get(ctx, name)
	return withName(name, err)
}

func withDefaultTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, DefaultTimeout)
}

// isTemporary reports whether another attempt may succeed after err.
func isTemporary(err error) bool {
	failed, ok := errors.AsType[*RefreshError](err)
	// After a rejection it is not known that a refresh helps.
	return ok && failed.Kind == oauth.Temporary && !errors.Is(err, errRejected)
}

// mayRepeat reports whether the reply was lost, and the provider still accepts the same refresh
// token at the time of the next attempt ([provider.RefreshToken]). Later it may end the grant.
func (o Options) mayRepeat(c *Connection, err error) bool {
	failed, ok := errors.AsType[*RefreshError](err)
	if !ok || failed.Err == nil || failed.Kind != oauth.Unknown || failed.NextAttempt.IsZero() || !c.spends() {
		return false
	}
	began := earlierOf(o.Started, failed.Time)
	if p := c.interrupted(); p != nil {
		began = earlierOf(began, p.Since)
	}
	p := c.ProviderInfo()
	return p.RefreshToken.Grace > 0 && p.StillAnswers(failed.NextAttempt.Add(time.Second).Sub(began))
}

// waitForNextAttempt waits for the time of the next attempt after err. It reports false if ctx ends
// before.
func waitForNextAttempt(ctx context.Context, err error) bool {
	failed, ok := errors.AsType[*RefreshError](err)
	if !ok || failed.NextAttempt.IsZero() {
		return false
	}
	if deadline, ok := ctx.Deadline(); ok && failed.NextAttempt.After(deadline) {
		return false
	}
	timer := time.NewTimer(time.Until(failed.NextAttempt))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Refresh makes one attempt: it takes the lock, saves the reply that an interrupted refresh left,
// reads the token again, and sends the refresh token at most once. Errors as for Token, except that
// a still valid token is not returned in place of an error.
func (r *Refresher) Refresh(ctx context.Context, name string, o Options) (Result, error) {
	result, err := r.refresh(ctx, name, o)
	return *result, err
}

func (r *Refresher) attempt(ctx context.Context, name string, o Options) (*Result, error) {
	result, err := r.Attempt(ctx, name, o)
	return &result, withName(name, err)
}

func (r *Refresher) refresh(ctx context.Context, name string, o Options) (*Result, error) {
	secret, err := r.readSecret(ctx, name)
	if err != nil {
		return notStarted(err), withName(name, err)
	}
	var result *Result
	err = r.Store.Update(ctx, name, func(ctx context.Context, c Connection, save Save) (err error) {
		c.ReplyPending = false // concerns only readers without the lock
		secret.addTo(&c.Registration)
		a := &attempt{Refresher: r, options: o, save: save}
		a.connection = c // not in the literal, which would have another copy on the stack
		result, err = a.run(ctx)
		result.Response = a.response
		return err
	})
	if result == nil {
		result = notStarted(err)
	}
	return result, withName(name, err)
}

// notStarted is the result if err prevented an attempt. That a connection does not exist, or that
// the caller stopped waiting, is no event.
func notStarted(err error) *Result {
	left := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	return &Result{silent: left || errors.Is(err, ErrNotFound)}
}

func (r *Refresher) log() *slog.Logger {
	if r.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return r.Logger
}

// clients caches one http.Client per proxy and CA file, so that network connections are reused.
type clients struct {
	mu       sync.Mutex
	byConfig map[oauth.HTTPConfig]*http.Client
}

func (c *clients) client(config oauth.HTTPConfig) (*http.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if client, ok := c.byConfig[config]; ok {
		return client, nil
	}
	client, err := config.Client()
	if err == nil {
		c.byConfig[config] = client
	}
	return client, err
}

// httpClient returns the client for the connection's requests, and a cleanup function to call
// afterwards. secrets returns what a trace must not show; it is called only if there is a trace.
func (r *Refresher) httpClient(c *Connection, secrets func() []string) (client *http.Client, done func(), err error) {
	done = func() {}
	config := oauth.HTTPConfig{Proxy: cmp.Or(r.Network.Proxy, c.Proxy), CAFile: cmp.Or(r.Network.CAFile, c.CAFile)}
	switch {
	case r.HTTP != nil:
		client = &http.Client{Transport: r.HTTP.Transport}
	case r.clients != nil:
		client, err = r.clients.client(config)
	default:
		if client, err = config.Client(); err == nil {
			done = client.CloseIdleConnections
		}
	}
	if err != nil {
		return nil, nil, &SetupError{
			Kind: oauth.Misconfigured, What: err.Error() + "; nothing was sent",
			Remedy: "check the proxy (HTTPS_PROXY, or the connection's own) and the CA file", Err: err,
		}
	}
	if r.Trace != nil {
		trace := &oauth.Trace{Transport: client.Transport, Out: r.Trace, Harmless: c.ProviderInfo().Reply.Harmless}
		for _, secret := range secrets() {
			trace.Secrets = append(trace.Secrets, oauth.Secret(secret))
		}
		traced := *client
		traced.Transport = trace
		client = &traced
	}
	return client, done, nil
}
