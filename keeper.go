package freshet

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// Keeper hands out the access tokens of a store's connections to a program that runs for longer. It keeps them in memory,
// refreshes a stale one in the background while it is still valid, and lets callers wait only for one that is not. However
// many callers, keepers and processes share a connection, its refresh token is presented once. Safe for use by many
// goroutines. The fields may be set before the first use.
type Keeper struct {
	// OnEvent is told of each [Event], one after the other, by a goroutine of its own: it delays nothing but [Keeper.Close], which
	// it must not call. Defaults to nobody.
	OnEvent func(Event)

	// MaxInFlight bounds the refreshes that [Keeper.Run] has on the wire at a time. Defaults to 64.
	MaxInFlight int

	refresher Refresher
	sources   sync.Map // by name: *Source; read without a lock
	running   atomic.Int32
	changed   chan struct{} // full when Run should look at the store
	closing   chan struct{} // closed by Close
	stamps    atomic.Int64
	events    events

	mu     sync.Mutex // orders what is started before what closes
	begun  time.Time  // when a refresh was last begun, by whomever
	closed atomic.Bool
	flying sync.WaitGroup
}

// Format prints nothing of what a keeper knows.
func (k *Keeper) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[keeper]") }

// ErrClosed is returned by a [Keeper] that was closed.
var ErrClosed = errors.New("the keeper is closed")

// NewKeeper returns a keeper that refreshes as r says, which it copies; it panics if r.Store is nil. It starts nothing. What only a
// keeper has to know, the fields of [Keeper], is set afterwards.
func NewKeeper(r Refresher) *Keeper {
	if r.Store == nil {
		panic("freshet.NewKeeper: a Refresher without a Store")
	}
	r.clients = &clients{all: map[oauth.HTTPConfig]*http.Client{}}
	return &Keeper{refresher: r, changed: make(chan struct{}, 1), closing: make(chan struct{})}
}

// Token returns a valid token of the connection: [Source.Token] after one look into a map.
func (k *Keeper) Token(ctx context.Context, name string) (Token, error) {
	return k.Source(name).Token(ctx)
}

// Refresh returns another token than the rejected one, as [Source.Refresh] does.
func (k *Keeper) Refresh(ctx context.Context, name, rejected string) (Token, error) {
	return k.Source(name).Refresh(ctx, rejected)
}

// Source returns the tokens of one connection. It neither looks whether the connection exists nor starts anything.
func (k *Keeper) Source(name string) *Source {
	s, ok := k.sources.Load(name)
	if !ok {
		s, _ = k.sources.LoadOrStore(name, &Source{keeper: k, name: name})
	}
	return s.(*Source)
}

// Client returns an HTTP client that sends the connection's access token along, and a new one when an API refuses it. hosts
// are those that the token may be sent to beside the connection's own; see [Transport].
func (k *Keeper) Client(name string, hosts ...string) *http.Client {
	return &http.Client{Transport: &Transport{Source: k.Source(name), Hosts: hosts}}
}

// Close starts nothing new, ends the waiting for others and for the next attempt, and waits until what is on the wire is saved
// and all events are told, or until ctx ends: then its error is ctx's, and refreshes may still be under way. What the store does not
// take it tries to save for ten seconds: an error that is an [*UnsavedError] tells of a refresh that ends with the process, unless
// Close is called again and saves it. What needs the store alone still works: Create, Configure, Delete, and Add.
func (k *Keeper) Close(ctx context.Context) error {
	k.mu.Lock()
	if !k.closed.Swap(true) {
		close(k.closing)
	}
	k.mu.Unlock()
	for _, s := range k.sources.Range {
		s.(*Source).endWaiting()
	}
	landed := make(chan error, 1)
	go func() {
		k.flying.Wait()
		landed <- k.saveAllLeft() // also of those that have just landed
	}()
	select {
	case err := <-landed:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// start runs f, for which Close waits, unless the keeper is closed.
func (k *Keeper) start(f func(), refreshes bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed.Load() {
		return ErrClosed
	}
	if refreshes {
		k.begun = time.Now()
	}
	k.flying.Go(f)
	return nil
}

// attend runs f for its caller, unless the keeper is closed. Close ends f's waiting for others, and waits for the rest of it.
func (k *Keeper) attend(ctx context.Context, f func(context.Context) error) error {
	k.mu.Lock()
	if k.closed.Load() {
		k.mu.Unlock()
		return ErrClosed
	}
	k.flying.Add(1)
	k.mu.Unlock()
	defer k.flying.Done()
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-k.closing:
			cancel()
		case <-waiting.Done():
		}
	}()
	err := f(waiting)
	if ctx.Err() != nil {
		return err
	}
	return k.orClosed(err)
}

