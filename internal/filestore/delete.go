package filestore

import (
	"bytes"
	"context"
	"errors"

	"github.com/freshet-dev/freshet/internal/osfile"
)

// Delete implements [freshet.Store]: it removes the connection's document, or the plain token file,
// with its journal, spills and health. A token file that a connection points to stays. A document
// that cannot be read is removed, too.
func (s *Store) Delete(ctx context.Context, name string) error {
	s.removeAbandoned()
	var at location
	var err error
	if IsPath(name) {
		at, err = s.locate(name)
	} else if at, err = s.documentLocation(name); err == nil && !exists(at.document) {
		_, _, err = readDocument(at) // for its error
	}
	if err != nil {
		return err
	}
	lock, err := takeLock(ctx, at)
	if err != nil {
		return err
	}
	defer lock.Close()
	return s.remove(at, lock.dir)
}

// Discard removes a connection that has no token and no pending refresh or login. If withFile is
// true, an empty token file is removed, too: it was made for the connection. Other connections
// stay; that is no error.
func (s *Store) Discard(ctx context.Context, name string, withFile bool) error {
	u, err := s.lock(ctx, name)
	if err != nil {
		return err
	}
	defer u.lock.Close()
	_ = u.source.Close()
	c := u.initial
	if c.Token.AccessToken() != "" || c.Token.RefreshToken() != "" || c.Pending != nil {
		return nil
	}
	if u.inDocument() {
		return s.remove(u.location, u.dir)
	}
	if withFile && string(bytes.Join(bytes.Fields(u.content), nil)) == "{}" {
		err = s.remove(location{name: u.name, path: u.path}, u.dir)
	}
	// Unlocked first: no process waits for the lock of a document while it holds that of T.
	return errors.Join(err, u.lock.Close(), s.Delete(ctx, name))
}

// remove removes T and all that belongs to it. T is locked.
func (s *Store) remove(at location, dir *osfile.Dir) error {
	if err := dir.Remove(at.sibling("")); err != nil {
		return err
	}
	err := errors.Join(dir.Remove(at.sibling(".next")), dir.Remove(at.sibling(".pending")))
	for _, dir := range s.spillDirs() {
		err = errors.Join(err, osfile.Remove(spillPath(dir, at.path)))
	}
	if s.StateDir != "" {
		err = errors.Join(err, osfile.Remove(s.healthPath(at.path)))
	}
	if at.document != "" {
		_ = dir.Remove(at.sibling(".lock")) // a process that waits for it finds that the connection was removed
		for _, name := range lostReplies(dir, at) {
			err = errors.Join(err, dir.Remove(name)) // it may hold tokens
		}
	}
	return errors.Join(err, dir.Sync())
}
