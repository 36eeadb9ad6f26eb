package filestore

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

// Create implements [freshet.Store]. If the connection's name is a path, it creates a plain token
// file, which cannot hold a registration other than [Store.Defaults].
func (s *Store) Create(_ context.Context, c freshet.Connection) error {
	dir, name, content, err := s.newFile(c)
	if err != nil {
		return err
	}
	defer dir.Close()
	err = createFile(dir, name, content)
	if err != nil && !errors.Is(err, freshet.ErrExists) && !IsPath(c.Name) {
		err = s.uncreatable(err)
	}
	if err != nil {
		return err
	}
	s.indexHolder(c)
	return nil
}

// newFile returns the directory, name and content of the file that Create creates.
func (s *Store) newFile(c freshet.Connection) (dir *osfile.Dir, name string, content []byte, err error) {
	if IsPath(c.Name) {
		if !sameRegistration(c, freshet.Connection{Registration: s.Defaults}) {
			return nil, "", nil, &freshet.SetupError{
				Name: c.Name, Kind: oauth.Misconfigured, What: "a token file cannot hold a registration",
				Remedy: "give the connection a name instead of a path, " +
					"or put the registration into the store's Defaults",
			}
		}
		parent := filepath.Dir(c.Name)
		if err := os.MkdirAll(parent, 0o700); err != nil {
			return nil, "", nil, err
		}
		resolved, err := resolve(parent)
		if err != nil {
			return nil, "", nil, err
		}
		dir, err = osfile.OpenDirNoFollow(resolved)
		return dir, filepath.Base(c.Name), c.Token.Bytes(), err
	}
	at, err := s.documentLocation(c.Name)
	if err != nil {
		return nil, "", nil, err
	}
	if c.TokenFile != "" {
		if c.TokenFile, err = filepath.Abs(c.TokenFile); err != nil {
			return nil, "", nil, err
		}
	}
	if c.Saved.IsZero() {
		c.Saved = time.Now()
	}
	if content, err = newDocument(c).encode(nil); err != nil {
		return nil, "", nil, err
	}
	s.removeAbandoned()
	if dir, err = createDir(s.connectionsDir()); err != nil {
		err = s.uncreatable(err)
	}
	return dir, filepath.Base(at.document), content, err
}

// Replace replaces the connection that has the name of c, in one step. It waits for the lock as
// Update does. It returns [freshet.ErrNotFound] if there is none, and a [*freshet.SetupError] if a
// refresh or login of the old one is pending, because its reply would be lost. c.Saved is when its
// token was saved, and c.TokenFile is an absolute path or "".
func (s *Store) Replace(ctx context.Context, c freshet.Connection) error {
	err := s.replace(ctx, c)
	if err == nil {
		s.indexHolder(c)
	}
	return err
}

func (s *Store) replace(ctx context.Context, c freshet.Connection) error {
	u, err := s.lock(ctx, c.Name)
	if err != nil {
		return err
	}
	defer u.lock.Close()
	defer u.source.Close()
	old := u.initial
	if old.Pending != nil {
		return &freshet.SetupError{
			Name: c.Name, Kind: oauth.Temporary,
			What:   "a refresh or login of this connection was interrupted, and its result would be lost",
			Remedy: oauth.Remedyf("%s first, or remove the connection: {delete}", EndPending(old.Pending)),
		}
	}
	if u.inDocument() {
		content, err := newDocument(c).encode(u.content)
		if err != nil {
			return err
		}
		defer u.close()
		return u.write(content, old.Version)
	}
	// T keeps the old token, so its lock is not needed any more.
	if err := u.lock.Close(); err != nil {
		return err
	}
	return s.rewriteDocument(ctx, u.location, func(old *freshet.Connection) error {
		*old = c
		return nil
	})
}

// Prepare checks that a connection can be created, and that there is space for a token. The error is a
// [*freshet.SetupError] that names the directory.
func (s *Store) Prepare() error {
	dir, err := createDir(s.connectionsDir())
	if err == nil {
		defer dir.Close()
		var f *osfile.File
		var name string
		if f, name, err = createTemp(dir); err == nil {
			err = osfile.Allocate(f, spare)
			removeTemp(dir, f, name)
		}
	}
	if err == nil {
		return nil
	}
	return s.uncreatable(err)
}

