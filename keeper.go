package freshet

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/oauth"
)

// Keeper hands out the access tokens of a store's connections to a long-running program. It caches
// them, refreshes a stale token in the background while it is still valid, and lets callers wait
// only if there is no valid token. However many callers, keepers and processes share a connection,
// its refresh token is sent once. Safe for use by many goroutines.
type Keeper struct {
	redact.Hidden

	config    Config
	refresher Refresher
	sources   sync.Map      // by name: *Source; read without a lock
	running   atomic.Int32  // calls of Run
	changed   chan struct{} // full when Run should list the store
	closing   chan struct{} // closed by Close
	sequence  atomic.Int64  // counts updates of cached tokens, in all sources
	events    events

	mu        sync.Mutex // orders the start of flights before Close
	lastStart time.Time  // when a refresh was last started
	closed    atomic.Bool
	flights   sync.WaitGroup
}

// ErrClosed is returned by a [Keeper] that was closed.
var ErrClosed = errors.New("the keeper is closed")

// NewKeeper returns a keeper. It panics if c.Store is nil. It starts nothing.
func NewKeeper(c Config) *Keeper {
	if c.Store == nil {
		panic("freshet.NewKeeper: a Config without a Store")
	}
	return &Keeper{config: c, refresher: c.refresher(), changed: make(chan struct{}, 1), closing: make(chan struct{})}
}

// Token returns a valid token of the connection, as [Source.Token] does.
func (k *Keeper) Token(ctx context.Context, name string) (Token, error) {
	return k.Source(name).Token(ctx)
}

// Refresh returns another token than the rejected one, as [Source.Refresh] does.
func (k *Keeper) Refresh(ctx context.Context, name, rejected string) (Token, error) {
	return k.Source(name).Refresh(ctx, rejected)
}

// Source returns the source of one connection's tokens. It does not check that the connection
// exists, and starts nothing.
func (k *Keeper) Source(name string) *Source {
	s, ok := k.sources.Load(name)
	if !ok {
		s, _ = k.sources.LoadOrStore(name, &Source{keeper: k, name: name})
	}
	return s.(*Source)
}

// Client returns an HTTP client that adds the connection's access token to requests, and refreshes
// it if an API rejects it. The token may be sent to hosts as well as to the connection's own; see
// [Transport].
func (k *Keeper) Client(name string, hosts ...string) *http.Client {
	return &http.Client{Transport: &Transport{Source: k.Source(name), Hosts: hosts}}
}