// orClosed is err, or ErrClosed if it came of Close's ending the waiting. What could not be saved did not wait any more.
func (k *Keeper) orClosed(err error) error {
	if k.closed.Load() && errors.Is(err, context.Canceled) && !isUnsaved(err) {
		return ErrClosed
	}
	return err
}

// lastBegun is when a refresh was last begun.
func (k *Keeper) lastBegun() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.begun
}

// drop forgets a source whose connection does not exist: names may come from strangers. s.mu is held.
func (k *Keeper) drop(s *Source) {
	s.held.Store(nil)
	s.paced.Store(false)
	k.sources.CompareAndDelete(s.name, s)
}

// runs reports whether Run takes care of what is stale.
func (k *Keeper) runs() bool { return k.running.Load() > 0 }

// Create saves a new connection with a token response of the provider's (RFC 6749 §5.1), verbatim, as an application's own login got
// it or as another program had saved it. If the store has a connection of that name it stays as it is, and the error matches
// [ErrExists]. A response that tells an error is an [*oauth.Error], one that holds no token an [*oauth.UnusableError], and a
// registration that could never refresh it a [*Problem].
//
// A client secret is not saved: r.SecretFrom says where [Refresher.Secrets] finds it, and a secret without it is a [*Problem].
func (k *Keeper) Create(ctx context.Context, name string, r Registration, response []byte) error {
	c, err := newConnection(name, r, response, time.Now().Round(0))
	if err == nil {
		err = k.refresher.Store.Create(ctx, c)
		if err != nil {
			err = c.redact(err)
		}
	}
	if err == nil {
		k.forget(name)
	}
	return withName(name, err)
}

