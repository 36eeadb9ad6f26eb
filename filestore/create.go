package filestore

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
	"github.com/freshet-dev/freshet/oauth"
)

// Create implements [freshet.Store]. A connection whose name is a path becomes a plain token file, which has no room for a
// registration of its own.
func (s *Store) Create(ctx context.Context, c freshet.Connection) error {
	err := s.create(ctx, c)
	if err == nil {
		s.noteHolder(c)
	}
	return err
}

func (s *Store) create(_ context.Context, c freshet.Connection) error {
	if IsPath(c.Name) {
		if !sameRegistration(c, freshet.Connection{Registration: s.Defaults}) {
			return &freshet.Problem{
				Name: c.Name, Kind: oauth.Misconfigured, What: "a token file does not say who refreshes it",
				Remedy: "give the connection a name that is no path, or put the registration into the store's Defaults",
			}
		}
		dir, err := openNamed(c.Name)
		if err != nil {
			return err
		}
		defer dir.Close()
		return createFile(dir, filepath.Base(c.Name), c.Token.Bytes())
	}
	p, err := s.documentPlace(c.Name)
	if err != nil {
		return err
	}
	if c.TokenFile != "" {
		if c.TokenFile, err = filepath.Abs(c.TokenFile); err != nil {
			return err
		}
	}
	if c.Saved.IsZero() {
		c.Saved = time.Now()
	}
	content, err := newDocument(c).encode(nil)
	if err != nil {
		return err
	}
	s.removeAbandoned()
	dir, err := s.openConnections()
	if err != nil {
		return err
	}
	defer dir.Close()
	return createFile(dir, filepath.Base(p.document), content)
}

// openNamed opens the directory that a new token file is to be in, and creates it if there is none.
func openNamed(file string) (*osfile.Dir, error) {
	dir := filepath.Dir(file)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	resolved, err := resolve(dir)
	if err != nil {
		return nil, err
	}
	return osfile.OpenDirNoFollow(resolved)
}

func (s *Store) openConnections() (*osfile.Dir, error) {
	if err := os.MkdirAll(s.connectionsDir(), 0o700); err != nil {
		return nil, err
	}
	return osfile.OpenDir(s.connectionsDir())
}

// Prepare checks that a connection can be created. The error is a [*freshet.Problem] that names the directory.
func (s *Store) Prepare() error {
	dir, err := s.openConnections()
	if err == nil {
		defer dir.Close()
		var f *os.File
		var name string
		if f, name, err = createTemp(dir); err == nil {
			removeTemp(dir, f, name)
		}
	}
	if err == nil {
		return nil
	}
	return &freshet.Problem{
		What: "connections cannot be kept in " + s.connectionsDir() + ": " + cause(err), Remedy: "make it writable for this user, or set Store.StateDir to another directory", Err: err,
	}
}

// newPrefix begins the name of a file that is being created. It gets its own name when it is whole, and is locked until
// then: one that is not was left by a process that was killed, and may hold a token.
const newPrefix = ".new-"

// createFile makes a whole file appear under its name, or returns [freshet.ErrExists].
func createFile(dir *osfile.Dir, name string, content []byte) error {
	f, temp, err := createTemp(dir)
	if err != nil {
		return err
	}
	defer removeTemp(dir, f, temp) // the file keeps its other name
	err = osfile.MakePrivate(f)
	if err == nil {
		_, err = f.Write(content)
	}
	if err = errors.Join(err, f.Sync(), failpoint("create.written")); err != nil {
		return err
	}
	// A link, unlike a rename, does not replace what another process creates at the same moment.
	err = dir.Link(temp, name)
	switch {
	case errors.Is(err, os.ErrExist):
		return freshet.ErrExists
	case err != nil:
		err = createInPlace(dir, name, content) // a file system without hard links
	default:
		err = errors.Join(failpoint("create.linked"), checkName(dir, name, f))
	}
	if errors.Is(err, os.ErrExist) {
		return freshet.ErrExists
	}
	return errors.Join(err, dir.Sync())
}

func checkName(dir *osfile.Dir, name string, f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return dir.CheckName(name, info)
}

func createInPlace(dir *osfile.Dir, name string, content []byte) error {
	f, err := dir.Create(name)
	if err != nil {
		return err
	}
	err = osfile.MakePrivate(f)
	if err == nil {
		_, err = f.Write(content)
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, dir.Remove(name))
	}
	return nil
}

// createTemp creates a file with a name of its own and locks it.
func createTemp(d *osfile.Dir) (f *os.File, name string, err error) {
	for {
		name = newPrefix + strconv.FormatUint(rand.Uint64(), 36)
		f, err = d.Create(name)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return nil, "", err
		}
		_ = osfile.TryLock(f) // where there are no locks, none is removed as abandoned either
		if checkName(d, name, f) == nil {
			return f, name, nil
		}
		_ = f.Close() // it was taken for abandoned before it was locked
	}
}

func removeTemp(d *osfile.Dir, f *os.File, name string) {
	_ = f.Close() // Windows removes no file that is open
	_ = d.Remove(name)
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
		f, err := osfile.Open(filepath.Join(s.connectionsDir(), entry.Name()))
		if err != nil {
			continue
		}
		abandoned := osfile.TryLock(f) == nil
		_ = f.Close()
		if abandoned {
			_ = osfile.Remove(f.Name())
		}
	}
}
