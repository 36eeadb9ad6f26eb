package freshet

import (
	"context"
	"errors"
	"reflect"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

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
			err = hide(c.redactor(), err)
		}
	}
	if err == nil {
		k.forget(name)
	}
	return about(name, err)
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
		return about(name, err)
	}
	return k.update(ctx, name, func(_ context.Context, c Connection, save Save) error {
		if added.Token.RefreshToken() == "" && c.Token.RefreshToken() != "" {
			return errNoRefreshToken.asProblem()
		}
		if err := c.mayMove(added); err != nil {
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
		c.History = c.History.with(HistoryEntry{Time: added.Saved, Outcome: LoggedIn}, c.Token, added.Saved)
		return save(c)
	})
}

// Configure gives a connection another registration and leaves its token: another endpoint, another place of the client secret.
// Redirect stays unless r has one. It waits for a refresh that is under way, and saves what an interrupted one had received. Errors:
// [ErrNotFound], a [*Problem] as Create's, or what the store reports.
func (k *Keeper) Configure(ctx context.Context, name string, r Registration) error {
	r, err := saveable(r)
	if err != nil {
		return about(name, err)
	}
	return k.update(ctx, name, func(ctx context.Context, c Connection, save Save) error {
		x := &exchange{Refresher: &k.refresher, connection: c, save: save}
		answer, err := x.rollForward(ctx) // the reply is the old registration's
		if err != nil {
			return err
		}
		if answer.Warning != nil {
			k.refresher.log().Warn("an interrupted refresh was completed", "connection", name, "warning", answer.Warning)
		}
		c = x.connection
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
	return about(name, k.refresher.Store.Delete(ctx, name))
}

func (k *Keeper) update(ctx context.Context, name string, change Change) error {
	defer k.forget(name)
	return about(name, k.refresher.Store.Update(ctx, name, change))
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
		return Connection{}, hide(Connection{Registration: r}.redactor(), err)
	}
	token, err := ParseToken(object)
	if err != nil {
		return Connection{}, err
	}
	if token.AccessToken() == "" && token.RefreshToken() == "" {
		return Connection{}, unusable("it holds no token")
	}
	if r, err = saveable(r); err != nil {
		return Connection{}, err
	}
	c := Connection{Name: name, Registration: r, Token: token, Saved: now}
	c.History = c.History.with(HistoryEntry{Time: now, Outcome: LoggedIn}, token, now)
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
