package freshet

import (
	"context"
	"errors"

	"github.com/freshet-dev/freshet/oauth"
)

// withoutSecret saves no client secret that was read from where it is kept.
func (s Save) withoutSecret() Save {
	return func(c Connection) error {
		if c.SecretFrom != "" {
			c.Client.Secret = ""
		}
		return s(c)
	}
}

// foundSecret is a client secret that was read before the lock was taken, and where it came from.
type foundSecret struct {
	from   string
	secret oauth.Secret
}

// savedSecret reads the client secret of a saved connection. A keyring or a command may take its time, and nobody should wait
// for a lock meanwhile.
func (r *Refresher) savedSecret(ctx context.Context, name string) (foundSecret, error) {
	if r.Secrets == nil {
		return foundSecret{}, nil
	}
	c, err := r.Store.Get(ctx, name)
	if err != nil {
		return foundSecret{}, err
	}
	return r.secretOf(ctx, c.Registration)
}

func (r *Refresher) secretOf(ctx context.Context, reg Registration) (foundSecret, error) {
	if r.Secrets == nil || reg.SecretFrom == "" || reg.Client.Secret != "" {
		return foundSecret{}, nil
	}
	secret, err := r.Secrets(ctx, reg.SecretFrom)
	var p *Problem
	if err != nil && !errors.As(err, &p) {
		err = &Problem{
			Kind:   oauth.Misconfigured,
			What:   "the client secret cannot be read from " + reg.SecretFrom + ": " + err.Error(),
			Remedy: "mend that, or log in again with another SecretFrom",
			Err:    err,
		}
	}
	return foundSecret{reg.SecretFrom, secret}, err
}

// give completes a registration, unless its secret comes from elsewhere by now.
func (f foundSecret) give(reg *Registration) {
	if f.from != "" && f.from == reg.SecretFrom && reg.Client.Secret == "" {
		reg.Client.Secret = f.secret
	}
}
