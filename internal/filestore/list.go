package filestore

import (
	"cmp"
	"context"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet"
)

// Names lists the names of the connections, including those whose documents cannot be read.
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
