//go:build unix

package filestore_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/oauth"
)

// Another user can write to the directory of a token, and renames, links and replaces files in it
// during an update.

const (
	newToken = "r-of-the-answer"
	result   = `{"access_token":"a-of-the-answer","refresh_token":"` + newToken + `"}`
)

// moments are the points of an update at which a test interferes.
type moments struct {
	read, announced, answered func() // after the token was read, the intent was written, the reply was written
}

// updateAt makes the update of a refresh or a login, and returns its error.
func updateAt(t *testing.T, store *filestore.Store, name string, login *freshet.PendingLogin, at moments) error {
	t.Helper()
	return store.Update(t.Context(), name, func(ctx context.Context, c freshet.Connection, save freshet.Save) error {
		call(at.read)
		c.Pending = &freshet.Pending{
			Spent: c.Token.RefreshTokenHash(), Since: time.Now(), Host: "here", PID: 7, Login: login,
		}
		if err := save(c); err != nil {
			return err
		}
		call(at.announced)
		answered := *c.Pending
		answered.Received, answered.Reply = time.Now(), &oauth.Reply{Status: 200, Body: []byte(result)}
		c.Pending = &answered
		_ = save(c) // a refresh saves the result anyway
		call(at.answered)
		if now, err := store.Get(ctx, name); err == nil {
			c.Token, c.Version = now.Token, now.Version
		}
		merged, err := c.Token.Merge(answered.Reply.Body, time.Now())
		if err != nil {
			return err
		}
		c.Token, c.Pending = merged, nil
		return save(c)
	})
}

// saveUnannounced saves a token without a journal, as for client credentials.
func saveUnannounced(t *testing.T, store *filestore.Store, name string) error {
	t.Helper()
	return store.Update(t.Context(), name, func(_ context.Context, c freshet.Connection, save freshet.Save) error {
		merged, err := c.Token.Merge([]byte(result), time.Now())
		if err != nil {
			return err
		}
		c.Token = merged
		return save(c)
	})
}

func call(f func()) {
	if f != nil {
		f()
	}
}

// wantPrivate checks that no file of the directory that holds the new token can be read by another
// user.
func wantPrivate(t *testing.T, dir string) {
	t.Helper()
	for path, info := range filesIn(t, dir) {
		content, _ := os.ReadFile(path)
		if strings.Contains(string(content), newToken) && (info.Mode().Perm()&0o077 != 0 || owner(info) == other) {
			t.Errorf("%s holds the new token and has mode %v and owner %d", path, info.Mode(), owner(info))
		}
	}
}

func filesIn(t *testing.T, dir string) map[string]fs.FileInfo {
	t.Helper()
	found := map[string]fs.FileInfo{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			found[path], err = entry.Info()
		}
		return err
	})
	must(t, err)
	return found
}

// The directory has another file of the same user, which all users may read. It is renamed to the
// token's name during an update. The new token must not become as readable.
func TestTokenReplacedByPublicFile(t *testing.T) {
	for name, of := range map[string]func(swap, back func()) moments{
		"before the journal is made": func(swap, back func()) moments {
			return moments{
				read: swap, announced: back,
			}
		},
		"when the next version is written": func(swap, _ func()) moments { return moments{answered: swap} },
		"from the beginning to the end":    func(swap, _ func()) moments { return moments{read: swap} },
		"while the request is in flight": func(swap, back func()) moments {
			return moments{
				announced: swap, answered: back,
			}
		},
		"before and after, but not between": func(swap, _ func()) moments {
			return moments{
				read: swap, announced: swap, answered: swap,
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path, public := filepath.Join(dir, "t.json"), filepath.Join(dir, "public.json")
			writeToken(t, path)
			write(t, public, []byte(`{"access_token":"known"}`))
			must(t, os.Chmod(public, 0o666))
			swap := func() {
				must(t, os.Rename(path, path+"-aside"))
				must(t, os.Rename(public, path))
				must(t, os.Rename(path+"-aside", public))
			}
			at := of(swap, swap)
			answered := at.answered
			at.answered = func() {
				wantPrivate(t, dir)
				call(answered)
			}
			_ = updateAt(t, &filestore.Store{
				StateDir: filepath.Join(t.TempDir(), "state"),
			}, path, nil, at) // it may fail
			wantPrivate(t, dir)
		})
	}
}

