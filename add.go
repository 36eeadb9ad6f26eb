package freshet

import (
	"context"
	"errors"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// Create saves a new connection with a token response of the provider's, verbatim, as an application's own login got it or as
// another program had saved it. If the store has a connection of that name it stays as it is, and the error matches [ErrExists];
// a response that holds no token is an [*oauth.Error] or [*oauth.UnusableError].
//
// A client secret is not saved: r.SecretFrom says where [Refresher.Secrets] finds it, and a secret without it is a [*Problem].
func (k *Keeper) Create(ctx context.Context, name string, r Registration, response []byte) error {
	c, err := newConnection(name, r, response, time.Now().Round(0))
	if err != nil {
		return named(name, err)
	}
	return named(name, k.create(ctx, c))
}

// Add is Create, but gives a connection that exists the new token and registration: somebody has logged in again. It waits for
// a refresh that is under way. Do not add a token that may be older than the saved one: it would replace the newer.
func (k *Keeper) Add(ctx context.Context, name string, r Registration, response []byte) error {
	added, err := newConnection(name, r, response, time.Now().Round(0))
	if err != nil {
		return named(name, err)
	}
	if err := k.create(ctx, added); !errors.Is(err, ErrExists) {
		return named(name, err)
	}
	err = k.refresher.Store.Update(ctx, name, func(_ context.Context, c Connection, save Save) error {
		c.Token, c.Registration, c.Health, c.Pending = added.Token, added.Registration, Health{}, nil
		c.History = c.History.with(HistoryEntry{Time: added.Saved, Outcome: LoggedIn}, c.Token, added.Saved)
		return save(c)
	})
	if err == nil {
		k.look(name)
	}
	return named(name, err)
}

func (k *Keeper) create(ctx context.Context, c Connection) error {
	err := k.refresher.Store.Create(ctx, c)
	if err == nil {
		k.look(c.Name)
	}
	return err
}

// newConnection makes a connection of a verbatim token response.
func newConnection(name string, r Registration, response []byte, now time.Time) (Connection, error) {
	object, err := (oauth.Reply{Host: "the response", Status: 200, Body: response}).Object()
	if err != nil {
		return Connection{}, err
	}
	token, err := ParseToken(object)
	if err != nil {
		return Connection{}, err
	}
	if token.AccessToken() == "" && token.RefreshToken() == "" {
		return Connection{}, unusable("it holds no token")
	}
	if r.Client.Secret != "" && r.SecretFrom == "" {
		return Connection{}, &Problem{
			Kind:   oauth.Misconfigured,
			What:   "its client secret would not be saved",
			Remedy: "say in SecretFrom where it is kept, such as env:NAME, and set Refresher.Secrets to what reads it there (secret.Read)",
		}
	}
	r = r.withoutSecret()
	c := Connection{Name: name, Registration: r, Token: token, Saved: now}
	c.History = c.History.with(HistoryEntry{Time: now, Outcome: LoggedIn}, token, now)
	return c, nil
}

// look makes everybody here look at the store again.
func (k *Keeper) look(name string) {
	k.Source(name).forget()
	k.wake()
}
