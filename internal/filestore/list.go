package filestore

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/text"
)

// Names lists the names of the connections, including those whose documents cannot be read.
func (s *Store) Names() ([]string, error) {
	if s.StateDir == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(s.connectionsDir())
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, &freshet.SetupError{
			What:   "this user may not read the directory of the connections, " + s.connectionsDir(),
			Remedy: "run the program as its owner, or {set state_dir}: another directory", Err: err,
		}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, &freshet.SetupError{
			What:   "the connections in " + s.connectionsDir() + " cannot be listed: " + text.Cause(err),
			Remedy: "check the disk and the path", Err: err,
		}
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

// List implements [freshet.Store]. It does not list plain token files, which the store does not
// know.
func (s *Store) List(ctx context.Context) ([]freshet.Connection, error) {
	names, err := s.Names()
	errs := []error{err}
	var all []freshet.Connection
	for _, name := range names {
		switch c, err := s.Get(ctx, name); {
		case err == nil:
			all = append(all, c)
		case !errors.Is(err, freshet.ErrNotFound): // else it was deleted meanwhile
			errs = append(errs, err)
		}
	}
	return all, errors.Join(errs...)
}