// A login saves a first token to a file without one. If others can replace that by another file of
// the user, its mode does not say who may read the token.
func TestFirstTokenIsPrivateIfOthersCanWrite(t *testing.T) {
	login := &freshet.PendingLogin{Name: "acme"}
	for name, c := range map[string]struct {
		directory, file, want fs.FileMode
		content               string
	}{
		"a directory of all users":                     {0o777, 0o644, 0o600, `{"name":"package"}`},
		"a directory of all users, a token is there":   {0o777, 0o640, 0o640, `{"refresh_token":"r"}`},
		"a directory of its owner":                     {0o755, 0o640, 0o640, `{}`},
		"a directory of its group, and a private file": {0o770, 0o400 | 0o200, 0o600, `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "t.json")
			write(t, file, []byte(c.content))
			must(t, os.Chmod(file, c.file))
			must(t, os.Chmod(dir, c.directory))
			store := &filestore.Store{StateDir: filepath.Join(t.TempDir(), "state")}
			create(t, store, freshet.Connection{Name: "acme", TokenFile: file, Registration: ours})
			must(t, updateAt(t, store, "acme", login, moments{answered: func() {
				if mode := lstat(t, file+".pending").Mode(); mode != c.want {
					t.Errorf("the journal's mode is %v, want %v", mode, c.want)
				}
			}}))
			if mode := lstat(t, file).Mode(); mode != c.want {
				t.Errorf("the token's mode is %v, want %v", mode, c.want)
			}
			write(t, file, []byte(c.content))
			must(t, os.Chmod(file, c.file))
			must(t, saveUnannounced(t, store, "acme"))
			if mode := lstat(t, file).Mode(); mode != c.want {
				t.Errorf("without a journal, the token's mode is %v, want %v", mode, c.want)
			}
		})
	}
}

// During the update the directory is renamed, and a symbolic link to another directory of the user
// gets its name.
func TestDirectoryReplacedByLink(t *testing.T) {
	for name, of := range map[string]func(swap func()) moments{
		"after the token was read":     func(swap func()) moments { return moments{read: swap} },
		"after the intent was written": func(swap func()) moments { return moments{announced: swap} },
		"after the reply":              func(swap func()) moments { return moments{answered: swap} },
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			dir, victims := filepath.Join(root, "dir"), filepath.Join(root, "victims")
			must(t, errors.Join(os.Mkdir(dir, 0o700), os.Mkdir(victims, 0o700)))
			path := filepath.Join(dir, "t.json")
			writeToken(t, path)
			store := &filestore.Store{StateDir: filepath.Join(t.TempDir(), "state")}
			must(t, updateAt(t, store, path, nil, of(func() {
				must(t, os.Rename(dir, dir+"-moved"))
				must(t, os.Symlink(victims, dir))
			})))
			if files := filesIn(t, victims); len(files) > 0 {
				t.Errorf("in the other directory are now %v", files)
			}
			saved, err := os.ReadFile(filepath.Join(dir+"-moved", "t.json"))
			if err != nil || !strings.Contains(string(saved), newToken) {
				t.Errorf("the new token is not where the old one was: %v", err)
			}
		})
	}
}

// Another program changes one digit of the token file during the request, and sets the time back.
func TestChangeOfSameSizeAndTimeIsSeen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.json")
	write(t, path, []byte(`{"access_token":"a","refresh_token":"r","n":1}`))
	at := moments{answered: func() {
		before := lstat(t, path)
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		must(t, err)
		_, err = f.WriteString(`{"access_token":"a","refresh_token":"r","n":2}`)
		must(t, errors.Join(err, f.Close(), os.Chtimes(path, before.ModTime(), before.ModTime())))
	}}
	must(t, updateAt(t, new(filestore.Store), path, nil, at))
	if saved, err := os.ReadFile(path); err != nil || !strings.Contains(string(saved), `"n":2`) {
		t.Errorf("it holds %s, %v", saved, err)
	}
}

// A lock file that is not empty belongs to another program, and keeps its mode.
func TestForeignLockFileKeepsMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.json")
	writeToken(t, path)
	write(t, path+".lock", []byte("of another program"))
	must(t, os.Chmod(path+".lock", 0o644))
	must(t, refresh(t, new(filestore.Store), path))
	if mode := lstat(t, path+".lock").Mode(); mode != 0o644 {
		t.Errorf("its mode is %v", mode)
	}
}

// Health decides when a token is refreshed. A health file that another user could have written is
// ignored, and a pipe does not block.
func TestPlantedHealthIsIgnored(t *testing.T) {
	for name, plant := range map[string]func(t *testing.T, path string){
		"a pipe": func(t *testing.T, path string) { must(t, unix.Mkfifo(path, 0o666)) },
		"a file that all can write": func(t *testing.T, path string) {
			write(t, path, []byte(`{"refresh_token_hash":"`+hashOf("r-0")+`","login_required":true}`))
			must(t, os.Chmod(path, 0o666))
		},
		"a link": func(t *testing.T, path string) {
			write(t, path+"-elsewhere", []byte(`{"refresh_token_hash":"`+hashOf("r-0")+`","login_required":true}`))
			must(t, os.Symlink(path+"-elsewhere", path))
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "t.json")
			write(t, path, []byte(`{"access_token":"a-0","refresh_token":"r-0"}`))
			store := &filestore.Store{StateDir: filepath.Join(t.TempDir(), "state")}
			health := filestore.HealthPath(store, path)
			must(t, os.MkdirAll(filepath.Dir(health), 0o700))
			plant(t, health)
			c, err := store.Get(t.Context(), path)
			if err != nil || c.Health.LoginRequired {
				t.Errorf("the planted health was used: %t, %v", c.Health.LoginRequired, err)
			}
			must(t, refresh(t, store, path))
		})
	}
}

func hashOf(refreshToken string) string {
	token, err := freshet.ParseToken([]byte(`{"refresh_token":"` + refreshToken + `"}`))
	if err != nil {
		panic(err)
	}
	return token.RefreshTokenHash()
}
