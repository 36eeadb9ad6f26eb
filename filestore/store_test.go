package filestore_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/storetest"
)

func TestStore(t *testing.T) {
	storetest.Test(t, func(t *testing.T) storetest.Backend {
		dir := t.TempDir()
		store := &filestore.Store{StateDir: filepath.Join(dir, "state")}
		return storetest.Backend{
			Store: store,
			Add: func(t *testing.T, c freshet.Connection) string {
				name := filepath.Join(dir, "token.json")
				if err := os.WriteFile(name, c.Token.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
				store.Defaults = c
				return name
			},
			Overwrite: func(t *testing.T, name string, token freshet.Token) {
				if err := os.WriteFile(name, token.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			},
			Missing: filepath.Join(dir, "nobody.json"),
		}
	})
}
