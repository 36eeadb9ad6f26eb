package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/internal/text"
)

// exchange exchanges the code in a child process, as a refresh: nothing that ends this process
// loses the grant.
func (l *loginRun) exchange(ctx context.Context, g freshet.CodeExchange) (freshet.Result, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, freshet.DefaultTimeout, errTimeout)
	defer cancel()
	g.Registration.Client.Secret = ""
	if err := l.create(ctx, g.Registration); err != nil {
		return freshet.Result{}, err
	}
	request, err := newRequest(l.store, freshet.Options{}, g.Registration.SecretFrom, l.secret, &l.flags.networkFlags)
	if err != nil {
		return freshet.Result{}, err
	}
	request.Name = l.name
	if err := request.SetLogin(g, l.created, l.madeFile); err != nil {
		return freshet.Result{}, err
	}
	var lock *os.File
	if filestore.LocksPass {
		hold, err := l.store.Hold(ctx, l.name)
		if err != nil {
			return freshet.Result{}, err
		}
		lock = hold.Lock
	}
	l.begun = true
	result, err := l.runChild(ctx, l.store, l.name, request, lock)
	l.begun = err != nil && !isFinal(ctx, err)
	return result, err
}

// isFinal reports whether the exchange has ended with err, and no run will save a reply of it
// later.
func isFinal(ctx context.Context, err error) bool {
	var (
		unsaved *freshet.UnsavedError
		refused *freshet.RefreshError
	)
	switch {
	case errors.As(err, &unsaved):
		return false
	case errors.As(err, &refused):
		return refused.Err != nil // nil if the child ended before it could reply
	default:
		return ctx.Err() == nil
	}
}

// discard deletes the connection that this login created, if the login failed before a child was
// started. After that the child does it.
func (l *loginRun) discard(ctx context.Context) {
	if l.created && !l.begun {
		_ = l.store.Discard(context.WithoutCancel(ctx), l.name, l.madeFile) // otherwise it stays, and does no harm
	}
}

// create creates the connection without a token and its token file, unless they exist. A device login
// calls it before each poll.
func (l *loginRun) create(ctx context.Context, r freshet.Registration) error {
	if l.known {
		return nil
	}
	if l.tokenFile != "" {
		made, err := createTokenFile(l.tokenFile)
		l.madeFile = l.madeFile || made
		if err != nil {
			return l.errTokenFile(err)
		}
	}
	err := l.store.Create(ctx, freshet.Connection{Name: l.name, Registration: r, TokenFile: l.tokenFile})
	if err != nil && !errors.Is(err, freshet.ErrExists) {
		return &freshet.SetupError{
			Name: l.name, What: "cannot save the connection: " + text.Cause(err) + "; the code was not exchanged",
			Remedy: "make the state directory writable and free disk space, then {login again}", Err: err,
		}
	}
	l.created = l.created || err == nil
	return nil
}

func (l *loginRun) errTokenFile(err error) error {
	return &freshet.SetupError{
		Name: l.name, What: "cannot create the token file: " + text.Cause(err), Err: err,
		Remedy: "check --token-file",
	}
}

// createTokenFile creates a file with an empty document, unless there is a file. made reports
// whether it did. The document takes two lines, so that the token will be indented.
func createTokenFile(path string) (made bool, err error) {
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return false, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return false, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return false, err
	}
	_, err = f.WriteString("{\n}\n")
	return true, errors.Join(err, f.Close())
}
