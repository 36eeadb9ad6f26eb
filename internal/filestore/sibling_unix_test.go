//go:build unix

package filestore_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/oauth"
)

// other is the user id of a user who is neither this one nor root.
const other = 65534

// plant creates what another user can create under the name of a sibling.
var plant = map[string]func(t *testing.T, path string){
	"a symbolic link": func(t *testing.T, path string) {
		victim(t, path)
		must(t, os.Symlink(path+"-victim", path))
	},
	"a hard link": func(t *testing.T, path string) {
		victim(t, path)
		must(t, os.Link(path+"-victim", path))
	},
	"a pipe":       func(t *testing.T, path string) { must(t, unix.Mkfifo(path, 0o666)) },
	"a directory":  func(t *testing.T, path string) { must(t, os.Mkdir(path, 0o777)) },
	"another file": func(t *testing.T, path string) { write(t, path, []byte("{}")); giveAway(t, path) },
}

func victim(t *testing.T, path string) { write(t, path+"-victim", []byte("not a token")) }

// giveAway gives the file to another user if this user may.
func giveAway(t *testing.T, path string) {
	t.Helper()
	if os.Geteuid() == 0 {
		must(t, os.Chown(path, other, other))
	}
}

// A planted file under the name of a sibling is not written to, and keeps its owner and mode.
func TestPlantedSiblings(t *testing.T) {
	for _, sibling := range []string{".lock", ".pending", ".next"} {
		for what, planted := range plant {
			t.Run(what+" as "+sibling, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "t.json")
				writeToken(t, path)
				planted(t, path+sibling)
				before := lstat(t, path+sibling)

				err := refresh(t, new(filestore.Store), path)

				unused := os.Geteuid() != 0 && what == "another file" // without root it belongs to this user
				if refused := sibling != ".next"; (err != nil) != refused && !unused {
					t.Errorf("refused: %v, want %v", err, refused)
				}
				if err != nil && !strings.Contains(err.Error(), "nothing was sent") {
					t.Errorf("the error does not say that nothing was sent: %v", err)
				}
				if content, err := os.ReadFile(path + sibling + "-victim"); err == nil &&
					string(content) != "not a token" {
					t.Errorf("the target of the link holds %q", content)
				}
				if now, err := os.Lstat(path + sibling); err == nil && os.SameFile(now, before) {
					if a, b := owner(before), owner(now); a != b || before.Mode() != now.Mode() {
						t.Errorf(
							"it was given away: owner %d, mode %v; before owner %d, mode %v",
							b, now.Mode(), a, before.Mode(),
						)
					}
				}
			})
		}
	}
}

func lstat(t *testing.T, path string) os.FileInfo {
	t.Helper()
	info, err := os.Lstat(path)
	must(t, err)
	return info
}

func owner(info os.FileInfo) uint32 { return info.Sys().(*syscall.Stat_t).Uid }

// During a request another user replaces a sibling or the token itself.
func TestSiblingsReplacedDuringRequest(t *testing.T) {
	const secret = "r-1"
	for name, swap := range map[string]func(t *testing.T, path string){
		"the journal":      func(t *testing.T, path string) { replaceByForeign(t, path+".pending") },
		"the next version": func(t *testing.T, path string) { replaceByForeign(t, path+".next") },
		"the token":        func(t *testing.T, path string) { replaceByForeign(t, path) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "t.json")
			writeToken(t, path)
			store := &filestore.Store{StateDir: filepath.Join(t.TempDir(), "state")}
			change := func(_ context.Context, c freshet.Connection, save freshet.Save) error {
				c.Pending = &freshet.Pending{Spent: c.Token.RefreshTokenHash(), Since: time.Now(), Host: "here", PID: 7}
				if err := save(c); err != nil {
					return err
				}
				swap(t, path)
				answered := *c.Pending
				answered.Received, answered.Reply = time.Now(), &oauth.Reply{
					Status: 200, Body: []byte(`{"access_token":"a-1","refresh_token":"` + secret + `"}`),
				}
				c.Pending = &answered
				_ = save(c) // the journal may be missing; the result is saved anyway
				merged, err := c.Token.Merge(answered.Reply.Body, time.Now())
				if err != nil {
					return err
				}
				c.Token, c.Pending = merged, nil
				return save(c)
			}
			err := store.Update(t.Context(), path, change)
			if unsaved := new(freshet.UnsavedError); err != nil && !errors.As(err, &unsaved) &&
				!errors.Is(err, freshet.ErrChanged) {
				t.Errorf("%v", err)
			}
			entries, _ := os.ReadDir(dir)
			for _, entry := range entries {
				file := filepath.Join(dir, entry.Name())
				content, _ := os.ReadFile(file)
				if os.Geteuid() == 0 && owner(lstat(t, file)) == other && strings.Contains(string(content), secret) {
					t.Errorf("the other user's %s holds the new token", entry.Name())
				}
			}
		})
	}
}

