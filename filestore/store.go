package filestore

import (
	"context"
	"errors"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/freshet-dev/freshet"
)

// Store is a [freshet.Store] on token files. The zero value works; it remembers no health.
type Store struct {
	// Defaults is what the token files do not say: provider, client, endpoint and policy are taken from it.
	Defaults freshet.Connection

	// StateDir is where health and spills are kept. "" keeps none; [DefaultStateDir] is the usual place.
	StateDir string

	// RuntimeDir is a second place for spills, which may be gone after logout. "" is none.
	RuntimeDir string

	// Inherited is a lock that another process took with [Store.Hold] and passed on. Update uses it in place of one of
	// its own, and closes it.
	Inherited *os.File
}

var (
	_ freshet.Store = (*Store)(nil)
	_ freshet.Aside = (*Store)(nil)
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
func (s *Store) Get(_ context.Context, name string) (freshet.Connection, error) {
	path, err := resolve(name)
	if err != nil {
		return freshet.Connection{}, err
	}
	c, err := s.read(name, path)
	if err == nil {
		c.Unsettled = hasAbandonedReply(path, c.Token)
	}
	return c, err
}

// hasAbandonedReply is asked at every read, so that the usual answer must cost no more than a look for T.pending.
func hasAbandonedReply(path string, token freshet.Token) bool {
	if _, err := os.Lstat(path + ".pending"); err != nil {
		return false
	}
	p, err := readJournal(path + ".pending")
	if err != nil || p == nil || isLocked(path+".lock") {
		return false
	}
	return p.Reply != nil || p.Elsewhere != "" && p.Spent == token.RefreshTokenHash()
}

func (s *Store) read(name, path string) (freshet.Connection, error) {
	token, info, err := readToken(name, path)
	if err != nil {
		return freshet.Connection{}, err
	}
	c := s.Defaults
	c.Name, c.Token, c.Saved = name, token, info.ModTime()
	c.Health = s.readHealth(path, token)
	return c, nil
}

// List implements [freshet.Store]. Token files are found by their paths alone, so that there is nothing to list.
func (s *Store) List(context.Context) ([]freshet.Connection, error) { return nil, nil }

// Update implements [freshet.Store].
func (s *Store) Update(ctx context.Context, name string, change freshet.Change) error {
	if s.Inherited != nil {
		defer s.Inherited.Close() // whatever happens: nobody else will
	}
	path, err := resolve(name)
	if err != nil {
		return err
	}
	lock := s.Inherited
	if lock == nil {
		lock, err = takeLock(ctx, name, path)
	} else {
		err = checkLock(lock, name, path)
	}
	if err != nil {
		return err
	}
	// Closing is the only way to unlock: LOCK_UN would unlock for every process that shares the descriptor.
	defer lock.Close()
	u := &update{store: s, name: name, path: path}
	c, err := u.begin()
	if err != nil {
		return err
	}
	defer u.end()
	return change(context.WithoutCancel(ctx), c, u.save)
}

// Delete implements [freshet.Store]: it removes the token file, and its siblings but the lock.
func (s *Store) Delete(ctx context.Context, name string) error {
	path, err := resolve(name)
	if err != nil {
		return err
	}
	lock, err := takeLock(ctx, name, path)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := os.Remove(path); err != nil {
		return err
	}
	u := &update{store: s, name: name, path: path}
	u.end()
	for _, dir := range s.spillDirs() {
		err = errors.Join(err, removeIfThere(spillPath(dir, path)))
	}
	if s.StateDir != "" {
		err = errors.Join(err, removeIfThere(s.healthPath(path)))
	}
	return errors.Join(err, u.clearJournal())
}

// Hold is a token file locked by this process, so that the lock can be passed to another.
type Hold struct {
	Path       string             // resolved, so that the heir of the lock finds the same file
	Connection freshet.Connection // as read under the lock; Pending as a predecessor left it
	Lock       *os.File           // open in this process; a child that inherits it holds the lock too
}

// Close gives up this process's share of the lock.
func (h *Hold) Close() error { return h.Lock.Close() }

// LocksPass reports whether a lock can be passed to another process. On Windows it belongs to the process that took it.
const LocksPass = runtime.GOOS != "windows"

// Hold locks the token file and reads it. ctx ends the waiting.
func (s *Store) Hold(ctx context.Context, name string) (*Hold, error) {
	path, err := resolve(name)
	if err != nil {
		return nil, err
	}
	lock, err := takeLock(ctx, name, path)
	if err != nil {
		return nil, err
	}
	u := &update{store: s, name: name, path: path}
	c, err := u.begin()
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return &Hold{Path: path, Connection: c, Lock: lock}, nil
}

// resolve follows symbolic links, so that the siblings are those of the file itself.
func resolve(name string) (string, error) {
	path, err := filepath.EvalSymlinks(name)
	if err == nil {
		return filepath.Abs(path)
	}
	_, lstatErr := os.Lstat(name)
	switch {
	case errors.Is(err, os.ErrNotExist) && lstatErr == nil:
		return "", &freshet.Problem{Name: name, What: "the symbolic link leads to nothing", Remedy: "check what it should point to", Err: err}
	case errors.Is(err, os.ErrNotExist):
		return "", &freshet.Problem{Name: name, What: "no such file", Remedy: "give the path of a saved token response", Err: freshet.ErrNotFound}
	case strings.Contains(err.Error(), "too many links"):
		return "", &freshet.Problem{Name: name, What: "the symbolic link leads back to itself", Remedy: "check what it should point to", Err: err}
	}
	return "", &freshet.Problem{Name: name, What: "it cannot be read: " + cause(err), Remedy: "check the permissions of the file and of the directories above it", Err: err}
}

// cause is err without the path, which the message names already.
func cause(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	var l *os.LinkError
	if errors.As(err, &l) {
		return l.Err.Error()
	}
	return err.Error()
}
