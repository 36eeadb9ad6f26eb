package filestore_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/storetest"
)

// names are names of connections that do not exist.
var names = []string{"none", "z-last", "a-first", "m.1", "m.2"}

// shortUpdates is the lease of stores whose lock TestConnections tests for as long as a refresh may
// take. It is the same lock.
const shortUpdates = time.Second

func TestPlainTokenFiles(t *testing.T) {
	storetest.Test(t, func(t *testing.T) storetest.Backend {
		dir := t.TempDir()
		store := &filestore.Store{StateDir: filepath.Join(dir, "state")}
		return storetest.Backend{
			Store: store,
			Reopen: func(*testing.T) freshet.Store {
				return &filestore.Store{StateDir: store.StateDir, Defaults: store.Defaults}
			},
			Lease:      shortUpdates,
			TokensOnly: true,
			Add: func(t *testing.T, c freshet.Connection) string {
				c.Name = filepath.Join(dir, "token.json")
				store.Defaults = c.Registration
				create(t, store, c)
				return c.Name
			},
			Overwrite: func(t *testing.T, name string, token freshet.Token) { write(t, name, token.Bytes()) },
			Names: []string{
				dir + "/none.json", dir + "/z-last.json", dir + "/a-first.json", dir + "/m.1.json", dir + "/m.2.json",
			},
		}
	})
}

func TestConnections(t *testing.T) {
	storetest.Test(t, func(t *testing.T) storetest.Backend {
		dir := t.TempDir()
		store := &filestore.Store{StateDir: dir}
		return storetest.Backend{
			Store:  store,
			Reopen: func(*testing.T) freshet.Store { return &filestore.Store{StateDir: store.StateDir} },
			Add: func(t *testing.T, c freshet.Connection) string {
				c.Name = "acme"
				create(t, store, c)
				return c.Name
			},
			Overwrite: func(t *testing.T, name string, token freshet.Token) {
				c, err := store.Get(t.Context(), name)
				if err != nil {
					t.Fatal(err)
				}
				other := &filestore.Store{StateDir: t.TempDir()}
				c.Token = token
				create(t, other, c)
				document, err := os.ReadFile(filepath.Join(other.StateDir, "connections", "acme.json"))
				if err != nil {
					t.Fatal(err)
				}
				write(t, filepath.Join(dir, "connections", "acme.json"), document)
			},
			Names: names,
		}
	})
}

func TestConnectionsWithTokenFile(t *testing.T) {
	storetest.Test(t, func(t *testing.T) storetest.Backend {
		dir := t.TempDir()
		store := &filestore.Store{StateDir: filepath.Join(dir, "state")}
		file := filepath.Join(dir, "token.json")
		return storetest.Backend{
			Store:  store,
			Reopen: func(*testing.T) freshet.Store { return &filestore.Store{StateDir: store.StateDir} },
			Lease:  shortUpdates,
			Add: func(t *testing.T, c freshet.Connection) string {
				write(t, file, c.Token.Bytes())
				c.Name, c.TokenFile = "acme", file
				create(t, store, c)
				return c.Name
			},
			Overwrite: func(t *testing.T, _ string, token freshet.Token) { write(t, file, token.Bytes()) },
			Names:     names,
		}
	})
}

// A login replaces the tokens in a file that other programs use, and keeps its other members.
func TestAddKeepsUnknownMembersOfTokenFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "_salesforce.json")
	const before = "{\n  \"client_id\": \"theirs\",\n  \"my_own\": {\"x\": 1},\n" +
		"  \"access_token\": \"a\",\n  \"refresh_token\": \"r\"\n}\n"
	write(t, file, []byte(before))
	store := &filestore.Store{StateDir: filepath.Join(dir, "state")}
	create(t, store, freshet.Connection{Name: "acme", TokenFile: file})
	registration := freshet.Registration{
		Client: oauth.Client{ID: "ours"}, Endpoints: oauth.Endpoints{Token: "https://auth.example.com/token"},
	}
	keeper := freshet.NewKeeper(freshet.Config{Store: store})
	document := []byte(`{"access_token":"b","refresh_token":"s"}`)
	if err := keeper.Put(t.Context(), "acme", registration, document); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(file)
	if want := strings.NewReplacer(`"a"`, `"b"`, `"r"`, `"s"`).Replace(before); err != nil || string(after) != want {
		t.Errorf("the file is %s; %v", after, err)
	}
}

// The reply of an interrupted refresh is saved to the shared file before the connection gets
// another registration.
func TestConfigureSavesJournaledReplyFirst(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "t.json")
	write(t, file, []byte(`{"access_token":"a","refresh_token":"r"}`))
	store := &filestore.Store{StateDir: filepath.Join(dir, "state")}
	registration := freshet.Registration{
		Client: oauth.Client{ID: "ours"}, Endpoints: oauth.Endpoints{Token: "https://auth.example.com/token"},
	}
	create(t, store, freshet.Connection{Name: "acme", TokenFile: file, Registration: registration})
	err := store.Update(t.Context(), "acme", func(_ context.Context, c freshet.Connection, save freshet.Save) error {
		pending := freshet.Pending{Spent: c.Token.RefreshTokenHash(), Since: time.Now(), Host: "here", PID: 7}
		begun, answered := pending, pending
		answered.Received, answered.Reply = time.Now(), &oauth.Reply{
			Status: 200, Body: []byte(`{"access_token":"b","refresh_token":"s"}`),
		}
		c.Pending = &begun
		if err := save(c); err != nil {
			return err
		}
		c.Pending = &answered
		return save(c)
	})
	if err != nil {
		t.Fatal(err)
	}
	registration.Policy.AssumeTTL = time.Minute
	keeper := freshet.NewKeeper(freshet.Config{Store: store})
	if err := keeper.Configure(t.Context(), "acme", registration); err != nil {
		t.Fatal(err)
	}
	c, err := store.Get(t.Context(), "acme")
	if err != nil || c.Token.RefreshToken() != "s" || c.Policy.AssumeTTL != time.Minute || c.ReplyPending {
		t.Errorf("%v, %+v, unsettled %t, %v", c.Token.Names(), c.Policy, c.ReplyPending, err)
	}
	if spills := store.Spills(); len(spills) > 0 {
		t.Errorf("the reply is in %v, too", spills)
	}
}

func create(t *testing.T, store *filestore.Store, c freshet.Connection) {
	t.Helper()
	if err := store.Create(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
