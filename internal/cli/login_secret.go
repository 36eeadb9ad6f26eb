package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/secret"
)

// chooseSecret decides where the client secret will come from, for this login and each refresh after it. One that is only in
// the token's document would go with it.
func (l *loginRun) chooseSecret(given freshet.Registration, old freshet.Connection) error {
	if err := l.changeSecret(given, old); err != nil || l.registration.SecretFrom != "" || l.registration.Client.Auth == oauth.AuthNone {
		return err
	}
	inDocument := oauth.Secret(old.Token.Member("client_secret"))
	switch {
	case given.Client.Secret != "":
		l.registration.SecretFrom = "env:FRESHET_CLIENT_SECRET"
	case inDocument != "" && l.registration.Client.ID == old.Token.Member("client_id") && !l.otherClient(old):
		return l.keepSecret(inDocument)
	}
	return nil
}

// changeSecret does what the flags say about the client secret, and drops that of another client or server.
func (l *loginRun) changeSecret(given freshet.Registration, old freshet.Connection) error {
	r := &l.registration
	if path, ok := ownSecret(r.SecretFrom); ok {
		l.ownSecrets = append(l.ownSecrets, path)
	}
	if l.otherClient(old) {
		r.SecretFrom = ""
	}
	switch {
	case r.Client.Auth == oauth.AuthNone:
		r.SecretFrom = ""
	case l.flags.secretFile != "":
		return l.keepSecret(given.Client.Secret)
	case given.SecretFrom != "":
		r.SecretFrom = given.SecretFrom
	}
	return nil
}

// otherClient reports whether the connection is going to be another client's than it was, or to ask another server.
func (l *loginRun) otherClient(old freshet.Connection) bool {
	next := old
	next.Registration = l.registration
	return l.known && !sameClient(remembered(next), remembered(old))
}

func sameClient(a, b freshet.Registration) bool {
	return a.Client.ID == b.Client.ID && tokenHost(a) == tokenHost(b)
}

// tokenHost is the host that refresh tokens go to, as far as the registration tells.
func tokenHost(r freshet.Registration) string {
	return hostOf(freshet.Connection{Registration: r}.Addresses().Token)
}

// keepSecret makes a new file the source of the secret: a login that fails must not spoil the old one.
func (l *loginRun) keepSecret(text oauth.Secret) error {
	path, err := writeSecret(l.name, text)
	if err != nil {
		return &freshet.Problem{What: "the client secret cannot be kept: " + err.Error(), Remedy: "keep it elsewhere: --client-secret-from", Err: err}
	}
	l.ownSecrets = append(l.ownSecrets, path)
	l.registration.SecretFrom = "file:" + path
	return nil
}

// readSecret reads it before anybody is bothered, and before anything is locked.
func (l *loginRun) readSecret(ctx context.Context) (err error) {
	if l.registration.SecretFrom != "" {
		l.secret, err = secret.Read(ctx, l.registration.SecretFrom)
	}
	if auth := l.registration.Client.Auth; err == nil && l.secret == "" && (auth == oauth.AuthBasic || auth == oauth.AuthBody) {
		err = &freshet.Problem{
			Name: l.name, Kind: oauth.Misconfigured, What: "no client secret is known, but the client is to authenticate with one",
			Remedy: "pass --client-secret-from or --client-secret-file; for a client without a secret pass --auth none",
		}
	}
	return err
}

// secretsDir has the client secrets that people gave us to keep, each in a file of its own.
func secretsDir() string {
	if dir := stateDir(); dir != "" {
		return filepath.Join(dir, "secrets")
	}
	return ""
}

// ownSecret returns the file that a client secret comes from if it is one of ours.
func ownSecret(from string) (path string, ok bool) {
	path, ok = strings.CutPrefix(from, "file:")
	dir := secretsDir()
	return path, ok && dir != "" && filepath.Dir(path) == dir
}

func writeSecret(name string, text oauth.Secret) (path string, err error) {
	dir := secretsDir()
	if dir == "" {
		return "", errors.New("there is no home directory to keep it in; set FRESHET_HOME")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, name+".*")
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(string(text))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// removeOtherSecrets removes the files of ours that the connection does not use, once it is clear which it uses.
func (l *loginRun) removeOtherSecrets(ctx context.Context) {
	if len(l.ownSecrets) == 0 || l.begun {
		return // the child may still be at work
	}
	c, err := l.store.Get(context.WithoutCancel(ctx), l.name)
	if err != nil && !errors.Is(err, freshet.ErrNotFound) {
		return
	}
	pending := ""
	if in, err := l.store.Inspect(context.WithoutCancel(ctx), l.name); err == nil && in.Pending != nil && in.Pending.Login != nil {
		pending = in.Pending.Login.Registration.SecretFrom // the next run saves what it is for
	}
	for _, path := range l.ownSecrets {
		if from := "file:" + path; from != c.SecretFrom && from != pending {
			_ = os.Remove(path) // it is of no use, and does no harm either
		}
	}
}
