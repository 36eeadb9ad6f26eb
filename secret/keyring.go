package secret

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/freshet-dev/freshet/oauth"
)

// keyringTimeout bounds one call. A locked Secret Service waits until a person answers its window,
// which a program that runs in the background never sees.
const keyringTimeout = 3 * time.Second

// service is the name under which the keyring files the entries.
const service = "freshet"

var (
	errNoSession = errors.New("no desktop session")
	errNoAnswer  = errors.New("no answer")
)

// hasSession reports whether there is a session bus. Without one, the keyring library would start a
// bus of its own, on which no keyring answers.
func hasSession() bool {
	switch runtime.GOOS {
	case "darwin", "windows":
		return true
	}
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	_, err := os.Stat(fmt.Sprintf("/run/user/%d/bus", os.Getuid()))
	return err == nil
}

const otherSources = "where there is no desktop session, keep the secret elsewhere: file:PATH, env:NAME or command:LINE"

// Store saves a secret in the operating system's keyring. It replaces an entry of the same name.
// Errors are as for [Read].
func Store(ctx context.Context, name string, secret oauth.Secret) error {
	_, err := withTimeout(ctx, func() (string, error) { return "", keyring.Set(service, name, string(secret)) })
	return keyringError("store the client secret in", name, err)
}

// CheckKeyring returns the error with which [Store] would fail, for a program that asks a person for the
// secret next. It saves an entry and removes it, so that a locked keyring asks to be unlocked.
func CheckKeyring(ctx context.Context, name string) error {
	trial := name + " (trial)" // no name has a blank in it
	_, err := withTimeout(ctx, func() (string, error) {
		if err := keyring.Set(service, trial, "trial"); err != nil {
			return "", err
		}
		return "", keyring.Delete(service, trial)
	})
	return keyringError("store the client secret in", name, err)
}

// Remove removes a secret from the keyring. It is no error if the keyring does not have it.
func Remove(ctx context.Context, name string) error {
	_, err := withTimeout(ctx, func() (string, error) { return "", keyring.Delete(service, name) })
	if errors.Is(err, keyring.ErrNotFound) {
		return nil
	}
	return keyringError("remove the client secret from", name, err)
}

func readKeyring(ctx context.Context, name string) ([]byte, error) {
	found, err := withTimeout(ctx, func() (string, error) { return keyring.Get(service, name) })
	if errors.Is(err, keyring.ErrNotFound) {
		what := "the keyring has no client secret named " + name
		return nil, problem(what, oauth.Remedyf("{store %s}", name), err)
	}
	return []byte(found), keyringError("read the client secret from", name, err)
}

// keyringError returns err as a [*freshet.SetupError], or nil if err is nil.
func keyringError(doing, name string, err error) error {
	if err == nil {
		return nil
	}
	p := problem(fmt.Sprintf("could not %s the keyring (%s): %v", doing, name, err), otherSources, err)
	switch {
	case errors.Is(err, errNoAnswer):
		p.Kind = oauth.Temporary
		p.What = fmt.Sprintf("the keyring, asked for %s, did not answer within %s; it may be locked",
			name, keyringTimeout)
		p.Remedy = "unlock it; " + otherSources
	case strings.Contains(err.Error(), "failed to unlock"): // go-keyring has no error value for it
		p.Kind = oauth.Temporary
		p.What = fmt.Sprintf("could not %s the keyring (%s): it is locked", doing, name)
		p.Remedy = "unlock it; " + otherSources
	case strings.Contains(err.Error(), "org.freedesktop.secrets was not provided"):
		p.What = fmt.Sprintf("could not %s the keyring (%s): no keyring runs in this session", doing, name)
	}
	return p
}

// withTimeout runs a call of go-keyring, which takes no context. A result that comes too late is
// dropped.
func withTimeout(ctx context.Context, call func() (string, error)) (string, error) {
	if !hasSession() {
		return "", errNoSession
	}
	type result struct {
		secret string
		err    error
	}
	results := make(chan result, 1)
	go func() {
		secret, err := call()
		results <- result{secret, err}
	}()
	timer := time.NewTimer(keyringTimeout)
	defer timer.Stop()
	select {
	case r := <-results:
		return r.secret, r.err
	case <-timer.C:
		return "", errNoAnswer
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
