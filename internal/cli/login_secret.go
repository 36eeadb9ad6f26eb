package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/secret"
)

// chooseSecret sets the source of the client secret for this login and later refreshes. It copies a
// secret out of the old token's document, which the login replaces.
func (l *loginRun) chooseSecret(given freshet.Registration, old freshet.Connection) error {
	if err := l.changeSecret(given, old); err != nil {
		return err
	}
	if l.registration.SecretFrom != "" || l.registration.Client.Auth == oauth.AuthNone {
		return nil
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

// changeSecret applies the flags about the client secret. If the client or the server changes, it
// drops the old secret and what is known of how the old client authenticated.
func (l *loginRun) changeSecret(given freshet.Registration, old freshet.Connection) error {
	r := &l.registration
	if path, ok := ownSecret(r.SecretFrom); ok {
		l.ownSecrets = append(l.ownSecrets, path)
	}
	if l.otherClient(old) {
		r.SecretFrom, r.ProvenAuth = "", ""
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

// otherClient reports whether the login changes the connection's client or server.
func (l *loginRun) otherClient(old freshet.Connection) bool {
	next := old
	next.Registration = l.registration
	a, b := remembered(next), remembered(old)
	return l.known && (a.Client.ID != b.Client.ID || tokenHost(a) != tokenHost(b))
}

// tokenHost returns the host of the token endpoint, or "" if the registration has none.
func tokenHost(r freshet.Registration) string {
	return text.Host((&freshet.Connection{Registration: r}).ResolvedEndpoints().Token)
}

// keepSecret writes the secret to a new file and makes it the source. The old file stays until the
// login has succeeded.
func (l *loginRun) keepSecret(text oauth.Secret) error {
	path, err := writeSecret(l.name, text)
	if err != nil {
		return errSecretNotSaved(err)
	}
	l.ownSecrets = append(l.ownSecrets, path)
	l.registration.SecretFrom = "file:" + path
	return nil
}

func errSecretNotSaved(err error) error {
	return &freshet.SetupError{
		What:   "cannot save the client secret: " + err.Error(),
		Remedy: "keep it elsewhere and pass --client-secret-from", Err: err,
	}
}

// readSecret reads the client secret from its source. It runs before the connection is locked,
// because a keyring or a command may take long.
func (l *loginRun) readSecret(ctx context.Context) (err error) {
	if l.registration.SecretFrom != "" {
		l.secret, err = secret.Read(ctx, l.registration.SecretFrom)
	}
	auth := l.registration.Client.Auth
	if err == nil && l.secret == "" && (auth == oauth.AuthBasic || auth == oauth.AuthBody) {
		err = &freshet.SetupError{
			Name: l.name, Kind: oauth.Misconfigured,
			What:   "the client authenticates with a secret, but no secret is known",
			Remedy: "pass --client-secret-from or --client-secret-file; for a client without a secret pass --auth none",
		}
	}
	return err
}

// secretsDir returns the directory of the client secrets that freshet keeps, one in each file, or "".
func secretsDir() string {
	if dir := stateDir(); dir != "" {
		return filepath.Join(dir, "secrets")
	}
	return ""
}

// ownSecret returns the path of a client secret if its source is a file in secretsDir.
func ownSecret(from string) (path string, ok bool) {
	path, ok = strings.CutPrefix(from, "file:")
	dir := secretsDir()
	return path, ok && dir != "" && filepath.Dir(path) == dir
}

func writeSecret(name string, text oauth.Secret) (path string, err error) {
	dir := secretsDir()
	if dir == "" {
		return "", errors.New("no home directory; set FRESHET_HOME")
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

// removeUnusedSecrets removes the files in ownSecrets that neither the connection nor its pending
// login uses.
func (l *loginRun) removeUnusedSecrets(ctx context.Context) {
	if len(l.ownSecrets) == 0 || l.begun {
		return // the child process may still use one
	}
	c, err := l.store.Get(context.WithoutCancel(ctx), l.name)
	if err != nil && !errors.Is(err, freshet.ErrNotFound) {
		return
	}
	pending := ""
	in, err := l.store.Inspect(context.WithoutCancel(ctx), l.name)
	if err == nil && in.Pending != nil && in.Pending.Login != nil {
		pending = in.Pending.Login.Registration.SecretFrom // the next run completes this login
	}
	for _, path := range l.ownSecrets {
		if from := "file:" + path; from != c.SecretFrom && from != pending {
			_ = os.Remove(path) // a file that stays does no harm
		}
	}
}
