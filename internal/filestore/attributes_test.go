//go:build unix

package filestore_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
)

func writeToken(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(`{"access_token":"a","refresh_token":"r"}`), 0o600); err != nil {
		t.Fatal(err)
	}
}

// refresh saves a new version of the token in the two steps of a refresh: first the intent.
func refresh(t *testing.T, store *filestore.Store, name string) error {
	t.Helper()
	return store.Update(t.Context(), name, func(_ context.Context, c freshet.Connection, save freshet.Save) error {
		c.Pending = &freshet.Pending{Spent: c.Token.RefreshTokenHash()}
		if err := save(c); err != nil {
			return err
		}
		merged, err := freshet.ParseToken([]byte(`{"access_token":"a2","refresh_token":"r2"}`))
		if err != nil {
			return err
		}
		c.Token, c.Pending = merged, nil
		return save(c)
	})
}

func TestRefreshKeepsModeAndAttributes(t *testing.T) {
	modes := []os.FileMode{0o600, 0o640, 0o644}
	if os.Geteuid() == 0 {
		modes = append(modes, 0o200) // only root can read it
	}
	for _, mode := range modes {
		path := filepath.Join(t.TempDir(), "t.json")
		writeToken(t, path)
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		xattrs := unix.Setxattr(path, "user.note", []byte("mine"), 0) == nil
		if err := refresh(t, new(filestore.Store), path); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("mode %v became %v, %v", mode, info.Mode(), err)
		}
		buf := make([]byte, 10)
		if n, err := unix.Getxattr(path, "user.note", buf); xattrs && (err != nil || string(buf[:n]) != "mine") {
			t.Errorf("the extended attribute is %q, %v", buf[:max(n, 0)], err)
		}
		checkOnlyLockIsLeft(t, path)
	}
}

func checkOnlyLockIsLeft(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := entry.Name(); name != filepath.Base(path) && name != filepath.Base(path)+".lock" {
			t.Errorf("%s is left behind", name)
		}
	}
}

func TestRefreshKeepsSymbolicLink(t *testing.T) {
	path, link := filepath.Join(t.TempDir(), "t.json"), filepath.Join(t.TempDir(), "link.json")
	writeToken(t, path)
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := refresh(t, new(filestore.Store), link); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is now %v, %v", info.Mode(), err)
	}
	if data, err := os.ReadFile(path); err != nil || !strings.Contains(string(data), "r2") {
		t.Errorf("its target holds %s, %v", data, err)
	}
	checkOnlyLockIsLeft(t, path)
}

func TestRefreshRefusesFileItCannotReplace(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, path string) error{
		"read-only":  func(_ *testing.T, path string) error { return os.Chmod(path, 0o400) },
		"hard links": func(_ *testing.T, path string) error { return os.Link(path, path+".other") },
		"that all users can write to": func(_ *testing.T, path string) error {
			return os.Chmod(filepath.Dir(path), 0o777|os.ModeSticky)
		},
		"not a regular file": func(_ *testing.T, path string) error { return os.Symlink("elsewhere", path+".lock") },
		"symbolic links":     func(_ *testing.T, path string) error { return os.Symlink("elsewhere", path+".pending") },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "t.json")
			writeToken(t, path)
			if err := spoil(t, path); err != nil {
				t.Fatal(err)
			}
			err := refresh(t, new(filestore.Store), path)
			var problem *freshet.SetupError
			if !errors.As(err, &problem) || problem.Remedy == "" || !strings.Contains(err.Error(), name) {
				t.Errorf("got %v", err)
			}
			if data, err := os.ReadFile(path); err != nil || strings.Contains(string(data), "r2") {
				t.Errorf("it was replaced: %s, %v", data, err)
			}
		})
	}
}
