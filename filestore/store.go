package filestore

import (
	"context"
	"sync"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/internal/redact"
)

// Store is a [freshet.Store] on files. [New] returns one with the usual directories. The zero value
// works with plain token files and remembers no failures: a restarted program sends a rejected
// refresh token again. Set the fields before the first call of a method; later changes have no
// effect.
type Store struct {
	redact.Sealed

	// Defaults is the registration of plain token files, which hold none.
	Defaults freshet.Registration

	// StateDir holds connections, health and spills. [DefaultStateDir] is the usual one. If it is
	// "", there are no connections, and nothing is remembered of token files.
	StateDir string

	// RuntimeDir is a second directory for spills. It may be emptied at logout. "" means none.
	RuntimeDir string

	once  sync.Once
	files *filestore.Store // made from the fields at the first call
}

var (
	_ freshet.Store       = (*Store)(nil)
	_ freshet.Quarantiner = (*Store)(nil)
	_ freshet.CopyChecker = (*Store)(nil)
)

// New returns a store with the usual directories: connections, health and spills are kept in
// [DefaultStateDir]. If $XDG_RUNTIME_DIR is set, the directory freshet there is the second one for
// spills.
func New(defaults freshet.Registration) *Store {
	return &Store{Defaults: defaults, StateDir: DefaultStateDir(), RuntimeDir: filestore.DefaultRuntimeDir()}
}

// DefaultStateDir returns $FRESHET_HOME, or else the freshet directory under the user's state
// directory: $XDG_STATE_HOME or ~/.local/state, on Windows %LocalAppData%. It returns "" if the
// user has no home directory.
func DefaultStateDir() string { return filestore.DefaultStateDir() }

func (s *Store) store() *filestore.Store {
	s.once.Do(func() {
		s.files = &filestore.Store{Defaults: s.Defaults, StateDir: s.StateDir, RuntimeDir: s.RuntimeDir}
	})
	return s.files
}

// Get implements [freshet.Store]. It takes no lock and writes nothing.
func (s *Store) Get(ctx context.Context, name string) (freshet.Connection, error) {
	return s.store().Get(ctx, name)
}

// List implements [freshet.Store]. It does not list plain token files, which the store does not
// know.
func (s *Store) List(ctx context.Context) ([]freshet.Connection, error) {
	return s.store().List(ctx)
}

// Create implements [freshet.Store]. If the connection's name is a path, which ends in .json or
// contains a separator, it creates a plain token file, which cannot hold a registration other than
// [Store.Defaults].
func (s *Store) Create(ctx context.Context, c freshet.Connection) error {
	return s.store().Create(ctx, c)
}

// Update implements [freshet.Store].
func (s *Store) Update(ctx context.Context, name string, change freshet.Change) error {
	return s.store().Update(ctx, name, change)
}

// Delete implements [freshet.Store]: it removes the connection's document, or the plain token file,
// with its journal, spills and health. A token file that a connection points to stays. A document
// that cannot be read is removed, too.
func (s *Store) Delete(ctx context.Context, name string) error {
	return s.store().Delete(ctx, name)
}

// Quarantine implements [freshet.Quarantiner]. It writes the reply to T.lost-…, or to a spill
// directory. During an update the owner of T gets the file, so that the owner can read what a run
// as root set aside.
func (s *Store) Quarantine(ctx context.Context, name string, reply []byte) (path string, err error) {
	return s.store().Quarantine(ctx, name, reply)
}

// CheckCopies implements [freshet.CopyChecker] with the index in the state directory. It locks the
// other connections that have the same token until the update ends, so that only one of them can
// send it.
func (s *Store) CheckCopies(ctx context.Context, c freshet.Connection) (freshet.Copy, error) {
	return s.store().CheckCopies(ctx, c)
}
