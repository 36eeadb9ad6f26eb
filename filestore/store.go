package filestore

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
)

// Store is a [freshet.Store] on files. [New] makes the usual one. The zero value works on plain token files and remembers nothing: a
// program that is started again sends a refresh token that was refused once more.
type Store struct {
	// Defaults is what plain token files do not say: who asks, whom and how. Connections know that by themselves.
	Defaults freshet.Registration

	// StateDir is where connections, health and spills are kept. "" keeps none; [DefaultStateDir] is the usual place.
	StateDir string

	// RuntimeDir is a second place for spills, which may be gone after logout. "" is none.
	RuntimeDir string

	// Inherited is a lock that another process took with [Store.Hold] and passed on. Update uses it in place of one of
	// its own, and closes it.
	Inherited *os.File

	abandoned sync.Once // the first lock that is taken removes what killed processes left
}

// New returns a store with its directories at the usual places: connections, what is remembered of token files, and spills are kept
// in [DefaultStateDir].
func New(defaults freshet.Registration) *Store {
	return &Store{Defaults: defaults, StateDir: DefaultStateDir(), RuntimeDir: DefaultRuntimeDir()}
}

var (
	_ freshet.Store       = (*Store)(nil)
	_ freshet.Aside       = (*Store)(nil)
	_ freshet.CopyChecker = (*Store)(nil)
)

// DefaultStateDir returns $FRESHET_HOME, or else the freshet directory under the user's state directory:
// $XDG_STATE_HOME or ~/.local/state, on Windows %LocalAppData%. It is "" when the user has no home at all.
func DefaultStateDir() string {
	if dir := os.Getenv("FRESHET_HOME"); dir != "" {
		return dir
	}
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "freshet")
	}
	if runtime.GOOS == "windows" {
		if dir := os.Getenv("LocalAppData"); dir != "" {
			return filepath.Join(dir, "freshet")
		}
	}
	home, err := os.UserHomeDir()
	if err != nil {
		// A system service of root has no HOME. Without a place to remember failures, a refused token would be sent again.
		self, err := user.Current()
		if err != nil || self.HomeDir == "" {
			return ""
		}
		home = self.HomeDir
	}
	return filepath.Join(home, ".local", "state", "freshet")
}

// DefaultRuntimeDir returns the freshet directory under $XDG_RUNTIME_DIR, or "".
func DefaultRuntimeDir() string {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "freshet")
	}
	return ""
}

// Get implements [freshet.Store]. It reads T, the health and, if there is one, the journal; it writes nothing.
func (s *Store) Get(ctx context.Context, name string) (freshet.Connection, error) {
	if u := updateIn(ctx, name); u != nil {
		return u.reread()
	}
	p, err := s.locate(name)
	if err != nil {
		return freshet.Connection{}, err
	}
	dir, err := p.openDir()
	if err != nil {
		return freshet.Connection{}, unreadable(name, err)
	}
	defer dir.Close()
	c, saved, err := s.read(p, dir)
	if err != nil {
		return c, err
	}
	c.Unsettled = hasAbandonedReply(p, dir, c.Token, saved.info)
	return c, saved.Close()
}

// lockedUpdate is the key under which the context of a change has its update. Whatever becomes of the name meanwhile (the
// connection may be removed and created again), the change is about what was locked.
type lockedUpdate struct{}

// updateIn returns the update of the connection that ctx is of, or nil.
func updateIn(ctx context.Context, name string) *update {
	if u, ok := ctx.Value(lockedUpdate{}).(*update); ok && u.name == name {
		return u
	}
	return nil
}

// Path returns the file that holds the token of the connection, resolved and absolute: a token file, or the connection's own
// document.
func (s *Store) Path(name string) (string, error) {
	p, err := s.locate(name)
	return p.path, err
}

