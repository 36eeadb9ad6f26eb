//go:build unix

package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Another user may have created a file at the path of --trace. Nothing is written to it.
func TestTraceRefusesPlantedFiles(t *testing.T) {
	const other = 65534
	plants := map[string]func(path, victim string) error{
		"a symbolic link": func(path, victim string) error { return os.Symlink(victim, path) },
		"a hard link":     func(path, victim string) error { return os.Link(victim, path) },
		"a pipe":          func(path, _ string) error { return syscall.Mkfifo(path, 0o666) },
		"a directory":     func(path, _ string) error { return os.Mkdir(path, 0o777) },
	}
	if os.Geteuid() == 0 {
		plants["another user's file"] = func(path, _ string) error {
			if err := os.WriteFile(path, nil, 0o666); err != nil {
				return err
			}
			return os.Chown(path, other, other)
		}
	}
	for name, plant := range plants {
		t.Run(name, func(t *testing.T) {
			path, victim := filepath.Join(t.TempDir(), "trace"), filepath.Join(t.TempDir(), "victim")
			if err := os.WriteFile(victim, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := plant(path, victim); err != nil {
				t.Fatal(err)
			}
			if f, err := openTrace(path); err == nil {
				t.Errorf("it was opened: %v", f.Close())
			}
		})
	}
}

// A new file can be read only by this user.
func TestTraceOpensUsualFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trace")
	r, w, err := os.Pipe() // as a shell's >(command) does
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	for _, path := range []string{path, path, os.DevNull, fmt.Sprintf("/dev/fd/%d", w.Fd())} {
		f, err := openTrace(path)
		if err != nil {
			t.Error(err)
			continue
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
}
