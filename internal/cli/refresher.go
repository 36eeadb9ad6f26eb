package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/detach"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/secret"
)

// refresherFlags are the flags of every command that may refresh a token.
type refresherFlags struct {
	connectionFlags
	networkFlags
	timeout time.Duration
	minTTL  time.Duration
}

func (f *refresherFlags) register(flags *pflag.FlagSet) {
	f.connectionFlags.register(flags)
	f.networkFlags.register(flags)
	positiveDurationVar(flags, &f.timeout, "timeout", freshet.DefaultTimeout,
		"how long to wait; a refresh that has begun continues")
	durationVar(flags, &f.minTTL, "min-ttl", 0, "refresh if the access token is valid for less than `DURATION`")
}

// getToken returns an access token of the target that satisfies o. The result is never nil.
func (a *app) getToken(
	ctx context.Context, target string, f *refresherFlags, o freshet.Options,
) (*freshet.Result, error) {
	if err := f.check(filePaths(target)...); err != nil {
		return &freshet.Result{}, err
	}
	store, err := a.storeFor(target, &f.connectionFlags)
	if err != nil {
		return &freshet.Result{}, err
	}
	o.MinTTL = f.minTTL
	ctx, interrupt := context.WithCancelCause(ctx)
	defer interrupt(nil)
	r := a.childRefresher(store, &f.networkFlags, sync.OnceFunc(func() { cancelOnSignal(interrupt) }))
	timed, cancel := context.WithTimeoutCause(ctx, f.timeout, errTimeout)
	defer cancel()
	result := new(freshet.Result) // its size on each frame would make the stack grow
	*result, err = r.Token(timed, target, o)
	if interrupted := interruption(ctx); err != nil && interrupted != nil {
		return result, &interruptError{signal: interrupted.signal, refreshing: true}
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return result, err
}

// childRefresher returns a refresher that makes each attempt in a child process, and calls begin
// before. A dry run needs no child.
func (a *app) childRefresher(store *filestore.Store, f *networkFlags, begin func()) *freshet.Refresher {
	r := a.refresher(store, f)
	r.Attempt = func(ctx context.Context, name string, o freshet.Options) (freshet.Result, error) {
		begin()
		if o.DryRun {
			return r.Refresh(ctx, name, o)
		}
		return a.attempt(ctx, store, name, o, f)
	}
	return r
}

var errTimeout = errors.New("timed out")

// attempt reads the client secret, takes the lock and reads the token again. Of the three times that
// the connection was read by then, this one decides: Token's found that a refresh may be needed, and
// clientSecret's names the source of the secret. Only if a refresh is still needed does the child
// start, which then holds the lock: of fifty callers one does. Where a lock cannot be passed to a
// child, the child takes it and reads the token.
func (a *app) attempt(
	ctx context.Context, store *filestore.Store, name string, o freshet.Options, f *networkFlags,
) (freshet.Result, error) {
	from, text, err := a.clientSecret(ctx, store, name)
	if err != nil {
		return freshet.Result{}, err
	}
	request, err := newRequest(store, o, from, text, f)
	if err != nil {
		return freshet.Result{}, err
	}
	request.Name = name
	if a.worker != nil || !filestore.LocksPass {
		if filestore.IsPath(name) {
			if request.Name, err = filepath.Abs(name); err != nil {
				return freshet.Result{}, err
			}
		}
		return a.runChild(ctx, store, name, request, nil)
	}
	hold, err := store.Hold(ctx, name)
	if err != nil {
		return freshet.Result{}, err
	}
	c := hold.Connection
	if c.SecretFrom != "" && c.SecretFrom == from {
		c.Client.Secret = text
	}
	if result, done, err := o.Settle(c); done {
		return result, errors.Join(err, hold.Close())
	}
	if filestore.IsPath(name) {
		request.Name = c.TokenFile // symbolic links may change
	}
	return a.runChild(ctx, store, name, request, hold.Lock)
}

// clientSecret reads the client secret of a connection, before a lock is taken: a keyring or a
// command may take long.
func (a *app) clientSecret(
	ctx context.Context, store *filestore.Store, name string,
) (from string, text oauth.Secret, err error) {
	from = store.Defaults.SecretFrom
	if !filestore.IsPath(name) {
		c, err := store.Get(ctx, name)
		if err != nil {
			return "", "", err
		}
		from = c.SecretFrom
	}
	if from != "" {
		text, err = secret.Read(ctx, from)
	}
	return from, text, err
}

func newRequest(
	store *filestore.Store, o freshet.Options, from string, text oauth.Secret, f *networkFlags,
) (detach.Request, error) {
	r, err := detach.NewRequest(store, o, from, text)
	r.Proxy, r.CAFile, r.Trace = f.Proxy, f.CAFile, f.trace != ""
	return r, err
}

// notStarted returns the error of a child that could not be started. An empty chroot has neither
// /dev/null, which Go opens for the child, nor the path of the running program.
func notStarted(name string, err error) error {
	p := &freshet.SetupError{
		Name: name, What: "starting the process that refreshes: " + err.Error() + "; nothing was sent",
		Remedy: "free memory or processes, and run it again", Err: err,
	}
	if errors.Is(err, fs.ErrNotExist) && runtime.GOOS == "linux" {
		p.Remedy = "in a chroot, refresh from outside: run freshet refresh --if-stale on the file there, by cron; " +
			"or mount proc at /proc, and create /dev/null (mknod -m 666 dev/null c 1 3)"
	}
	return p
}

// runChild starts a child with the request and the lock, and waits for its reply until ctx ends.
func (a *app) runChild(
	ctx context.Context, store *filestore.Store, name string, r detach.Request, lock *os.File,
) (freshet.Result, error) {
	var err error
	var (
		result  freshet.Result
		trace   []byte
		replied = make(chan struct{})
	)
	if a.worker != nil {
		worker, startErr := a.worker.process()
		if startErr != nil {
			return freshet.Result{}, notStarted(name, startErr)
		}
		if until, ok := ctx.Deadline(); ok { // earlier, so that the reply says that it waited for the lock
			r.Until = time.Now().Add(time.Until(until) * 9 / 10)
		}
		go func() {
			result, trace, err = worker.Do(r, name)
			close(replied)
		}()
	} else {
		child, startErr := detach.Start(r, lock)
		if startErr != nil {
			return freshet.Result{}, notStarted(name, startErr)
		}
		a.children.Go(func() {
			result, trace, err = child.Reply(name)
			close(replied)
			child.Wait()
		})
	}
	select {
	case <-replied:
	case <-ctx.Done():
		return freshet.Result{}, stillRunning(ctx, name)
	}
	a.keep(a.response, result.Response)
	if a.trace != nil {
		_, _ = a.trace.Write(trace) // on a full disk the answer still counts
	}
	if errors.Is(err, detach.ErrNoReply) {
		err = &freshet.RefreshError{Name: name, Failure: freshet.Failure{
			Kind: oauth.Unknown, Cause: "the process that refreshes ended before it could reply",
			Remedy: "run freshet status to see the state; the next run completes what it can",
		}}
	}
	if filestore.IsPath(name) {
		result.Connection.Registration = store.Defaults
	}
	return result, err
}

// sharedWorker is the child process that makes the refreshes of many targets. It starts with the first.
type sharedWorker struct {
	mu     sync.Mutex
	worker *detach.Worker
}

// process returns the worker, or another one if it was killed.
func (s *sharedWorker) process() (w *detach.Worker, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.worker == nil || s.worker.HasEnded() {
		s.worker, err = detach.StartWorker()
	}
	return s.worker, err
}

// awaitChildren waits for a child that has replied and is about to end: the command that exec runs
// in place of this process must not get children that it never started. A child that still works is
// left alone.
func (a *app) awaitChildren() {
	ended := make(chan struct{})
	go func() {
		a.children.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(100 * time.Millisecond):
	}
}

// stillRunning returns the error for a caller whose context ends before the refresh.
func stillRunning(ctx context.Context, name string) error {
	if cause := context.Cause(ctx); !errors.Is(cause, errTimeout) && cause != nil {
		return cause
	}
	return &freshet.SetupError{
		Name:   name,
		Kind:   oauth.Temporary,
		What:   "the refresh has not ended yet; " + afterwards("it", "continues in the background and will be saved"),
		Remedy: "run the command again in a moment, or allow more time with --timeout",
	}
}
