package filestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
	"github.com/freshet-dev/freshet/oauth"
)

// Rename gives a connection another name, and its registration what change does to it. It waits for
// the lock as Update does. The token stays where it is, and no moment has two documents that could
// be refreshed apart:
//
//  1. The document gets the member renamed_to. It is still the document of the old name.
//  2. It gets its second name, as a hard link. Both names can be read. Neither can be refreshed,
//     because an update refuses a document with two names.
//  3. The old name is removed.
//  4. The document gets the new name as its member, and renamed_to is removed.
//
// After a crash, another Rename completes what was begun.
func (s *Store) Rename(ctx context.Context, from, to string, change func(*freshet.Registration)) error {
	target, err := s.documentLocation(to)
	if err != nil {
		return err
	}
	if err := CheckName(from); err != nil {
		return err
	}
	u, err := s.lock(ctx, from)
	if err != nil {
		return err
	}
	defer u.lock.Close()
	defer u.close()
	c := u.initial
	if c.Pending != nil {
		return &freshet.SetupError{
			Name: from, Kind: oauth.Temporary,
			What:   "a refresh or login of this connection was interrupted; nothing was changed",
			Remedy: oauth.Remedyf("%s first", EndPending(c.Pending)),
		}
	}
	document := u
	if !u.inDocument() {
		token := c.Token
		if document, c, err = s.lockDocument(ctx, u.location); err != nil {
			return err
		}
		defer document.lock.Close()
		defer document.close()
		c.Token = token
	}
	change(&c.Registration)
	if err := document.rename(c, target); err != nil {
		return err
	}
	c.Name = to
	s.indexHolder(c)
	if !u.inDocument() {
		target.path = u.path
	}
	// Step 4. If it fails, the next update does it.
	_ = s.rewriteDocument(ctx, target, func(*freshet.Connection) error { return nil })
	return nil
}

// lockDocument locks and reads the document of a connection whose token is in another file. A login or
// refresh that has unlocked that file may just have written the document.
func (s *Store) lockDocument(ctx context.Context, at location) (*update, freshet.Connection, error) {
	document := location{name: at.name, path: at.document, document: at.document}
	lock, err := takeLock(ctx, document)
	if err != nil {
		return nil, freshet.Connection{}, err
	}
	found, err := s.findAgain(at)
	if err != nil {
		return nil, freshet.Connection{}, errors.Join(err, lock.Close())
	}
	u := newUpdate(s, document, lock)
	u.source, u.content = found.savedFile, found.content
	return u, found.connection, nil
}

// rename gives the document another name: steps 1 to 3 of [Store.Rename]. u has locked it.
func (u *update) rename(c freshet.Connection, to location) error {
	from, next := u.sibling(""), to.sibling("")
	isLinked, err := u.hasName(next)
	if err != nil {
		return err
	}
	if !isLinked {
		d := newDocument(c)
		d.RenamedTo = to.name
		content, err := d.encode(u.content)
		if err == nil {
			err = u.write(content, hash(u.content))
		}
		if err == nil {
			err = failpoint("rename.marked")
		}
		if err != nil {
			return unwritable(u.name, u.path, err)
		}
		if err := u.link(from, next, to.name); err != nil {
			return err
		}
	}
	if err := failpoint("rename.linked"); err != nil {
		return err
	}
	lost := lostReplies(u.dir, u.location)
	if err := u.dir.Remove(from); err != nil {
		return unwritable(u.name, u.path, err)
	}
	if err := failpoint("rename.removed"); err != nil {
		return err
	}
	for _, name := range lost {
		_ = u.dir.Rename(name, next+strings.TrimPrefix(name, from)) // status names it, wherever it is
	}
	_ = u.dir.Remove(u.sibling(".lock")) // a process that waits for it finds that the connection was renamed
	return u.dir.Sync()
}

// hasName reports whether the document has this name already, because a rename was interrupted. It
// returns an error if another connection has it.
func (u *update) hasName(name string) (bool, error) {
	other, err := u.dir.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, unreadable(u.name, err)
	}
	own, err := u.dir.Lstat(u.sibling(""))
	if err != nil {
		return false, unreadable(u.name, err)
	}
	if !osfile.SameFile(own, other) {
		return false, nameTaken(name)
	}
	return true, nil
}

// link gives the document a second name, unless a connection has that name.
func (u *update) link(from, next, name string) error {
	err := u.dir.Link(from, next)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nameTaken(next)
	case err != nil && u.dir.Exists(next):
		return nameTaken(next)
	case err != nil: // the file system has no hard links
		err = u.dir.Rename(from, next)
	}
	if err != nil {
		return &freshet.SetupError{
			Name: u.name, What: fmt.Sprintf("it could not be renamed to %s: %v", name, err),
			Remedy: "check the disk and the directory", Err: err,
		}
	}
	return nil
}

// nameTaken returns the error for a file name that belongs to another connection.
func nameTaken(file string) error {
	name, _ := connectionName(file)
	return &freshet.SetupError{
		Name: name, What: "there is a connection of this name already; nothing was changed",
		Remedy: "choose another name, or remove that connection: {delete}", Err: freshet.ErrExists,
	}
}