// hasAbandonedReply is asked at every read, so that the usual answer must cost no more than a look for T.pending.
func hasAbandonedReply(at place, dir *osfile.Dir, token freshet.Token, info fs.FileInfo) bool {
	f, err := dir.Open(at.sibling(".pending"), os.O_RDONLY)
	p, err := readJournal(f, err, info)
	if err != nil || p == nil {
		return false
	}
	if locked, known := isLocked(dir, at.sibling(".lock")); locked || !known {
		return false // without access to the lock this user could not adopt it either
	}
	return p.Reply != nil || p.Elsewhere != "" && p.Spent == token.RefreshTokenHash()
}

// read reads the connection, and the file that is to be replaced when it changes. The file stays open unless there is an error.
func (s *Store) read(p place, dir *osfile.Dir) (c freshet.Connection, saved savedFile, err error) {
	if p.document != "" {
		if c, saved, err = readDocument(p); err != nil {
			return c, savedFile{}, err
		}
		if err := p.still(c); err != nil {
			return c, savedFile{}, errors.Join(err, saved.Close())
		}
		if p.hasToken() {
			return c, saved, nil
		}
		_ = saved.Close() // the token is in another file
	} else {
		c = freshet.Connection{Name: p.name, Registration: s.Defaults, TokenFile: p.path}
	}
	f, err := dir.Open(p.sibling(""), os.O_RDONLY)
	if c.Token, saved, err = readToken(p.name, f, err); err != nil {
		return freshet.Connection{}, savedFile{}, err
	}
	saved.content = c.Token.Bytes()
	c.Saved, c.Version = saved.info.ModTime(), hash(saved.content)
	s.recall(p, &c)
	return c, saved, nil
}

// Update implements [freshet.Store].
func (s *Store) Update(ctx context.Context, name string, change freshet.Change) error {
	if s.Inherited != nil {
		defer s.Inherited.Close() // whatever happens: nobody else will
	}
	p, lock, err := s.lock(ctx, name)
	if err != nil {
		return err
	}
	u := &update{store: s, place: p, dir: lock.dir}
	err = u.run(context.WithValue(context.WithoutCancel(ctx), lockedUpdate{}, u), change)
	// Closing is the only way to unlock: LOCK_UN would unlock for every process that shares the descriptor.
	err = errors.Join(err, lock.Close())
	// Only now, with the lock of the token file given up: never both at once.
	return errors.Join(err, u.note())
}

// lock finds out where the connection is kept and locks that, or takes the lock that was passed on.
func (s *Store) lock(ctx context.Context, name string) (place, *heldLock, error) {
	for {
		p, err := s.locate(name)
		if err != nil {
			return place{}, nil, err
		}
		if s.Inherited != nil {
			lock, err := inheritedLock(s.Inherited, p)
			return p, lock, err
		}
		lock, err := takeLock(ctx, p)
		if errors.Is(err, fs.ErrNotExist) && !exists(p.path) {
			continue // it was there a moment ago: what is there now?
		}
		if err != nil {
			return place{}, nil, err
		}
		// While we waited, the connection may have been moved to another file.
		if now, err := s.locate(name); err == nil && now == p {
			if p.document != "" {
				s.abandoned.Do(s.removeAbandoned)
			}
			return p, lock, nil
		}
		if err := lock.Close(); err != nil {
			return place{}, nil, err
		}
	}
}

// Hold is a token file locked by this process, so that the lock can be passed to another.
type Hold struct {
	Connection freshet.Connection // as read under the lock; Pending as a predecessor left it
	Lock       *os.File           // open in this process; a child that inherits it holds the lock too
}

// Close gives up this process's share of the lock.
func (h *Hold) Close() error { return h.Lock.Close() }

// LocksPass reports whether a lock can be passed to another process. On Windows it belongs to the process that took it.
const LocksPass = runtime.GOOS != "windows"

// Hold locks the token file and reads it. ctx ends the waiting.
func (s *Store) Hold(ctx context.Context, name string) (*Hold, error) {
	p, lock, err := s.lock(ctx, name)
	if err != nil {
		return nil, err
	}
	u := &update{store: s, place: p, dir: lock.dir}
	c, err := u.begin()
	_ = u.source.Close()
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	lock.dir.Close()
	return &Hold{Connection: c, Lock: lock.file}, nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
