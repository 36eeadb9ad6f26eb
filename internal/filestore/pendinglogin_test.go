package filestore_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/oauth"
)

var ours = freshet.Registration{
	Client: oauth.Client{
		ID: "ours", Auth: oauth.AuthNone,
	}, Endpoints: oauth.Endpoints{Token: "https://auth.example.com/token"},
}

const loginReply = `{"access_token":"b","refresh_token":"s","expires_in":3600}`

// killedAfterReply leaves a login as a process does that is killed after it has written the reply
// to the journal.
func killedAfterReply(t *testing.T, store *filestore.Store, name string, to freshet.Registration) {
	t.Helper()
	err := store.Update(t.Context(), name, func(_ context.Context, c freshet.Connection, save freshet.Save) error {
		begun := freshet.Pending{
			Spent: c.Token.RefreshTokenHash(), Since: time.Now(), Host: "here", PID: 7,
			Login: &freshet.PendingLogin{Name: name, Registration: to},
		}
		c.Pending = &begun
		if err := save(c); err != nil {
			return err
		}
		answered := begun
		answered.Received, answered.Reply = time.Now(), &oauth.Reply{Status: 200, Body: []byte(loginReply)}
		c.Pending = &answered
		return save(c)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// shared returns a store with a connection whose token file other programs use, too.
func shared(t *testing.T) (store *filestore.Store, file string) {
	t.Helper()
	dir := t.TempDir()
	file = filepath.Join(dir, "t.json")
	write(t, file, []byte(`{"access_token":"a","refresh_token":"r"}`))
	store = &filestore.Store{StateDir: filepath.Join(dir, "state")}
	create(t, store, freshet.Connection{Name: "acme", TokenFile: file, Registration: ours})
	return store, file
}

func token1(t *testing.T, store *filestore.Store, name string) freshet.Connection {
	t.Helper()
	r := freshet.Refresher{Store: store}
	result, err := r.Token(t.Context(), name, freshet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return result.Connection
}

// Others may be able to write the journal. It holds the reply to a login, and nothing of the
// registration.
func TestJournalHasNoRegistration(t *testing.T) {
	to := ours
	to.SecretFrom, to.Scopes, to.Proxy = "command:pass show acme", []string{"all"}, "http://proxy.example.com:3128"
	for name, add := range map[string]func(t *testing.T) (store *filestore.Store, name, journal string){
		"a shared file": func(t *testing.T) (*filestore.Store, string, string) {
			store, file := shared(t)
			return store, "acme", file
		},
		"a plain file": func(t *testing.T) (*filestore.Store, string, string) {
			_, file := shared(t)
			return &filestore.Store{Defaults: to}, file, file
		},
		"a document": func(t *testing.T) (*filestore.Store, string, string) {
			store := &filestore.Store{StateDir: t.TempDir()}
			create(t, store, freshet.Connection{Name: "acme", Registration: ours})
			return store, "acme", filepath.Join(store.StateDir, "connections", "acme.json")
		},
	} {
		t.Run(name, func(t *testing.T) {
			store, name, file := add(t)
			killedAfterReply(t, store, name, to)
			journal, err := os.ReadFile(file + ".pending")
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(journal), loginReply) {
				t.Error("the reply is not in the journal")
			}
			for _, of := range []string{"pass show", "proxy.example.com", "auth.example.com", "scopes"} {
				if strings.Contains(string(journal), of) {
					t.Errorf("the journal holds %q of the registration", of)
				}
			}
		})
	}
}

// The next run completes the login with the registration in the connection's document, and removes
// it there.
func TestLoginIsCompletedFromDocument(t *testing.T) {
	store, file := shared(t)
	to := ours
	to.SecretFrom, to.Policy.AssumeTTL = "env:ACME_SECRET", 2*time.Hour
	killedAfterReply(t, store, "acme", to)
	c := token1(t, store, "acme")
	if c.Token.RefreshToken() != "s" || c.SecretFrom != "env:ACME_SECRET" || c.Policy.AssumeTTL != 2*time.Hour {
		t.Errorf("%v, %+v", c.Token.Names(), c.Registration)
	}
	saved, err := store.Get(t.Context(), "acme")
	if err != nil || saved.SecretFrom != "env:ACME_SECRET" {
		t.Errorf("saved is the secret from %q, %v", saved.SecretFrom, err)
	}
	document, err := os.ReadFile(filepath.Join(store.StateDir, "connections", "acme.json"))
	if err != nil || strings.Contains(string(document), "pending_login") {
		t.Errorf("the document still has the pending login, %v", err)
	}
	if _, err := os.Lstat(file + ".pending"); !os.IsNotExist(err) {
		t.Errorf("the journal is still there: %v", err)
	}
}

// A journal with a registration, as earlier versions or an attacker may write it, changes nothing
// but the token.
func TestPlantedLoginChangesNoRegistration(t *testing.T) {
	for name, of := range map[string]string{"the connection's own login": "acme", "another connection's": "evil"} {
		t.Run(name, func(t *testing.T) {
			store, file := shared(t)
			killedAfterReply(t, store, "acme", ours)
			plantRegistration(t, file+".pending", of)
			c := token1(t, store, "acme")
			saved, err := store.Get(t.Context(), "acme")
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range []freshet.Connection{c, saved} {
				if c.SecretFrom != "" || c.Endpoints != ours.Endpoints || c.Client != ours.Client || c.Proxy != "" {
					t.Errorf("the registration is %+v", c.Registration)
				}
			}
		})
	}
}

// A login in a journal may contain the intent of a refresh that was interrupted before it. That is
// written again when the login fails. A registration in it is ignored, too.
func TestPlantedLoginInsideLoginChangesNoRegistration(t *testing.T) {
	store, file := shared(t)
	c, err := store.Get(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	evil := ours
	evil.SecretFrom = "command:touch gotcha"
	inner := freshet.Pending{
		Spent: c.Token.RefreshTokenHash(), Since: time.Now().UTC().Round(0), Host: "here", PID: 7,
		Login: &freshet.PendingLogin{Name: "acme", Registration: evil},
	}
	outer := inner
	outer.Login = &freshet.PendingLogin{Name: "acme", Before: &inner}
	refused := oauth.Reply{Status: 400, ContentType: "application/json", Body: []byte(`{"error":"invalid_grant"}`)}
	write(t, file+".pending", filestore.EncodeJournal(t, outer, refused))
	token1(t, store, "acme")
	write(t, file+".pending", filestore.EncodeJournal(t, inner, oauth.Reply{Status: 200, Body: []byte(loginReply)}))
	token1(t, store, "acme")
	if saved, err := store.Get(t.Context(), "acme"); err != nil || saved.SecretFrom != "" {
		t.Errorf("the secret comes from %q, %v", saved.SecretFrom, err)
	}
	document, err := os.ReadFile(filepath.Join(store.StateDir, "connections", "acme.json"))
	if err != nil || strings.Contains(string(document), "gotcha") {
		t.Errorf("the document has the planted registration, %v:\n%s", err, document)
	}
}

// plantRegistration adds a registration to the login in the journal. The reply stays valid.
func plantRegistration(t *testing.T, journal, name string) {
	t.Helper()
	data, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	var intent freshet.Pending
	line, _, _ := strings.Cut(string(data), "\n")
	if err := json.Unmarshal([]byte(line), &intent); err != nil {
		t.Fatal(err)
	}
	intent.Login = &freshet.PendingLogin{Name: name, Registration: freshet.Registration{
		Client: oauth.Client{ID: "evil"}, SecretFrom: "command:touch gotcha", Proxy: "http://evil.example.com:1",
		Endpoints: oauth.Endpoints{Token: "https://evil.example.com/token"},
	}}
	reply := oauth.Reply{Status: 200, Body: []byte(loginReply)}
	write(t, journal, filestore.EncodeJournal(t, intent, reply))
}

// If the connection got another client during a login, the reply is not used. It is set aside.
func TestLoginIsNotAdoptedAfterClientChanged(t *testing.T) {
	store, file := shared(t)
	to := ours
	to.Policy.AssumeTTL = time.Hour
	killedAfterReply(t, store, "acme", to)
	changeDocument(t, store, "acme", `"id": "ours"`, `"id": "moved"`)
	r := freshet.Refresher{Store: store}
	result, err := r.Token(t.Context(), "acme", freshet.Options{})
	c := result.Connection
	if err == nil && result.Warning == nil && c.Token.RefreshToken() != "r" || c.Client.ID != "moved" {
		t.Errorf("adopted: %v, client %q, %v", c.Token.Names(), c.Client.ID, err)
	}
	if lost, _ := filepath.Glob(file + ".lost-*"); len(lost) != 1 {
		t.Errorf("set aside: %v", lost)
	}
}

func changeDocument(t *testing.T, store *filestore.Store, name, from, to string) {
	t.Helper()
	path := filepath.Join(store.StateDir, "connections", name+".json")
	data, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(data), from) {
		t.Fatalf("%s is not in the document: %v", from, err)
	}
	write(t, path, []byte(strings.Replace(string(data), from, to, 1)))
}
