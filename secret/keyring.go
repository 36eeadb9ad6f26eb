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

// keyringPatience bounds how long the keyring may take. A Secret Service that nobody has unlocked waits for a window that
// nobody may ever see.
const keyringPatience = 3 * time.Second

// service is what the entries are filed under.
const service = "freshet"

var errNoSession = errors.New("there is no desktop session here")

// hasSession keeps the library from starting a bus of its own where there is no session: nobody would ever answer there.
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

const otherwise = "where there is no desktop session, keep the secret elsewhere: file:PATH, env:NAME or command:LINE"

// Store puts a secret into the operating system's keyring, in the place of one of that name. Errors are Read's.
func Store(ctx context.Context, name string, secret oauth.Secret) error {
	_, err := inTime(ctx, func() (string, error) { return "", keyring.Set(service, name, string(secret)) })
	return explained("store the client secret in", name, err)
}

// Remove takes a secret out of the keyring. One that is not there is no error.
func Remove(ctx context.Context, name string) error {
	_, err := inTime(ctx, func() (string, error) { return "", keyring.Delete(service, name) })
	if errors.Is(err, keyring.ErrNotFound) {
		return nil
	}
	return explained("remove the client secret from", name, err)
}

func readKeyring(ctx context.Context, name string) ([]byte, error) {
	found, err := inTime(ctx, func() (string, error) { return keyring.Get(service, name) })
	if errors.Is(err, keyring.ErrNotFound) {
		return nil, problem(fmt.Sprintf("the keyring has no client secret named %s", name), "store it: freshet secret "+name+" <FILE", err)
	}
	return []byte(found), explained("read the client secret from", name, err)
}

func explained(doing, name string, err error) error {
	if err == nil {
		return nil
	}
	p := problem(fmt.Sprintf("could not %s the keyring (%s): %v", doing, name, err), otherwise, err)
	switch {
	case errors.Is(err, errNoAnswer):
		p.Kind = oauth.Temporary
		p.What = fmt.Sprintf("the keyring, asked for %s, did not answer within %s; it may be locked", name, keyringPatience)
		p.Remedy = "unlock it; " + otherwise
	case strings.Contains(err.Error(), "failed to unlock"): // the library's own words, behind which is no error to compare with
		p.Kind = oauth.Temporary
		p.What = fmt.Sprintf("could not %s the keyring (%s): it is locked", doing, name)
		p.Remedy = "unlock it; " + otherwise
	case strings.Contains(err.Error(), "org.freedesktop.secrets was not provided"):
		p.What = fmt.Sprintf("could not %s the keyring (%s): no keyring runs in this session", doing, name)
	}
	return p
}

// inTime calls a keyring that knows no contexts. What comes too late is dropped.
func inTime(ctx context.Context, call func() (string, error)) (string, error) {
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
	timer := time.NewTimer(keyringPatience)
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
