package filestore

import (
	"encoding/json"
	"fmt"

	"github.com/freshet-dev/freshet"
)

// A login changes the registration: who is asked, where, and with which secret. What it changes is kept in the connection's
// own document, in the state directory, until the login ends. The journal beside the token has the reply alone, so that
// nobody who can write there decides where the next refresh token goes or which command is run for a secret.

// keepPendingLogin writes the login that next begins into the connection's document. A plain token file has none: a reply
// that is adopted there is read with the registration of the caller.
func (u *update) keepPendingLogin(next freshet.Connection) error {
	if u.document == "" {
		return nil
	}
	u.writesLogin = true
	defer func() { u.writesLogin = false }()
	if !u.hasToken() {
		// The document's lock is taken under the token's. No process takes the two in the other order.
		return u.rewriteDocument(func(c *freshet.Connection) error {
			if !sameRegistration(*c, u.first) {
				return errDocumentChanged
			}
			c.Pending = next.Pending
			return nil
		})
	}
	content, err := u.contentOf(next)
	if err == nil {
		err = u.write(content, next.Version)
	}
	if err == nil {
		u.content = content
	}
	return err
}

// loginEnded reports whether next ends a login that the document may still have.
func (u *update) loginEnded(next freshet.Connection) bool {
	return u.hasLogin && (next.Pending == nil || next.Pending.Login == nil)
}

// pendingLogin returns the intent of the login in a document, or nil.
func pendingLogin(document []byte) *freshet.Pending {
	var d struct {
		PendingLogin *freshet.Pending `json:"pending_login"`
	}
	if json.Unmarshal(document, &d) != nil || d.PendingLogin == nil || d.PendingLogin.Login == nil {
		return nil
	}
	d.PendingLogin.Reply = nil // a document holds none
	return d.PendingLogin
}

// completeLogin gives a journalled login the registration that it leads to: the one in the connection's document, or else,
// for a plain token file and for the login of another connection that shares the file, the registration of c itself.
func completeLogin(p *freshet.Pending, at place, c freshet.Connection) error {
	p.Login.Registration = c.Registration
	p.Login.Registration.Client.Secret = ""
	if at.document == "" {
		return nil
	}
	_, document, err := readDocument(at)
	if err != nil {
		return fmt.Errorf("reading the pending login of %s: %w", at.name, err)
	}
	defer document.Close()
	if kept := pendingLogin(document.content); kept != nil && sameIntent(kept, p) {
		p.Login = kept.Login
	}
	return nil
}

func sameIntent(a, b *freshet.Pending) bool {
	return a.Since.Equal(b.Since) && a.Spent == b.Spent && a.Host == b.Host && a.PID == b.PID && a.Login.Name == b.Login.Name
}