// Add overwrites: it is Create, but gives a connection that exists the new token and registration, because somebody has logged in
// again. It waits for a refresh that is under way. Do not add a token that may be older than the saved one: it would replace the
// newer. Errors are Create's but for [ErrExists], and [ErrChanged] if somebody else saved a token at the same moment.
func (k *Keeper) Add(ctx context.Context, name string, r Registration, response []byte) error {
	err := k.Create(ctx, name, r, response)
	if !errors.Is(err, ErrExists) {
		return err
	}
	added, err := newConnection(name, r, response, time.Now().Round(0))
	if err != nil {
		return withName(name, err)
	}
	return k.update(ctx, name, func(_ context.Context, c Connection, save Save) error {
		if added.Token.RefreshToken() == "" && c.Token.RefreshToken() != "" {
			return errNoRefreshToken.asProblem()
		}
		if err := c.checkMove(added); err != nil {
			return err
		}
		if c.TokenFile != "" { // others' members in it stay
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

// Configure gives a connection another registration and leaves its token: another endpoint, another place of the client secret.
// Redirect stays unless r has one. It waits for a refresh that is under way, and saves what an interrupted one had received. Errors:
// [ErrNotFound], a [*Problem] as Create's, or what the store reports.
func (k *Keeper) Configure(ctx context.Context, name string, r Registration) error {
	r, err := saveable(r)
	if err != nil {
		return withName(name, err)
	}
	return k.update(ctx, name, func(ctx context.Context, c Connection, save Save) error {
		a := &attempt{Refresher: &k.refresher, connection: c, save: save}
		answer, err := a.rollForward(ctx) // the reply is the old registration's
		if err != nil {
			return err
		}
		if answer.Warning != nil {
			k.refresher.log().Warn("an interrupted refresh was completed", "connection", name, "warning", answer.Warning)
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

// Login exchanges a login's code for a token, as [Refresher.Login] does, and whoever asks has that from then on. Close waits for it;
// after that the error is [ErrClosed].
func (k *Keeper) Login(ctx context.Context, name string, g Grant) (answer Answer, err error) {
	defer k.forget(name)
	err = k.attend(ctx, func(ctx context.Context) error {
		answer, err = k.refresher.Login(ctx, name, g)
		return err
	})
	return answer, err
}

// Revoke ends a grant at the provider, as [Refresher.Revoke] does. Its access token is not handed out any more. Close waits for it;
// after that the error is [ErrClosed].
func (k *Keeper) Revoke(ctx context.Context, name string) (known bool, err error) {
	defer k.forget(name)
	err = k.attend(ctx, func(ctx context.Context) error {
		known, err = k.refresher.Revoke(ctx, name)
		return err
	})
	return known, err
}

// Delete makes the store forget a connection; the grant itself is ended by [Keeper.Revoke]. Errors: [ErrNotFound], or what the store
// reports.
func (k *Keeper) Delete(ctx context.Context, name string) error {
	defer k.forget(name)
	return withName(name, k.refresher.Store.Delete(ctx, name))
}

func (k *Keeper) update(ctx context.Context, name string, change Change) error {
	defer k.forget(name)
	return withName(name, k.refresher.Store.Update(ctx, name, change))
}

// forget makes everybody here look at the store again, which has something newer than what is held.
func (k *Keeper) forget(name string) {
	if s, ok := k.sources.Load(name); ok {
		s.(*Source).forget()
	}
	select {
	case k.changed <- struct{}{}:
	default:
	}
}

// newConnection makes a connection of a verbatim token response.
func newConnection(name string, r Registration, response []byte, now time.Time) (Connection, error) {
	object, err := Connection{Registration: r}.object(oauth.Reply{Host: "the provider", Status: 200, Body: response})
	if err != nil {
		return Connection{}, Connection{Registration: r}.redact(err)
	}
	token, err := ParseToken(object)
	if err != nil {
		return Connection{}, err
	}
	if token.AccessToken() == "" && token.RefreshToken() == "" {
		return Connection{}, errUnusable("it holds no token")
	}
	if r, err = saveable(r); err != nil {
		return Connection{}, err
	}
	c := Connection{Name: name, Registration: r, Token: token, Saved: now}
	c.History = c.History.withEntry(HistoryEntry{Time: now, Outcome: LoggedIn}, token, now)
	return c, c.checkRefresh()
}

// saveable is r as it can be saved.
func saveable(r Registration) (Registration, error) {
	if r.Client.Secret != "" && r.SecretFrom == "" {
		return r, &Problem{
			Kind:   oauth.Misconfigured,
			What:   "its client secret would not be saved",
			Remedy: "say in SecretFrom where it is kept, such as env:NAME, and set Refresher.Secrets to what reads it there (secret.Read)",
		}
	}
	if err := r.CheckProvider(); err != nil {
		return r, err
	}
	return r.withoutSecret(), nil
}

// checkRefresh returns why the connection's refresh token could never be sent, or nil: better said to whoever adds it than to nobody
// an hour later.
func (c Connection) checkRefresh() error {
	if c.Token.RefreshToken() == "" {
		return nil
	}
	if c.SecretFrom != "" {
		c.Client.Secret = "not read yet"
	}
	_, err := c.Request()
	return err
}
