package cli

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/secret"
)

// askFlags are those of every command that may refresh.
type askFlags struct {
	connectionFlags
	networkFlags
	timeout time.Duration
	minTTL  time.Duration
}

func (f *askFlags) register(flags *pflag.FlagSet) {
	f.connectionFlags.register(flags)
	f.networkFlags.register(flags)
	flags.DurationVar(&f.timeout, "timeout", freshet.DefaultPatience, "how long to wait; a refresh that was begun goes on")
	flags.DurationVar(&f.minTTL, "min-ttl", 0, "refresh if the access token lasts for less than `DURATION`")
}

func (f *askFlags) check() error {
	if f.timeout <= 0 {
		return &usageError{"--timeout must be positive", "give a duration such as 45s"}
	}
	if err := checkNotNegative("min-ttl", f.minTTL); err != nil {
		return err
	}
	return f.networkFlags.check()
}

// ask gets a token for the target that satisfies the demand.
func (a *app) ask(ctx context.Context, target string, f *askFlags, d freshet.Demand) (freshet.Answer, error) {
	if err := f.check(); err != nil {
		return freshet.Answer{}, err
	}
	store, err := a.storeFor(target, &f.connectionFlags)
	if err != nil {
		return freshet.Answer{}, err
	}
	d.MinTTL = f.minTTL
	ctx, interrupt := context.WithCancelCause(ctx)
	defer interrupt(nil)
	listen := sync.OnceFunc(func() { cancelOnSignal(interrupt) })
	r := a.asker(store, &f.networkFlags, listen)
	timed, cancel := context.WithTimeoutCause(ctx, f.timeout, errTimeout)
	defer cancel()
	answer, err := r.Ask(timed, target, d)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return answer, err
}

// asker is a refresher that makes each exchange in a process of its own, and calls begin before.
func (a *app) asker(store *filestore.Store, f *networkFlags, begin func()) *freshet.Refresher {
	r := a.refresher(store, f)
	r.Attempt = func(ctx context.Context, name string, d freshet.Demand) (freshet.Answer, error) {
		begin()
		if d.DryRun {
			return r.Exchange(ctx, name, d)
		}
		return a.attempt(ctx, store, name, d, f)
	}
	return r
}

var errTimeout = errors.New("the time is up")

// attempt takes the lock, looks again, and only if a refresh is really called for starts the process that makes it, which
// then holds the lock: of fifty callers, one does.
func (a *app) attempt(ctx context.Context, store *filestore.Store, name string, d freshet.Demand, f *networkFlags) (freshet.Answer, error) {
	found, err := a.secretOf(ctx, store, name)
	if err != nil {
		return freshet.Answer{}, err
	}
	request := newChildRequest(store, d, found, f)
	if !filestore.LocksPass {
		if request.Name, err = lasting(name); err != nil {
			return freshet.Answer{}, err
		}
		return a.startChild(ctx, name, store.Defaults, request, nil)
	}
	hold, err := store.Hold(ctx, name)
	if err != nil {
		return freshet.Answer{}, err
	}
	c := hold.Connection
	if c.SecretFrom != "" && c.SecretFrom == found.from {
		c.Client.Secret = found.text
	}
	if answer, done, err := d.Settle(c); done {
		return answer, errors.Join(err, hold.Close())
	}
	request.Name = name
	if filestore.IsPath(name) {
		request.Name = hold.Connection.TokenFile // whatever becomes of the links that led there
	}
	return a.startChild(ctx, name, store.Defaults, request, hold.Lock)
}

// lasting is a name that means the same in another directory.
func lasting(name string) (string, error) {
	if !filestore.IsPath(name) {
		return name, nil
	}
	return filepath.Abs(name)
}

// foundSecret is a client secret and where it was read.
type foundSecret struct {
	from string
	text oauth.Secret
}

// secretOf reads the client secret of a connection before anything is locked: a keyring or a command may take its time.
func (a *app) secretOf(ctx context.Context, store *filestore.Store, name string) (foundSecret, error) {
	from := store.Defaults.SecretFrom
	if !filestore.IsPath(name) {
		c, err := store.Get(ctx, name)
		if err != nil {
			return foundSecret{}, err
		}
		from = c.SecretFrom
	}
	if from == "" {
		return foundSecret{}, nil
	}
	text, err := secret.Read(ctx, from)
	return foundSecret{from, text}, err
}

// stillRunning is the error for a caller that leaves before the refresh has ended.
func stillRunning(ctx context.Context, name string) error {
	if cause := context.Cause(ctx); !errors.Is(cause, errTimeout) && cause != nil {
		return cause
	}
	return &freshet.Problem{
		Name:   name,
		Kind:   oauth.Temporary,
		What:   "the refresh has not ended yet; it goes on in the background and will be saved",
		Remedy: "ask again in a moment, or allow more time with --timeout",
	}
}
