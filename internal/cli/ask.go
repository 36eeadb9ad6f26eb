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
)

// askFlags are those of every command that may refresh.
type askFlags struct {
	connectionFlags
	timeout time.Duration
	minTTL  time.Duration
}

func (f *askFlags) register(flags *pflag.FlagSet) {
	f.connectionFlags.register(flags)
	flags.DurationVar(&f.timeout, "timeout", freshet.DefaultPatience, "how long to wait; a refresh that was begun goes on")
	flags.DurationVar(&f.minTTL, "min-ttl", 0, "refresh if the access token lasts for less than `DURATION`")
}

// ask gets a token for the target that satisfies the demand.
func (a *app) ask(ctx context.Context, target string, f *askFlags, d freshet.Demand) (freshet.Answer, error) {
	name, err := parseTarget(target)
	if err != nil {
		return freshet.Answer{}, err
	}
	if f.timeout <= 0 {
		return freshet.Answer{}, &usageError{"--timeout must be positive", "give a duration such as 45s"}
	}
	if err := notNegative("min-ttl", f.minTTL); err != nil {
		return freshet.Answer{}, err
	}
	defaults, err := f.connection(a.in)
	if err != nil {
		return freshet.Answer{}, err
	}
	d.MinTTL = f.minTTL
	store := &filestore.Store{Defaults: defaults, StateDir: stateDir(), RuntimeDir: filestore.DefaultRuntimeDir()}
	ctx, interrupt := context.WithCancelCause(ctx)
	defer interrupt(nil)
	listen := sync.OnceFunc(func() { onSignal(interrupt) })
	r := &freshet.Refresher{Store: store}
	r.Attempt = func(ctx context.Context, name string, d freshet.Demand) (freshet.Answer, error) {
		listen()
		if d.DryRun {
			return r.Exchange(ctx, name, d)
		}
		return a.attempt(ctx, store, name, d)
	}
	timed, cancel := context.WithTimeoutCause(ctx, f.timeout, errTimeout)
	defer cancel()
	answer, err := r.Ask(timed, name, d)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return answer, err
}

var errTimeout = errors.New("the time is up")

// stateDir is absolute, because the process that refreshes works in another directory.
func stateDir() string {
	dir := filestore.DefaultStateDir()
	if dir == "" {
		return ""
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	return abs
}

// attempt takes the lock, looks again, and only if a refresh is really called for starts the process that makes it, which
// then holds the lock: of fifty callers, one does.
func (a *app) attempt(ctx context.Context, store *filestore.Store, name string, d freshet.Demand) (freshet.Answer, error) {
	if !filestore.LocksPass {
		path, err := filepath.Abs(name)
		if err != nil {
			return freshet.Answer{}, err
		}
		return a.startChild(ctx, store, name, path, d, nil)
	}
	hold, err := store.Hold(ctx, name)
	if err != nil {
		return freshet.Answer{}, err
	}
	if answer, done, err := d.Settle(hold.Connection); done {
		return answer, errors.Join(err, hold.Close())
	}
	return a.startChild(ctx, store, name, hold.Path, d, hold.Lock)
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