// uncreatable explains why no connection can be created.
func (s *Store) uncreatable(err error) error {
	p := &freshet.SetupError{
		What:   "cannot create connections in " + s.connectionsDir() + ": " + text.Cause(err),
		Remedy: "make it writable for this user, or {set state_dir}: another directory", Err: err,
	}
	switch {
	case errors.Is(err, syscall.EROFS):
		p.Remedy = "mount it writable, or {set state_dir}: another directory"
	case osfile.IsNoSpace(err):
		p.Remedy = "free some space on that file system"
	}
	return p
}

// createFile creates a file with its content in one step. It returns [freshet.ErrExists] if the
// name is taken.
func createFile(dir *osfile.Dir, name string, content []byte) error {
	f, temp, err := createTemp(dir)
	if err != nil {
		return err
	}
	defer removeTemp(dir, f, temp)
	if err := writeNew(f, content); err != nil {
		return err
	}
	if err := failpoint("create.written"); err != nil {
		return err
	}
	// A rename would replace a file that another process creates at the same moment. A link does
	// not.
	switch err = dir.Link(temp, name); {
	case err == nil:
		err = errors.Join(failpoint("create.linked"), checkName(dir, name, f))
	case !errors.Is(err, fs.ErrExist):
		err = createInPlace(dir, name, content) // the file system has no hard links
	}
	if errors.Is(err, fs.ErrExist) {
		return freshet.ErrExists
	}
	return errors.Join(err, dir.Sync())
}

func createInPlace(dir *osfile.Dir, name string, content []byte) error {
	f, err := dir.Create(name)
	if err != nil {
		return err
	}
	if err := errors.Join(writeNew(f, content), f.Close()); err != nil {
		return errors.Join(err, dir.Remove(name))
	}
	return nil
}

func writeNew(f *osfile.File, content []byte) error {
	if err := osfile.MakePrivate(f); err != nil {
		return err
	}
	_, err := f.Write(content)
	return errors.Join(err, f.Sync())
}

func checkName(dir *osfile.Dir, name string, f *osfile.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return dir.CheckName(name, info)
}

// tempPrefix begins the names of files that are being created. They are locked until they get their
// final name. One that is not locked was left by a process that was killed. It may hold a token.
const tempPrefix = ".new-"

// createTemp creates a file with a random name and locks it.
func createTemp(dir *osfile.Dir) (f *osfile.File, name string, err error) {
	for {
		name = tempPrefix + strconv.FormatUint(rand.Uint64(), 36)
		f, err = dir.Create(name)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, "", err
		}
		_ = osfile.TryLock(f) // on a file system without locks, removeAbandoned removes nothing
		if checkName(dir, name, f) == nil {
			return f, name, nil
		}
		_ = f.Close() // removeAbandoned of another process removed it before it was locked
	}
}

func removeTemp(dir *osfile.Dir, f *osfile.File, name string) {
	_ = f.Close() // first, because Windows does not remove open files
	_ = dir.Remove(name)
}

// removeAbandoned removes the files that killed processes left while they created a connection.
// Errors are ignored.
func (s *Store) removeAbandoned() {
	for _, path := range s.AbandonedFiles() {
		f, err := osfile.Open(path)
		if err != nil {
			continue
		}
		abandoned := osfile.TryLock(f) == nil
		_ = f.Close()
		if abandoned {
			_ = osfile.Remove(path)
		}
	}
}

// AbandonedFiles lists the files that are left if creating a connection is interrupted, as absolute
// paths. They may hold tokens. The next update removes them. A connection that is being created at
// the moment is listed, too.
func (s *Store) AbandonedFiles() []string {
	if s.StateDir == "" {
		return nil
	}
	var found []string
	entries, _ := os.ReadDir(s.connectionsDir())
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), tempPrefix) {
			found = append(found, filepath.Join(s.connectionsDir(), entry.Name()))
		}
	}
	return found
}
