package filestore

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// A connection is deleted and created again during an update. The update uses the old token file,
// and the new connection keeps its token.
func TestUpdateUsesTheLockedFiles(t *testing.T) {
	dir := t.TempDir()
	store := &Store{StateDir: filepath.Join(dir, "state")}
	one, two := filepath.Join(dir, "one.json"), filepath.Join(dir, "two.json")
	for path, text := range map[string]string{
		one: `{"access_token":"a1","refresh_token":"r1"}`, two: `{"access_token":"a2","refresh_token":"r2"}`,
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	create := func(file string) {
		if err := store.Create(t.Context(), freshet.Connection{Name: "acme", TokenFile: file}); err != nil {
			t.Fatal(err)
		}
	}
	create(one)
	err := store.Update(t.Context(), "acme", func(ctx context.Context, c freshet.Connection, save freshet.Save) error {
		if err := store.Delete(t.Context(), "acme"); err != nil {
			t.Fatal(err)
		}
		create(two)
		if now, err := store.Get(ctx, "acme"); err == nil && now.Token.RefreshToken() != "r1" {
			t.Errorf("under the lock of one file, another was read")
		}
		c.Token = token(t, `{"access_token":"a1x","refresh_token":"r1x"}`)
		return save(c)
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{one: `"r1x"`, two: `"r2"`} {
		if data, err := os.ReadFile(path); err != nil || !bytes.Contains(data, []byte(want)) {
			t.Errorf("%s: %s, %v", filepath.Base(path), data, err)
		}
	}
}

// Members of a document that a person edits during an update are kept.
func TestUpdateKeepsConcurrentEdit(t *testing.T) {
	store := &Store{StateDir: t.TempDir()}
	c := freshet.Connection{
		Name: "acme", Token: token(t, verbatim), Registration: freshet.Registration{Client: oauth.Client{ID: "one"}},
	}
	if err := store.Create(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	path, err := store.Path("acme")
	if err != nil {
		t.Fatal(err)
	}
	err = store.Update(t.Context(), "acme", func(ctx context.Context, c freshet.Connection, save freshet.Save) error {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		edited := strings.Replace(string(data), `"id": "one"`, `"id": "two"`, 1)
		edited = strings.Replace(edited, `"name":`, `"note": "mine", "name":`, 1)
		if err := os.WriteFile(path, []byte(edited), 0o600); err != nil {
			t.Fatal(err)
		}
		now, err := store.Get(ctx, "acme") // as a refresh does before it saves
		if err != nil {
			t.Fatal(err)
		}
		c.Version, c.Registration, c.Token = now.Version, now.Registration, token(t, `{"access_token":"new"}`)
		return save(c)
	})
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"note": "mine"`, `"id": "two"`, `"access_token":"new"`} {
		if !bytes.Contains(data, []byte(want)) {
			t.Errorf("%s is missing in %s", want, data)
		}
	}
}

// While an update waits for the lock, the connection gets another token file, or a symbolic link to
// that replaces its own.
func TestUpdateLocatesConnectionUnderLock(t *testing.T) {
	dir := t.TempDir()
	store := &Store{StateDir: filepath.Join(dir, "state")}
	if err := store.Create(t.Context(), freshet.Connection{Name: "acme", Token: token(t, verbatim)}); err != nil {
		t.Fatal(err)
	}
	plain, file := filepath.Join(dir, "plain.json"), filepath.Join(dir, "t.json")
	for _, path := range []string{plain, file} {
		if err := os.WriteFile(path, []byte(`{"refresh_token":"`+path+`"}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, put := range map[string]func(path string) error{
		"acme": func(path string) error {
			content, err := newDocument(freshet.Connection{Name: "acme", TokenFile: file}).encode(nil)
			if err != nil {
				return err
			}
			return os.WriteFile(path, content, 0o600)
		},
		plain: func(path string) error { return os.Symlink(file, path) },
	} {
		path, err := store.Path(name)
		if err != nil {
			t.Fatal(err)
		}
		lock, err := tryLock(location{path: path})
		if err != nil {
			t.Fatal(err)
		}
		updated, waiting := make(chan error), make(chan struct{})
		go func() {
			ctx := noticing{t.Context(), sync.OnceFunc(func() { close(waiting) })}
			updated <- store.Update(ctx, name, func(_ context.Context, c freshet.Connection, _ freshet.Save) error {
				if string(c.Token.RefreshToken()) != file {
					t.Error("the connection was read from its old file:", name)
				}
				return nil
			})
		}()
		<-waiting
		if err := errors.Join(put(path+".new"), os.Rename(path+".new", path), lock.Close()); err != nil {
			t.Fatal(err)
		}
		if err := <-updated; err != nil {
			t.Error(name, err)
		}
	}
}

// noticing is a context that reports when Done is called.
type noticing struct {
	context.Context
	waits func()
}

func (n noticing) Done() <-chan struct{} {
	n.waits()
	return n.Context.Done()
}