// replaceByForeign replaces a file by one that all users can write.
func replaceByForeign(t *testing.T, path string) {
	t.Helper()
	must(t, os.Remove(path))
	write(t, path, []byte(`{"access_token":"x","refresh_token":"y"}`))
	must(t, os.Chmod(path, 0o666))
	giveAway(t, path)
}

// A user who may read the token must not be able to hold its lock.
func TestLockIsPrivate(t *testing.T) {
	for name, prepare := range map[string]func(t *testing.T, path string){
		"new": func(*testing.T, string) {},
		"left by an earlier version": func(t *testing.T, path string) {
			write(t, path+".lock", nil)
			must(
				t, os.Chmod(path+".lock", 0o644),
			)
		},
		"left by an earlier run, 0600": func(t *testing.T, path string) { write(t, path+".lock", nil) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "t.json")
			writeToken(t, path)
			must(t, os.Chmod(path, 0o644))
			prepare(t, path)
			must(t, refresh(t, new(filestore.Store), path))
			if mode := lstat(t, path+".lock").Mode(); mode != 0o600 {
				t.Errorf("the lock's mode is %v", mode)
			}
			if mode := lstat(t, path).Mode(); mode != 0o644 {
				t.Errorf("the token's mode is %v", mode)
			}
		})
	}
}

// A document says which commands run and where secrets are sent. One that another user could have
// written is not read.
func TestDocumentThatOthersCanWriteIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, state, document string){
		"the document's group may write it": func(t *testing.T, _, document string) {
			must(
				t, os.Chmod(document, 0o620),
			)
		},
		"all users may write the directory": func(t *testing.T, _, document string) {
			must(
				t, os.Chmod(filepath.Dir(document), 0o703),
			)
		},
		"all users may write the state directory": func(t *testing.T, state, _ string) {
			must(
				t, os.Chmod(state, 0o777),
			)
		},
		"the document is another user's": func(t *testing.T, _, document string) {
			giveAwayOrChmod(t, document)
		},
		"the directory is another user's": func(t *testing.T, _, document string) {
			giveAwayOrChmod(
				t, filepath.Dir(document),
			)
		},
		"the state directory is another user's": func(t *testing.T, state, _ string) { giveAwayOrChmod(t, state) },
	} {
		t.Run(name, func(t *testing.T) {
			store := &filestore.Store{StateDir: filepath.Join(t.TempDir(), "state")}
			token, err := freshet.ParseToken([]byte(`{"access_token":"a","refresh_token":"r"}`))
			must(t, err)
			create(t, store, freshet.Connection{
				Name: "acme", Token: token, Registration: freshet.Registration{SecretFrom: "command:touch gotcha"},
			})
			if _, err := store.Get(t.Context(), "acme"); err != nil {
				t.Fatal(err)
			}
			spoil(t, store.StateDir, filepath.Join(store.StateDir, "connections", "acme.json"))
			_, err = store.Get(t.Context(), "acme")
			var p *freshet.SetupError
			if !errors.As(err, &p) || p.Kind != oauth.Misconfigured || !strings.Contains(p.What, "run commands") {
				t.Errorf("Get: %v", err)
			}
			err = store.Update(t.Context(), "acme", func(context.Context, freshet.Connection, freshet.Save) error {
				t.Error("it is updated")
				return nil
			})
			if !errors.As(err, &p) {
				t.Errorf("Update: %v", err)
			}
		})
	}
}

func giveAwayOrChmod(t *testing.T, path string) {
	t.Helper()
	if os.Geteuid() == 0 {
		giveAway(t, path)
		return
	}
	must(t, os.Chmod(path, lstat(t, path).Mode().Perm()|0o022))
}
