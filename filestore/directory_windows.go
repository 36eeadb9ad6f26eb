package filestore

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// directory is a directory by its path: its access control list keeps other users from it.
type directory struct{ path string }

func openDirectory(path string) (*directory, error) { return &directory{path}, nil }

func openResolved(path string) (*directory, error) { return &directory{path}, nil }

func (d *directory) close() {}

func (d *directory) join(name string) string { return filepath.Join(d.path, name) }

func (d *directory) open(name string, flags int) (*os.File, error) {
	return os.OpenFile(d.join(name), flags, 0o600)
}

func (d *directory) lstat(name string) (fs.FileInfo, error) { return os.Lstat(d.join(name)) }

// rename replaces to. A virus scanner or an editor may have it open for a moment, and Windows refuses then.
func (d *directory) rename(from, to string) error {
	var err error
	for pause := 5 * time.Millisecond; pause < time.Second; pause *= 2 {
		if err = os.Rename(d.join(from), d.join(to)); err == nil {
			return nil
		}
		time.Sleep(pause)
	}
	return err
}

func (d *directory) link(from, to string) error { return os.Link(d.join(from), d.join(to)) }

// remove removes a file. One that is not there is no error.
func (d *directory) remove(name string) error {
	if err := os.Remove(d.join(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// sync does nothing: NTFS journals the rename, and a directory cannot be synced.
func (d *directory) sync() error { return nil }

func (d *directory) names() []string {
	var names []string
	entries, _ := os.ReadDir(d.path)
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}
