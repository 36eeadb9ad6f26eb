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
	"github.com/freshet-dev/freshet/internal/redact"
)

// Store is a [freshet.Store] on files. The zero value works with plain token files and remembers no
// failures: a restarted program sends a rejected refresh token again.
type Store struct {
	redact.Sealed

	// Defaults is the registration of plain token files, which hold none.
	Defaults freshet.Registration

	// StateDir holds connections, health and spills. [DefaultStateDir] is the usual one. If it is
	// "", there are no connections, and nothing is remembered of token files.
	StateDir string

	// RuntimeDir is a second directory for spills. It may be emptied at logout. "" means none.
	RuntimeDir string

	// Inherited is a lock that another process took with [Store.Hold] and passed on. The next Update
	// uses it instead of taking a lock, and closes it.
	Inherited *os.File

	removeOnce sync.Once // for removeAbandoned, when the first lock is taken
}

var (
	_ freshet.Store       = (*Store)(nil)
	_ freshet.Quarantiner = (*Store)(nil)
	_ freshet.CopyChecker = (*Store)(nil)
)

// DefaultStateDir returns $FRESHET_HOME, or else the freshet directory under the user's state
// directory: $XDG_STATE_HOME or ~/.local/state, on Windows %LocalAppData%. It returns "" if the
// user has no home directory.
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
		// A system service of root has no HOME. Without a state directory, a rejected token would
		// be sent again.
		self, err := user.Current()
		if err != nil || self.HomeDir == "" {
			return ""
		}
		home = self.HomeDir
	}
	return filepath.Join(home, ".local", "state", "freshet")
}

// DefaultRuntimeDir returns the freshet directory under $XDG_RUNTIME_DIR, or "" if that is not set.
func DefaultRuntimeDir() string {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "freshet")
	}
	return ""
}

// Path returns the file that holds the token of the connection, as an absolute path without
// symbolic links: a token file, or the connection's own document.
func (s *Store) Path(name string) (string, error) {
	at, err := s.locate(name)
	return at.path, err
}

// Get implements [freshet.Store]. It takes no lock and writes nothing.
func (s *Store) Get(ctx context.Context, name string) (freshet.Connection, error) {
	if u := updateFromContext(ctx); u != nil && u.name == name {
		return u.reread()
	}
	at, document, err := s.find(name)
	if err != nil {
		return freshet.Connection{}, err
	}
	dir, err := at.openDir()
	if err != nil {
		_ = document.Close()
		return freshet.Connection{}, unreadable(name, err)
	}
	defer dir.Close()
	c, saved, err := s.read(at, dir, document)
	if err != nil {
		return c, err
	}
	c.ReplyPending = hasAbandonedReply(at, dir, c.Token, saved.info)
	return c, saved.Close()
}

// hasAbandonedReply reports whether the provider's reply to a refresh of the token is saved, and no
// process is merging it. Every Get calls it, so the usual case costs one attempt to open T.pending.
func hasAbandonedReply(at location, dir *osfile.Dir, token freshet.Token, info fs.FileInfo) bool {
	p, err := readJournalIn(dir, at.sibling(".pending"), info)
	if err != nil || p == nil {
		return false
	}
	if locked, known := isLocked(dir, at.sibling(".lock")); locked || !known {
		return false // a user who may not open the lock cannot merge the reply either
	}
	return p.Reply != nil || p.SpilledTo != "" && p.Spent == token.RefreshTokenHash()
}

// read reads T, unless that is the document. T stays open unless there is an error.
func (s *Store) read(at location, dir *osfile.Dir, document found) (freshet.Connection, savedFile, error) {
	c := document.connection
	if at.inDocument() {
		return c, document.savedFile, nil
	}
	_ = document.Close()
	token, saved, err := readToken(at, dir)
	if err != nil {
		return freshet.Connection{}, savedFile{}, err
	}
	c.Token, c.Saved, c.Version = token, saved.info.ModTime(), hash(saved.content)
	s.recall(at.path, &c)
	return c, saved, nil
}

// Update implements [freshet.Store].
func (s *Store) Update(ctx context.Context, name string, change freshet.Change) error {
	if s.Inherited != nil {
		defer func() {
			_ = s.Inherited.Close()
			s.Inherited = nil
		}()
	}
	u, err := s.lock(ctx, name)
	if err != nil {
		return err
	}
	defer u.lock.Close() // also if change panics
	err = u.run(context.WithValue(context.WithoutCancel(ctx), updateKey{}, u), change)
	// Closing is the only way to unlock: LOCK_UN would unlock for every process that shares the
	// descriptor.
	err = errors.Join(err, u.lock.Close())
	// Now that T is unlocked: another process could lock the document first, and then wait for T.
	return errors.Join(err, u.layout.afterUnlock())
}

// updateKey is the context key of the *update that a change belongs to. The name may be given to
// another connection during the change; Get and Quarantine then still use the files that are locked.
type updateKey struct{}

func updateFromContext(ctx context.Context) *update {
	u, _ := ctx.Value(updateKey{}).(*update)
	return u
}

// lock locks T of the connection, or uses the lock that was passed on, and reads the connection. The
// caller closes the update.
func (s *Store) lock(ctx context.Context, name string) (*update, error) {
	for {
		at, document, err := s.find(name)
		if err != nil {
			return nil, err
		}
		if s.Inherited != nil {
			lock, err := inheritedLock(s.Inherited, at)
			if err != nil {
				_ = document.Close()
				return nil, err
			}
			return s.loadUpdate(at, lock, document)
		}
		_ = document.Close() // it may change before T is locked
		lock, err := takeLock(ctx, at)
		if errors.Is(err, errMoved) || errors.Is(err, fs.ErrNotExist) && !exists(at.path) {
			continue // it was removed or moved since find
		}
		if err != nil {
			return nil, err
		}
		if at.isFixed() {
			return s.loadUpdate(at, lock, document)
		}
		// While this process waited, the connection may have been moved to another file.
		now, document, err := s.find(name)
		if err == nil && now == at {
			if at.document != "" {
				s.removeOnce.Do(s.removeAbandoned)
			}
			return s.loadUpdate(at, lock, document)
		}
		_ = document.Close()
		if err := lock.Close(); err != nil {
			return nil, err
		}
	}
}

// Hold is a locked connection. Its lock can be passed to another process.
type Hold struct {
	redact.Hidden

	Connection freshet.Connection // as read under the lock, with what an interrupted refresh left in Pending
	Lock       *os.File           // a child process that inherits it holds the lock, too
}

// Close closes this process's descriptor of the lock.
func (h *Hold) Close() error { return h.Lock.Close() }

// LocksPass reports whether a lock can be passed to another process. On Windows it belongs to the
// process that took it.
const LocksPass = runtime.GOOS != "windows"

// Hold locks the connection and reads it. It waits for the lock until ctx ends.
func (s *Store) Hold(ctx context.Context, name string) (*Hold, error) {
	u, err := s.lock(ctx, name)
	if err != nil {
		return nil, err
	}
	_ = u.source.Close()
	u.dir.Close()
	return &Hold{Connection: u.initial, Lock: osfile.Release(u.lock.file)}, nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
