package filestore

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/freshet-dev/freshet"
)

// newPrefix begins the name of a file that is being created. It gets its own name when it is whole, and is locked until
// then: one that is not was left by a process that was killed, and may hold a token.
const newPrefix = ".new-"

// createFile makes a whole file appear under its name, or returns [freshet.ErrExists].
func createFile(dir *directory, name string, content []byte) error {
	f, temp, err := dir.createTemp()
	if err != nil {
		return err
	}
	defer dir.removeTemp(f, temp) // the file keeps its other name
	err = ownerOnly(f)
	if err == nil {
		_, err = f.Write(content)
	}
	if err = errors.Join(err, f.Sync(), step("create.written")); err != nil {
		return err
	}
	// A link, unlike a rename, does not replace what another process creates at the same moment.
	err = dir.link(temp, name)
	switch {
	case errors.Is(err, os.ErrExist):
		return freshet.ErrExists
	case err != nil:
		err = createInPlace(dir, name, content) // a file system without hard links
	default:
		err = errors.Join(step("create.linked"), dir.checkSame(f, name))
	}
	if errors.Is(err, os.ErrExist) {
		return freshet.ErrExists
	}
	return errors.Join(err, dir.sync())
}

func (d *directory) checkSame(f *os.File, name string) error {
	ours, err := f.Stat()
	if err != nil {
		return err
	}
	named, err := d.lstat(name)
	if err == nil && !os.SameFile(ours, named) {
		err = &os.PathError{Op: "create", Path: d.join(name), Err: errReplaced}
	}
	return err
}

func createInPlace(dir *directory, name string, content []byte) error {
	f, err := dir.create(name)
	if err != nil {
		return err
	}
	err = ownerOnly(f)
	if err == nil {
		_, err = f.Write(content)
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, dir.remove(name))
	}
	return nil
}

// createTemp creates a file with a name of its own and locks it.
func (d *directory) createTemp() (f *os.File, name string, err error) {
	for {
		name = newPrefix + strconv.FormatUint(rand.Uint64(), 36)
		f, err = d.create(name)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return nil, "", err
		}
		_ = lockFile(f) // where there are no locks, none is removed as abandoned either
		if d.checkSame(f, name) == nil {
			return f, name, nil
		}
		_ = f.Close() // it was taken for abandoned before it was locked
	}
}

func (d *directory) removeTemp(f *os.File, name string) {
	_ = f.Close() // Windows removes no file that is open
	_ = d.remove(name)
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
		f, err := openToRead(filepath.Join(s.connectionsDir(), entry.Name()))
		if err != nil {
			continue
		}
		abandoned := lockFile(f) == nil
		_ = f.Close()
		if abandoned {
			_ = removeIfThere(f.Name())
		}
	}
}
