package filestore

import (
	"encoding/json"
	"fmt"

	"github.com/freshet-dev/freshet"
)

// A login changes the registration: the client, the server and the source of the client secret.
// Until the login ends, the new registration is in the connection's document, in the state
// directory. Other users may be able to write the journal. So that holds the reply only, and they
// cannot choose where the next refresh token goes or which command runs to get a secret.

// pendingLogin returns the intent of the login in a document, or nil.
func pendingLogin(document []byte) *freshet.Pending {
	var d struct {
		PendingLogin *freshet.Pending `json:"pending_login"`
	}
	if json.Unmarshal(document, &d) != nil || d.PendingLogin == nil || d.PendingLogin.Login == nil {
		return nil
	}
	d.PendingLogin.Reply = nil // only journals hold replies
	return d.PendingLogin
}

// completeLogin sets the registration of the login p, which was read from a journal. It is the one
// in the connection's document if that has the same login. Otherwise it is that of c: T is a plain
// token file, or another connection that shares T began the login.
func completeLogin(p *freshet.Pending, at location, c freshet.Connection) error {
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
	if saved := pendingLogin(document.content); saved != nil && sameIntent(saved, p) {
		p.Login = saved.Login
	}
	return nil
}

func sameIntent(a, b *freshet.Pending) bool {
	return a.Since.Equal(b.Since) && a.Spent == b.Spent && a.Host == b.Host && a.PID == b.PID &&
		a.Login.Name == b.Login.Name
}
