package filestore

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
)

func TestDiscard(t *testing.T) {
	dir := t.TempDir()
	store := &Store{StateDir: filepath.Join(dir, "state")}
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	empty, others, shared := file("empty.json", "{}\n"), file("others.json", "{}\n"), file("shared.json", verbatim)
	for _, test := range []struct {
		connection freshet.Connection
		withFile   bool
		begin      bool // a login is pending
		gone       bool
		fileGone   bool
	}{
		{connection: freshet.Connection{Name: "nothing"}, gone: true},
		{connection: freshet.Connection{Name: "token", Token: token(t, verbatim)}},
		{connection: freshet.Connection{Name: "pending"}, begin: true},
		{connection: freshet.Connection{Name: "file", TokenFile: empty}, withFile: true, gone: true, fileGone: true},
		{connection: freshet.Connection{Name: "their-file", TokenFile: others}, gone: true},
		{connection: freshet.Connection{Name: "full-file", TokenFile: shared}, withFile: true},
	} {
		c := test.connection
		if err := store.Create(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if test.begin {
			begin := func(_ context.Context, c freshet.Connection, save freshet.Save) error {
				c.Pending = &freshet.Pending{Since: time.Now(), Login: &freshet.PendingLogin{Name: c.Name}}
				return save(c)
			}
			if err := store.Update(t.Context(), c.Name, begin); err != nil {
				t.Fatal(err)
			}
		}
		if err := store.Discard(t.Context(), c.Name, test.withFile); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		if _, err := store.Get(t.Context(), c.Name); errors.Is(err, freshet.ErrNotFound) != test.gone {
			t.Errorf("%s: %v, want gone %t", c.Name, err, test.gone)
		}
		if c.TokenFile != "" && exists(c.TokenFile) == test.fileGone {
			t.Errorf("%s: its file is gone: %t", c.Name, !test.fileGone)
		}
	}
}

// An update that waits for the lock of a connection that is then deleted returns ErrNotFound.
func TestUpdateOfConnectionThatIsDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &Store{StateDir: t.TempDir()}
		if err := store.Create(t.Context(), freshet.Connection{Name: "acme", Token: token(t, verbatim)}); err != nil {
			t.Fatal(err)
		}
		hold, err := store.Hold(t.Context(), "acme")
		if err != nil {
			t.Fatal(err)
		}
		waited := make(chan error)
		go func() {
			waited <- store.Update(
				t.Context(), "acme", func(context.Context, freshet.Connection, freshet.Save) error { return nil },
			)
		}()
		synctest.Wait() // it polls
		if err := errors.Join(os.Remove(filepath.Join(store.connectionsDir(), "acme.json")), hold.Close()); err != nil {
			t.Fatal(err)
		}
		if err := <-waited; !errors.Is(err, freshet.ErrNotFound) {
			t.Errorf("%v, want %v", err, freshet.ErrNotFound)
		}
	})
}
