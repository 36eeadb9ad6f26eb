package filestore

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/freshet-dev/freshet"
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
		defer dir.close()
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
	defer dir.close()
	return createFile(dir, filepath.Base(p.document), content)
}

// openNamed opens the directory that a new token file is to be in, and creates it if there is none.
func openNamed(file string) (*directory, error) {
	dir := filepath.Dir(file)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	resolved, err := resolve(dir)
	if err != nil {
		return nil, err
	}
	return openResolved(resolved)
}

func (s *Store) openConnections() (*directory, error) {
	if err := os.MkdirAll(s.connectionsDir(), 0o700); err != nil {
		return nil, err
	}
	return openDirectory(s.connectionsDir())
}

// Prepare checks that a connection can be created. The error is a [*freshet.Problem] that names the directory.
func (s *Store) Prepare() error {
	dir, err := s.openConnections()
	if err == nil {
		defer dir.close()
		var f *os.File
		var name string
		if f, name, err = dir.createTemp(); err == nil {
			dir.removeTemp(f, name)
		}
	}
	if err == nil {
		return nil
	}
	return &freshet.Problem{
		What: "connections cannot be kept in " + s.connectionsDir() + ": " + cause(err), Remedy: "make it writable for this user, or set Store.StateDir to another directory", Err: err,
	}
}

// Names lists the names of the connections, also of those that cannot be read.
func (s *Store) Names() ([]string, error) {
	if s.StateDir == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(s.connectionsDir())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if name, ok := connectionName(entry.Name()); ok {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b))
	})
	return names, nil
}

// List implements [freshet.Store]: it reads the connections. Plain token files are known by their paths alone.
func (s *Store) List(ctx context.Context) ([]freshet.Connection, error) {
	names, err := s.Names()
	errs := []error{err}
	var all []freshet.Connection
	for _, name := range names {
		c, err := s.Get(ctx, name)
		if err == nil {
			all = append(all, c)
		}
		errs = append(errs, err)
	}
	return all, errors.Join(errs...)
}
