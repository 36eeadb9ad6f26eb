package filestore

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
)

// createNext creates T.next with room for size bytes and everything that belongs to T but its content, so that only the
// writing itself remains to be done when the reply is here.
func (u *update) createNext(size int64) error {
	u.removeNext() // left by a process that was killed while it held the lock
	f, err := u.dir.CreateNew(u.sibling(".next"))
	if err != nil {
		return err
	}
	if err = u.failpoint("next.reserve"); err == nil {
		err = errors.Join(osfile.Allocate(f, size), u.giveAttributes(f), f.Sync())
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	u.next = f
	return nil
}

func (u *update) removeNext() {
	u.closeNext()
	_ = u.dir.Remove(u.sibling(".next"))
}

func (u *update) closeNext() {
	if u.next != nil {
		_ = u.next.Close() // what counts was synced
		u.next = nil
	}
}

// replace puts the next version in T's place. The rename is the moment at which everybody sees it; if it cannot be
// made, the reply stays where it is safe, and the error names the place.
func (u *update) replace(next freshet.Connection) error {
	content, err := u.contentOf(next)
	switch {
	case err != nil:
	case u.isSaved(content):
		err = u.dir.Sync() // by an earlier attempt, whose end failed, or by somebody else
	default:
		err = u.write(content, next.Version)
	}
	if err != nil {
		return u.unsaved(err)
	}
	u.content = content
	if next.Pending == nil {
		// The token is safe: what is left of the journal would only be cleaned up by the next run.
		_ = u.clearJournal()
	}
	return failpoint("done")
}

func (u *update) isSaved(content []byte) bool {
	data, err := readFile(u.dir, u.sibling(""))
	return err == nil && bytes.Equal(data, content)
}

// write replaces the version that was read.
func (u *update) write(content []byte, version string) error {
	if err := u.writeNext(content, version); err != nil {
		return err
	}
	return u.renameNext()
}

func (u *update) unsaved(err error) error {
	place := u.spilled
	if place == "" && u.saved.Pending != nil && u.saved.Pending.Reply != nil {
		place = u.path + ".pending"
	}
	if dir := u.store.RuntimeDir; dir != "" && strings.HasPrefix(place, dir+string(filepath.Separator)) {
		err = fmt.Errorf("%w; and that place is emptied at logout", err)
	}
	return &freshet.UnsavedError{Name: u.name, Place: place, Err: err}
}

func (u *update) writeNext(data []byte, version string) error {
	if u.next == nil {
		// No refresh was announced in this process: it finishes what a predecessor began, with T's attributes of today.
		if err := errors.Join(u.checkReplaceable(), u.createNext(int64(len(data)))); err != nil {
			return err
		}
	}
	f := u.next
	if err := u.failpoint("next.write"); err != nil {
		return err
	}
	if _, err := f.WriteAt(data, 0); err != nil {
		return err
	}
	if err := errors.Join(f.Truncate(int64(len(data))), u.updateAttributes(f)); err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), u.failpoint("next.synced")); err != nil {
		return err
	}
	return u.checkUnchanged(version)
}

// checkUnchanged looks, at the last moment, whether a program that takes no lock has written T since the next version was
// made from it.
func (u *update) checkUnchanged(version string) error {
	data, err := readFile(u.dir, u.sibling(""))
	if err != nil {
		return nil // gone: what we have is better
	}
	if !u.readable(data) {
		return nil // emptied or torn: so it is
	}
	if hash(data) == version || bytes.Equal(data, u.content) {
		return nil
	}
	return freshet.ErrChanged
}

func (u *update) readable(data []byte) (ok bool) {
	var err error
	if u.hasToken() {
		_, err = parseDocument(u.name, data)
	} else {
		_, err = freshet.ParseToken(data)
	}
	return err == nil
}

// renameNext puts T.next in T's place. Both before and after, the name must be that of the file that we wrote.
func (u *update) renameNext() error {
	if err := u.failpoint("rename"); err != nil {
		return err
	}
	ours, err := u.next.Stat()
	if err == nil {
		err = u.dir.CheckOnlyName(u.sibling(".next"), ours)
	}
	if err != nil {
		u.closeNext() // the next attempt writes another
		return err
	}
	if !osfile.RenamesOpenFiles {
		u.closeNext()
	}
	if err := u.dir.Rename(u.sibling(".next"), u.sibling("")); err != nil {
		return err
	}
	if u.next != nil {
		// It is the file that a further version takes its attributes from.
		_ = u.source.Close()
		u.source.File, u.source.info, u.next = u.next, ours, nil
	}
	return errors.Join(u.failpoint("renamed"), u.dir.CheckOnlyName(u.sibling(""), ours), u.dir.Sync())
}
