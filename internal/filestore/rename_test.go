package filestore

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
)

func keep(*freshet.Registration) {}

// renamed makes the state of an interrupted rename of acme to corp, as [Store.Rename] leaves it after
// the step.
func renamed(t *testing.T, s *Store, step string) {
	t.Helper()
	at := func(name string) string { return filepath.Join(s.connectionsDir(), name+".json") }
	content, err := os.ReadFile(at("acme"))
	if err != nil {
		t.Fatal(err)
	}
	marked := strings.Replace(string(content), `"name": "acme",`, `"name": "acme", "renamed_to": "corp",`, 1)
	if err := os.WriteFile(at("acme"), []byte(marked), 0o600); err != nil {
		t.Fatal(err)
	}
	if step == "marked" {
		return
	}
	if err := os.Link(at("acme"), at("corp")); err != nil {
		t.Fatal(err)
	}
	if step == "removed" {
		if err := os.Remove(at("acme")); err != nil {
			t.Fatal(err)
		}
	}
}

// A process that is killed during a rename leaves one document. It can be read under each of its
// names, it is updated only if it has one, and the same command completes the rename.
func TestInterruptedRename(t *testing.T) {
	for _, test := range []struct {
		step      string
		readable  []string
		updatable []string
		again     error // of the same rename
	}{
		{"marked", []string{"acme"}, []string{"acme"}, nil},
		{"linked", []string{"acme", "corp"}, nil, nil},
		{"removed", []string{"corp"}, []string{"corp"}, freshet.ErrNotFound},
	} {
		t.Run(test.step, func(t *testing.T) {
			s := &Store{StateDir: t.TempDir()}
			if err := s.Create(t.Context(), freshet.Connection{Name: "acme", Token: token(t, verbatim)}); err != nil {
				t.Fatal(err)
			}
			renamed(t, s, test.step)
			for _, name := range []string{"acme", "corp"} {
				c, err := s.Get(t.Context(), name)
				if readable := slices.Contains(test.readable, name); (err == nil) != readable {
					t.Errorf("%s can be read: %v, want %v", name, err, readable)
				} else if readable && (c.Name != name || string(c.Token.Bytes()) != verbatim) {
					t.Errorf("%s is %+v", name, c)
				}
				err = announce(t, s, name)
				if updatable := slices.Contains(test.updatable, name); (err == nil) != updatable {
					t.Errorf("%s can be refreshed: %v, want %v", name, err, updatable)
				}
			}
			if err := s.Rename(t.Context(), "acme", "corp", keep); !errors.Is(err, test.again) {
				t.Errorf("the rename again: %v, want %v", err, test.again)
			}
			c, err := s.Get(t.Context(), "corp")
			if err != nil || string(c.Token.Bytes()) != verbatim {
				t.Errorf("%+v, %v", c, err)
			}
			if err := announce(t, s, "corp"); err != nil {
				t.Error(err)
			}
			if names, err := s.Names(); err != nil || !slices.Equal(names, []string{"corp"}) {
				t.Errorf("%v, %v", names, err)
			}
		})
	}
}

// announce begins a refresh and ends it.
func announce(t *testing.T, s *Store, name string) error {
	t.Helper()
	return s.Update(t.Context(), name, func(_ context.Context, c freshet.Connection, save freshet.Save) error {
		c.Pending = &freshet.Pending{Spent: c.Token.RefreshTokenHash(), Since: time.Now()}
		if err := save(c); err != nil {
			return err
		}
		c.Pending = nil
		return save(c)
	})
}

// A refresh or login that was interrupted has its reply under the old name.
func TestRenameRefusesPending(t *testing.T) {
	s := &Store{StateDir: t.TempDir()}
	if err := s.Create(t.Context(), freshet.Connection{Name: "acme", Token: token(t, verbatim)}); err != nil {
		t.Fatal(err)
	}
	stop := errors.New("stop")
	err := s.Update(t.Context(), "acme", func(_ context.Context, c freshet.Connection, save freshet.Save) error {
		c.Pending = &freshet.Pending{Spent: c.Token.RefreshTokenHash(), Since: time.Now()}
		return errors.Join(save(c), stop)
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	err = s.Rename(t.Context(), "acme", "corp", keep)
	if problem, ok := errors.AsType[*freshet.SetupError](err); !ok || problem.Remedy != "{force} first" {
		t.Errorf("%v", err)
	}
	if names, err := s.Names(); err != nil || !slices.Equal(names, []string{"acme"}) {
		t.Errorf("%v, %v", names, err)
	}
}

// Replies that were set aside get the new name, too, so that status still names them.
func TestRenameTakesLostReplies(t *testing.T) {
	s := &Store{StateDir: t.TempDir()}
	if err := s.Create(t.Context(), freshet.Connection{Name: "acme", Token: token(t, verbatim)}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.connectionsDir(), "acme.json.lost-1"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Rename(t.Context(), "acme", "corp", keep); err != nil {
		t.Fatal(err)
	}
	var found []string
	entries, _ := os.ReadDir(s.connectionsDir())
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".lock") {
			found = append(found, entry.Name())
		}
	}
	if want := []string{"corp.json", "corp.json.lost-1"}; !slices.Equal(found, want) {
		t.Errorf("%v, want %v", found, want)
	}
}

// A login saves its registration when it has unlocked the token file. A rename keeps what it saved.
func TestRenameKeepsALoginThatHasJustEnded(t *testing.T) {
	s := &Store{StateDir: t.TempDir()}
	file := filepath.Join(t.TempDir(), "t.json")
	if err := os.WriteFile(file, []byte(verbatim), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Create(t.Context(), freshet.Connection{Name: "acme", TokenFile: file}); err != nil {
		t.Fatal(err)
	}
	at, err := s.documentLocation("acme")
	if err != nil {
		t.Fatal(err)
	}
	lock, err := takeLock(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	renamed := make(chan error, 1)
	go func() { renamed <- s.Rename(context.Background(), "acme", "corp", keep) }()
	for { // until the rename has locked the token file
		other, err := tryLock(location{name: file, path: file})
		if err != nil {
			break
		}
		_ = other.Close()
		time.Sleep(time.Millisecond)
	}
	time.Sleep(50 * time.Millisecond) // it has read the document, and waits for its lock
	c, saved, err := readDocument(at)
	if err != nil {
		t.Fatal(err)
	}
	u := newUpdate(s, at, lock)
	u.source = saved
	c.Client.ID = "new"
	content, err := newDocument(c).encode(saved.content)
	if err == nil {
		err = u.write(content, hash(saved.content))
	}
	u.close()
	if err := errors.Join(err, lock.Close(), <-renamed); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(t.Context(), "corp"); err != nil || got.Client.ID != "new" {
		t.Errorf("the client is %q, %v", got.Client.ID, err)
	}
}