// Close lets nothing new start, ends all waiting for other processes and for the next attempt, and
// waits until requests in flight are saved and all events are reported, or until ctx ends: then it
// returns ctx's error, and refreshes may still be in flight. It retries for ten seconds what the
// store does not accept. An [*UnsavedError] names a refresh that is lost when the process ends,
// unless Close is called again and saves it. Methods that need only the store still work: Create,
// Configure, Delete and Add.
func (k *Keeper) Close(ctx context.Context) error {
	k.mu.Lock()
	if !k.closed.Swap(true) {
		close(k.closing)
	}
	k.mu.Unlock()
	for _, s := range k.sources.Range {
		s.(*Source).endWaiting()
	}
	flushed := make(chan error, 1)
	go func() {
		k.flights.Wait()
		flushed <- k.flushUnsaved() // after the last flight, which may have left something
	}()
	select {
	case err := <-flushed:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// start runs f in a goroutine for which Close waits, unless the keeper is closed.
func (k *Keeper) start(f func(), refreshes bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed.Load() {
		return ErrClosed
	}
	if refreshes {
		k.lastStart = time.Now()
	}
	k.flights.Go(f)
	return nil
}

// whileOpen runs f unless the keeper is closed. Close cancels f's context, which ends its waiting,
// and waits for f.
func (k *Keeper) whileOpen(ctx context.Context, f func(context.Context) error) error {
	k.mu.Lock()
	if k.closed.Load() {
		k.mu.Unlock()
		return ErrClosed
	}
	k.flights.Add(1)
	k.mu.Unlock()
	defer k.flights.Done()
	waiting, cancel := k.untilClose(ctx)
	defer cancel()
	err := f(waiting)
	if ctx.Err() != nil {
		return err
	}
	return k.orClosed(err)
}

// untilClose returns a context that ends with ctx or when the keeper is closed.
func (k *Keeper) untilClose(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-k.closing:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// orClosed returns ErrClosed if err is only that Close ended the waiting, and err otherwise. An
// UnsavedError was past waiting.
func (k *Keeper) orClosed(err error) error {
	if k.closed.Load() && errors.Is(err, context.Canceled) && !isUnsaved(err) {
		return ErrClosed
	}
	return err
}

func (k *Keeper) lastStarted() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.lastStart
}

// drop removes a source whose connection does not exist: names may be attacker-controlled. s.mu is
// held.
func (k *Keeper) drop(s *Source) {
	s.cached.Store(nil)
	s.scheduled.Store(false)
	k.sources.CompareAndDelete(s.name, s)
}

// runs reports whether Run refreshes stale tokens.
func (k *Keeper) runs() bool { return k.running.Load() > 0 }

// Create saves a new connection with a token response (RFC 6749 §5.1), verbatim, as the
// application's own login received it or another program saved it. A connection that needs no
// login, because it is renewed by [GrantClientCredentials], needs no response either: if that is
// nil, [Keeper.Token] gets the first token. If the store has a connection of that name, that is not
// changed, and the error matches [ErrExists]. Other errors: an [*oauth.Error] for an error
// response, an [*oauth.UnusableError] for a response without a token, and a [*SetupError] for a
// registration that could never refresh the token.
//
// Without a code exchange of its own, an application uses login.Exchange, which saves the reply
// before it is parsed.
//
// A client secret is not saved: r.SecretFrom names the place from which [Refresher.Secrets] reads
// it. A secret without SecretFrom is a [*SetupError].
func (k *Keeper) Create(ctx context.Context, name string, r Registration, response []byte) error {
	c, err := newConnection(name, r, response, time.Now().Round(0))
	if err != nil {
		return withName(name, err)
	}
	if err := k.refresher.Store.Create(ctx, c); err != nil {
		return withName(name, c.redact(err))
	}
	k.invalidate(name)
	return nil
}

// Put is Create, but overwrites: after another login it gives an existing connection the new token
// and registration. It waits for a refresh in flight. Do not add a token that may be older than the
// saved one, which it would replace. With a nil response, as Create allows it, the saved token
// stays. Errors are Create's except ErrExists, and [ErrChanged] if another program saved a token at
// the same time.
func (k *Keeper) Put(ctx context.Context, name string, r Registration, response []byte) error {
	err := k.Create(ctx, name, r, response)
	if !errors.Is(err, ErrExists) {
		return err
	}
	if response == nil {
		return k.Configure(ctx, name, r)
	}
	added, err := newConnection(name, r, response, time.Now().Round(0))
	if err != nil {
		return withName(name, err)
	}
	return k.update(ctx, name, func(_ context.Context, c Connection, save Save) error {
		if added.Token.RefreshToken() == "" && c.Token.RefreshToken() != "" && added.spends() {
			return errNoRefreshToken.asProblem()
		}
		if err := c.checkMove(&added); err != nil {
			return err
		}
		if c.TokenFile != "" { // members that other programs added stay
			merged, err := c.Token.Merge(response, added.Saved)
			if err != nil {
				return err
			}
			added.Token = merged
		}
		c.Token, c.Registration, c.Health, c.Pending = added.Token, added.Registration, Health{}, nil
		c.History = c.History.withEntry(HistoryEntry{Time: added.Saved, Outcome: LoggedIn}, c.Token, added.Saved)
		return save(c)
	})
}

// Configure gives a connection another registration, such as another endpoint or another place of
// the client secret. Its token stays, and so does Redirect unless r has one. It waits for a refresh
// in flight, and saves the reply of an interrupted one. Errors: [ErrNotFound], a [*SetupError] as
// for Create, or what the store reports.
func (k *Keeper) Configure(ctx context.Context, name string, r Registration) error {
	r, err := saveable(r)
	if err != nil {
		return withName(name, err)
	}
	return k.update(ctx, name, func(ctx context.Context, c Connection, save Save) error {
		a := &attempt{Refresher: &k.refresher, connection: c, save: save}
		result, err := a.rollForward(ctx) // with the old registration, for which the reply was made
		if err != nil {
			return err
		}
		if result != nil && result.Warning != nil {
			k.refresher.log().Warn("an interrupted refresh was completed",
				"connection", name, "warning", result.Warning)
		}
		c = a.connection
		if r.Redirect == nil {
			r.Redirect = c.Redirect
		}
		if reflect.DeepEqual(c.withoutSecret(), r) {
			return nil
		}
		c.Registration = r
		return save(c)
	})
}

// Login exchanges a login's code for a token, as [Refresher.Login] does, and hands it out from then
// on. Close waits for it; after Close the error is [ErrClosed].
func (k *Keeper) Login(ctx context.Context, name string, g CodeExchange) (result Result, err error) {
	defer k.invalidate(name)
	err = k.whileOpen(ctx, func(ctx context.Context) error {
		result, err = k.refresher.Login(ctx, name, g)
		return err
	})
	return result, err
}

// Revoke ends a grant at the provider, as [Refresher.Revoke] does. Its access token is not handed
// out any more. Close waits for it; after Close the error is [ErrClosed].
func (k *Keeper) Revoke(ctx context.Context, name string) (known bool, err error) {
	defer k.invalidate(name)
	err = k.whileOpen(ctx, func(ctx context.Context) error {
		known, err = k.refresher.Revoke(ctx, name)
		return err
	})
	return known, err
}

// Delete removes a connection from the store. It does not end the grant; [Keeper.Revoke] does.
// Errors: [ErrNotFound], or what the store reports.
func (k *Keeper) Delete(ctx context.Context, name string) error {
	defer k.invalidate(name)
	return withName(name, k.refresher.Store.Delete(ctx, name))
}

func (k *Keeper) update(ctx context.Context, name string, change Change) error {
	defer k.invalidate(name)
	return withName(name, k.refresher.Store.Update(ctx, name, change))
}

// invalidate drops the cached token and makes Run list the store, which has something newer.
func (k *Keeper) invalidate(name string) {
	if s, ok := k.sources.Load(name); ok {
		s.(*Source).invalidate()
	}
	select {
	case k.changed <- struct{}{}:
	default:
	}
}

func newConnection(name string, r Registration, response []byte, now time.Time) (Connection, error) {
	c := Connection{Name: name, Registration: r}
	if response == nil && !c.spends() {
		return newWithoutToken(c)
	}
	object, err := c.object(oauth.Reply{Host: "the provider", Status: 200, Body: response})
	if err != nil {
		return Connection{}, c.redact(err)
	}
	if c.Token, err = ParseToken(object); err != nil {
		return Connection{}, err
	}
	if c.Token.AccessToken() == "" && c.Token.RefreshToken() == "" {
		return Connection{}, errUnusable("it holds no token")
	}
	if c.Registration, err = saveable(r); err != nil {
		return Connection{}, err
	}
	c.Saved = now
	c.History = c.History.withEntry(HistoryEntry{Time: now, Outcome: LoggedIn}, c.Token, now)
	if c.Token.RefreshToken() == "" && c.spends() {
		return c, nil
	}
	return c, c.checkRequest()
}

// newWithoutToken returns a connection that gets its first token by itself.
func newWithoutToken(c Connection) (Connection, error) {
	var err error
	if c.Registration, err = saveable(c.Registration); err != nil {
		return Connection{}, err
	}
	return c, c.checkRequest()
}

// checkRequest returns an error if the connection could never be refreshed, which is an error now
// and not in an hour.
func (c *Connection) checkRequest() error {
	read := *c
	if read.SecretFrom != "" {
		read.Client.Secret = "not read yet"
	}
	_, err := read.Request()
	return err
}

// saveable returns r as it can be saved: without the client secret, which must be kept elsewhere.
func saveable(r Registration) (Registration, error) {
	if r.Client.Secret != "" && r.SecretFrom == "" {
		return r, misconfigured("its client secret would not be saved",
			"{set client_secret_from}, such as env:NAME, and set Config.Secrets to what reads it there (secret.Read)")
	}
	if r.Client.Key != nil && r.Key.From == "" {
		return r, misconfigured("its client key would not be saved",
			"{set client_key_from}, such as file:PATH, and set Config.Keys to what reads it there (key.Read)")
	}
	if err := r.checkRenewBy(); err != nil {
		return r, err
	}
	if err := r.CheckProvider(); err != nil {
		return r, err
	}
	return r.withoutSecret(), nil
}
