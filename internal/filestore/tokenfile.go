package filestore

import (
	"context"
	"errors"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/text"
)

// tokenFile is the layout of a token that has a file T to itself, which other programs may use,
// too. T holds nothing but the token. If the connection has a document, that gets registration and
// health when T is no longer locked. Otherwise T is a plain token file: its registration is the
// caller's, and health is kept in the state directory.
type tokenFile struct{ *update }

func (u tokenFile) mustReplace(next freshet.Connection) bool {
	return !next.Token.Equal(u.current.Token)
}

func (u tokenFile) encode(next freshet.Connection) ([]byte, error) { return next.Token.Bytes(), nil }

func (u tokenFile) canParse(data []byte) bool {
	_, err := freshet.ParseToken(data)
	return err == nil
}

// saveLogin does nothing for a plain token file: a journaled reply of it is read with the caller's
// registration.
func (u tokenFile) saveLogin(next freshet.Connection) error {
	if u.document == "" {
		return nil
	}
	// This locks the document while T is locked. No process locks the two in the other order.
	return u.rewriteDocument(func(c *freshet.Connection) error {
		if !sameRegistration(*c, u.initial) {
			return errDocumentChanged
		}
		c.Pending = next.Pending
		return nil
	})
}

func (u tokenFile) saveHealth(next freshet.Connection) {
	u.store.writeHealth(healthFile{u.path, next.Health, next.History})
}

// afterUnlock saves the new registration and health to the document, and removes a login that has
// ended. Only the registration must be saved.
func (u tokenFile) afterUnlock() error {
	next := u.current
	if u.document == "" || next.Name == "" {
		return nil
	}
	newRegistration, loginEnded := !sameRegistration(u.initial, next), u.loginEnded(next)
	if !newRegistration && !loginEnded && sameHealth(u.initial, next) {
		return nil
	}
	err := u.rewriteDocument(func(c *freshet.Connection) error {
		if loginEnded {
			c.Pending = nil
		}
		c.Health, c.History = next.Health, next.History
		if !newRegistration {
			return nil
		}
		if !sameRegistration(*c, u.initial) {
			return errDocumentChanged
		}
		c.Registration = next.Registration
		return nil
	})
	if err == nil || !newRegistration {
		return nil
	}
	return &freshet.SetupError{
		Name: u.name, What: "the token was saved, but the connection's new registration was not: " + text.Cause(err),
		Remedy: "{update} again", Err: err,
	}
}

var errDocumentChanged = errors.New("another process changed the connection")

// documentTimeout bounds the waiting for the lock of a document whose token is in another file. It
// is held for milliseconds.
const documentTimeout = 10 * time.Second

func (u tokenFile) rewriteDocument(change func(*freshet.Connection) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), documentTimeout)
	defer cancel()
	return u.store.rewriteDocument(ctx, u.location, change)
}

// rewriteDocument changes the document of a connection whose token is in another file.
func (s *Store) rewriteDocument(ctx context.Context, at location, change func(*freshet.Connection) error) error {
	document := location{name: at.name, path: at.document, document: at.document}
	lock, err := takeLock(ctx, document)
	if err != nil {
		return err
	}
	defer lock.Close()
	c, saved, err := readDocument(at)
	if err != nil {
		return err
	}
	u := newUpdate(s, document, lock)
	u.source = saved
	defer u.close()
	c.Pending = pendingLogin(saved.content) // another process may still need it
	if err := errors.Join(at.checkUnmoved(c), change(&c)); err != nil {
		return err
	}
	content, err := newDocument(c).encode(saved.content)
	if err != nil {
		return err
	}
	return u.write(content, hash(saved.content))
}
