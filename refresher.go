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

	"github.com/freshet-dev/freshet/oauth"
)

const (
	// ExchangeTimeout bounds one request and its reply. No caller can cut it short.
	ExchangeTimeout = 30 * time.Second
	// DefaultPatience is how long a caller without a deadline waits for others and for the next attempt.
	DefaultPatience = 45 * time.Second

	maxAttempts = 4
)

// Refresher refreshes the connections of one store, on demand and without keeping anything in memory. A [Keeper] does so
// for a program that runs for longer.
type Refresher struct {
	Store Store

	// HTTP is used for the exchange. Defaults to a client for the connection's proxy and CA file.
	HTTP *http.Client

	// Network outranks the connection's proxy and CA file, each by itself. Defaults to neither.
	Network oauth.HTTPConfig

	// Secrets reads a client secret from where [Registration.SecretFrom] says. It is called before anything is locked.
	// Defaults to none: connections whose secret is kept elsewhere cannot be refreshed.
	Secrets func(ctx context.Context, from string) (oauth.Secret, error)

	// Logger hears what is not returned to anybody. Defaults to silence.
	Logger *slog.Logger

	// Trace, if not nil, is told of each exchange, with everything hidden that is not known to be harmless.
	Trace io.Writer

	// Attempt makes one attempt to refresh. Defaults to [Refresher.Exchange]; the command line has a process of its own
	// do that.
	Attempt func(ctx context.Context, name string, d Demand) (Answer, error)

	clients *clients // nil: each exchange has one of its own
}

// Ask returns a token that satisfies the demand. It reads what is saved, without a lock, and makes an attempt to refresh
// only if that will not do; further attempts only where the provider cannot have acted on the one before, or says so, and
// where its wish for a pause fits the caller's deadline. ctx ends the waiting for others and for the next attempt; an
// exchange that has begun is finished first, which a [Keeper]'s callers need not wait for.
//
// Errors: [ErrNotFound], [*Problem], [*RefreshError], [*UnsavedError] (an answer with an Outcome then holds the new token all
// the same), or what the store reports.
func (r *Refresher) Ask(ctx context.Context, name string, d Demand) (Answer, error) {
	return r.ask(ctx, name, d, maxAttempts, func(Connection, Answer, error) {})
}

// ask is Ask with so many attempts, and tells of each attempt that it made: what was saved before, and what came of it.
func (r *Refresher) ask(ctx context.Context, name string, d Demand, attempts int, attempted func(before Connection, answer Answer, err error)) (Answer, error) {
	ctx, cancel := withDefaultTimeout(ctx)
	defer cancel()
	c, err := r.Store.Get(ctx, name)
	if err != nil {
		return Answer{}, withName(name, err)
	}
	d.Started, d.Seen = time.Now(), c.Token.accessTokenHash()
	attempt := r.Attempt
	if attempt == nil {
		attempt = r.Exchange
	}
	for n := 1; ; n++ {
		answer, done, err := d.settle(c, time.Now())
		if !done || d.DryRun {
			answer, err = attempt(ctx, name, d)
			attempted(c, answer, withName(name, err))
		}
		if err != nil && answer.Outcome == "" && !errors.Is(ctx.Err(), context.Canceled) {
			if answer.Connection.Token.IsZero() {
				answer.Connection = c
			}
			answer, err = d.despite(answer.Connection, time.Now(), withName(name, err))
		}
		if err == nil && answer.Warning == nil && d.short(answer.Connection, time.Now()) {
			answer.Warning = d.errShort(answer.Connection)
		}
		if err == nil || n == attempts || !waitForNext(ctx, err) {
			return answer, withName(name, err)
		}
		if c, err = r.Store.Get(ctx, name); err != nil {
			return answer, withName(name, err)
		}
	}
}

func withDefaultTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, DefaultPatience)
}

// waitForNext waits for the next attempt after err, and says false if there is none or ctx ends first.
func waitForNext(ctx context.Context, err error) bool {
	failed, ok := errors.AsType[*RefreshError](err)
	if !ok || failed.Kind != oauth.Temporary || failed.NextAttempt.IsZero() {
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

// Exchange makes one attempt: it takes the lock, finishes what an interrupted predecessor left, looks again, and sends the
// refresh token at most once. Its errors are Ask's, but it makes nothing of a token that is still valid.
func (r *Refresher) Exchange(ctx context.Context, name string, d Demand) (Answer, error) {
	secret, err := r.readSecret(ctx, name)
	if err != nil {
		return Answer{}, withName(name, err)
	}
	var answer Answer
	err = r.Store.Update(ctx, name, func(ctx context.Context, c Connection, save Save) (err error) {
		c.Unsettled = false // that is for those without the lock
		secret.addTo(&c.Registration)
		a := &attempt{Refresher: r, demand: d, connection: c, save: save.withoutSecret()}
		answer, err = a.run(ctx)
		return err
	})
	return answer, withName(name, err)
}

func (r *Refresher) log() *slog.Logger {
	if r.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return r.Logger
}

// clients are HTTP clients by how they reach the network, kept so that their connections are used again.
type clients struct {
	mu  sync.Mutex
	all map[oauth.HTTPConfig]*http.Client
}

func (c *clients) client(config oauth.HTTPConfig) (*http.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if client, ok := c.all[config]; ok {
		return client, nil
	}
	client, err := config.Client()
	if err == nil {
		c.all[config] = client
	}
	return client, err
}

// httpClient returns the client that makes the connection's requests, and what to call when they are made. secrets are what
// a trace must not show; they are asked for only if there is one.
func (r *Refresher) httpClient(c Connection, secrets func() []string) (client *http.Client, done func(), err error) {
	done = func() {}
	config := oauth.HTTPConfig{Proxy: cmp.Or(r.Network.Proxy, c.Proxy), CAFile: cmp.Or(r.Network.CAFile, c.CAFile)}
	switch {
	case r.HTTP != nil:
		client = r.HTTP
	case r.clients != nil:
		client, err = r.clients.client(config)
	default:
		if client, err = config.Client(); err == nil {
			done = client.CloseIdleConnections
		}
	}
	if err != nil {
		return nil, nil, &Problem{
			Kind: oauth.Misconfigured, What: err.Error() + "; nothing was sent",
			Remedy: "check the proxy (HTTPS_PROXY, or the connection's own) and the CA file", Err: err,
		}
	}
	if r.Trace != nil {
		traced := *client
		trace := &oauth.Trace{Transport: client.Transport, Out: r.Trace, Harmless: c.Vendor().Reply.Harmless}
		for _, secret := range secrets() {
			trace.Secrets = append(trace.Secrets, oauth.Secret(secret))
		}
		traced.Transport = trace
		client = &traced
	}
	return client, done, nil
}
