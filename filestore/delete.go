package filestore

import (
	"bytes"
	"context"
	"errors"

	"github.com/freshet-dev/freshet/internal/osfile"
)

// Delete implements [freshet.Store]: it removes the connection's document, or the plain token file, and what is remembered
// of it. A token file that a connection points to is not touched.
func (s *Store) Delete(ctx context.Context, name string) error {
	s.removeAbandoned()
	p, err := s.deletable(name)
	if err != nil {
		return err
	}
	lock, err := takeLock(ctx, p)
	if err != nil {
		return err
	}
	defer lock.Close()
	return s.forget(p, lock.dir)
}

// Discard forgets a connection that came to nothing: it has no token, and nothing of it is pending. An empty token file goes
// with it if withFile says that it was made for the connection. Any other connection is left alone; that is no error.
func (s *Store) Discard(ctx context.Context, name string, withFile bool) error {
	p, lock, err := s.lock(ctx, name)
	if err != nil {
		return err
	}
	defer lock.Close()
	u := &update{store: s, place: p, dir: lock.dir}
	c, err := u.begin()
	_ = u.source.Close()
	if err != nil || c.Token.AccessToken() != "" || c.Token.RefreshToken() != "" || c.Pending != nil {
		return err
	}
	if p.hasToken() {
		return s.forget(p, lock.dir)
	}
	if withFile && bytes.Equal(bytes.TrimSpace(u.content), []byte("{}")) {
		err = s.forget(place{name: p.name, path: p.path}, lock.dir)
	}
	// Never both locks at once; and the document is no longer worth one when its token file is empty.
	return errors.Join(err, lock.Close(), s.Delete(ctx, name))
}

// forget removes what is at a place that is locked.
func (s *Store) forget(p place, dir *osfile.Dir) error {
	err := dir.Remove(p.sibling(""))
	if err != nil {
		return err
	}
	for _, suffix := range []string{".next", ".pending"} {
		err = errors.Join(err, dir.Remove(p.sibling(suffix)))
	}
	for _, dir := range s.spillDirs() {
		err = errors.Join(err, osfile.Remove(spillPath(dir, p.path)))
	}
	if s.StateDir != "" {
		err = errors.Join(err, osfile.Remove(s.healthPath(p.path)))
	}
	if p.document != "" {
		_ = dir.Remove(p.sibling(".lock")) // who waits for it finds that the connection is gone
		for _, name := range lostBeside(dir, p) {
			err = errors.Join(err, dir.Remove(name)) // they hold tokens, too
		}
	}
	return errors.Join(err, dir.Sync())
}

// deletable is what Delete removes. A document that cannot be read can be removed all the same.
func (s *Store) deletable(name string) (place, error) {
	if IsPath(name) {
		return s.locate(name)
	}
	p, err := s.documentPlace(name)
	if err == nil && !exists(p.document) {
		_, _, err = readDocument(p) // which says so
	}
	return p, err
}
