package filestore

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/freshet-dev/freshet"
)

// newPrefix begins the name of a file that is being created. It gets its own name when it is whole, and is locked until
// then: one that is not was left by a process that was killed, and may hold a token.
const newPrefix = ".new-"

// createFile makes a whole file appear under its name, or returns [freshet.ErrExists].
func createFile(path string, content []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := createTemp(dir)
	if err != nil {
		return err
	}
	defer removeTemp(f) // the file keeps its other name
	err = ownerOnly(f)
	if err == nil {
		_, err = f.Write(content)
	}
	if err = errors.Join(err, f.Sync(), step("create.written")); err != nil {
		return err
	}
	// A link, unlike a rename, does not replace what another process creates at the same moment.
	err = os.Link(f.Name(), path)
	switch {
	case errors.Is(err, os.ErrExist):
		return freshet.ErrExists
	case err != nil:
		err = createInPlace(path, content) // a file system without hard links
	default:
		err = errors.Join(step("create.linked"), checkSame(f, path))
	}
	if errors.Is(err, os.ErrExist) {
		return freshet.ErrExists
	}
	return errors.Join(err, syncDir(path))
}

func checkSame(f *os.File, path string) error {
	ours, err := f.Stat()
	if err != nil {
		return err
	}
	named, err := os.Lstat(path)
	if err == nil && !os.SameFile(ours, named) {
		err = &os.PathError{Op: "create", Path: path, Err: errReplaced}
	}
	return err
}

func createInPlace(path string, content []byte) error {
	f, err := createExclusive(path)
	if err != nil {
		return err
	}
	err = ownerOnly(f)
	if err == nil {
		_, err = f.Write(content)
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// createTemp creates a file with a name of its own and locks it.
func createTemp(dir string) (*os.File, error) {
	for {
		f, err := os.CreateTemp(dir, newPrefix+"*")
		if err != nil {
			return nil, err
		}
		_ = lockFile(f) // where there are no locks, none is removed as abandoned either
		if checkSame(f, f.Name()) == nil {
			return f, nil
		}
		_ = f.Close() // it was taken for abandoned before it was locked
	}
}

func removeTemp(f *os.File) {
	_ = f.Close() // Windows removes no file that is open
	_ = os.Remove(f.Name())
}

// removeAbandoned removes the files that killed processes left while they created a connection, best effort.
func (s *Store) removeAbandoned() {
	if s.StateDir == "" {
		return
	}
	entries, _ := os.ReadDir(s.connectionsDir())
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), newPrefix) {
			continue
		}
		f, err := os.OpenFile(filepath.Join(s.connectionsDir(), entry.Name()), os.O_RDONLY|openNoFollow|openNonblock, 0)
		if err != nil {
			continue
		}
		if lockFile(f) == nil {
			removeTemp(f)
		} else {
			_ = f.Close()
		}
	}
}
