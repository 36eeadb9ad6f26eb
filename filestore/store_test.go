package filestore_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/storetest"
)

func TestStore(t *testing.T) {
	storetest.Test(t, func(t *testing.T) storetest.Backend {
		dir := t.TempDir()
		store := &filestore.Store{StateDir: dir}
		return storetest.Backend{
			Store:  store,
			Lease:  100 * time.Millisecond, // a lock does not end, and so a short update shows as much as a long one
			Reopen: func(*testing.T) freshet.Store { return &filestore.Store{StateDir: dir} },
			Add: func(t *testing.T, c freshet.Connection) string {
				c.Name = "acme"
				if err := store.Create(t.Context(), c); err != nil {
					t.Fatal(err)
				}
				return c.Name
			},
			Overwrite: func(t *testing.T, name string, token freshet.Token) {
				c, err := store.Get(t.Context(), name)
				if err != nil {
					t.Fatal(err)
				}
				c.Token = token
				other := t.TempDir()
				if err := (&filestore.Store{StateDir: other}).Create(t.Context(), c); err != nil {
					t.Fatal(err)
				}
				document := filepath.Join("connections", "acme.json")
				if err := os.Rename(filepath.Join(other, document), filepath.Join(dir, document)); err != nil {
					t.Fatal(err)
				}
			},
			Names: []string{"none", "z-last", "a-first", "m.1", "m.2"},
		}
	})
}

// Defaults is the registration of a plain token file.
func TestDefaults(t *testing.T) {
	token, err := freshet.ParseToken([]byte(`{"access_token": "a1", "refresh_token": "r1"}`))
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "token.json")
	store := &filestore.Store{Defaults: freshet.Registration{Client: oauth.Client{ID: "app"}}}
	if err := store.Create(t.Context(), freshet.Connection{
		Name: name, Token: token, Registration: store.Defaults,
	}); err != nil {
		t.Fatal(err)
	}
	c, err := store.Get(t.Context(), name)
	if err != nil || c.Client.ID != "app" {
		t.Errorf("got client %q and error %v", c.Client.ID, err)
	}
}
