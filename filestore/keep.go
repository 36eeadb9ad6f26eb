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
func (s *Store) Create(_ context.Context, c freshet.Connection) error {
	if IsPath(c.Name) {
		if !sameRegistration(c, freshet.Connection{Registration: s.Defaults}) {
			return &freshet.Problem{
				Name: c.Name, Kind: oauth.Misconfigured, What: "a token file does not say who refreshes it",
				Remedy: "give the connection a name that is no path, or put the registration into the store's Defaults",
			}
		}
		return createFile(c.Name, c.Token.Bytes())
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
	return createFile(p.document, content)
}

// Prepare checks that a connection can be created. The error is a [*freshet.Problem] that names the directory.
func (s *Store) Prepare() error {
	dir := s.connectionsDir()
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		var f *os.File
		if f, err = createTemp(dir); err == nil {
			removeTemp(f)
		}
	}
	if err == nil {
		return nil
	}
	return &freshet.Problem{
		What: "connections cannot be kept in " + dir + ": " + cause(err), Remedy: "make it writable for this user, or set Store.StateDir to another directory", Err: err,
	}
}

// Names lists the names of the connections, also of those that cannot be read. It removes what killed processes left while
// they created one.
func (s *Store) Names() ([]string, error) {
	s.removeAbandoned()
	return s.names()
}

func (s *Store) names() ([]string, error) {
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
	names, err := s.names()
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
