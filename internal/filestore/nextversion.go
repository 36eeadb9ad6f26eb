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

// replace replaces T, and removes the journal if next ends the refresh. If T cannot be replaced,
// the reply stays in the journal or the spill, and the error says where.
func (u *update) replace(next freshet.Connection) error {
	content, err := u.layout.encode(next)
	switch {
	case err != nil:
	case u.renamed && u.hasContent(content):
		// An earlier attempt has replaced T, and failed afterwards.
		if err = u.dir.Sync(); err == nil {
			u.content = content
		}
	default:
		err = u.write(content, next.Version)
	}
	if err != nil {
		return u.unsaved(err)
	}
	if next.Pending == nil {
		// The token is saved. The next run removes a journal that cannot be removed now.
		_ = u.clearJournal()
	}
	return failpoint("done")
}

func (u *update) hasContent(content []byte) bool {
	data, err := readFileIn(u.dir, u.sibling(""))
	return err == nil && bytes.Equal(data, content)
}

func (u *update) unsaved(err error) error {
	place := u.spilled
	if place == "" && u.current.Pending != nil && u.current.Pending.Reply != nil {
		place = u.path + ".pending"
	}
	if dir := u.store.RuntimeDir; dir != "" && strings.HasPrefix(place, dir+string(filepath.Separator)) {
		err = fmt.Errorf("%w; and that place is emptied at logout", err)
	}
	return &freshet.UnsavedError{Name: u.name, Place: place, Err: err}
}

// write replaces T by content, which was made from the given version of T. It returns
// [freshet.ErrChanged] if T is another version.
func (u *update) write(content []byte, version string) error {
	if u.next.File == nil {
		// The process that prepared this refresh was killed, or there is none. The attributes are
		// those that T has now.
		if err := u.checkReplaceable(); err != nil {
			return err
		}
		if err := u.createNext(int64(len(content))); err != nil {
			return err
		}
	}
	if err := u.writeNext(content); err != nil {
		return err
	}
	if err := u.checkVersion(version); err != nil {
		return err
	}
	if err := u.renameNext(); err != nil {
		return err
	}
	u.content = content
	return nil
}

// createNext creates T.next with the attributes of T, and reserves size bytes for it.
func (u *update) createNext(size int64) error {
	u.closeNext()
	u.renamed = false
	f, err := u.dir.CreateNew(u.sibling(".next"))
	if err != nil {
		return err
	}
	u.next = savedFile{File: f}
	if err = u.failpoint("next.reserve"); err == nil {
		err = osfile.Allocate(f, size)
	}
	if err == nil {
		u.next.info, err = u.applyAttributes(f)
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		u.closeNext()
	}
	return err
}

func (u *update) removeNext() {
	u.closeNext()
	if !u.renamed {
		_ = u.dir.Remove(u.sibling(".next"))
	}
}

func (u *update) closeNext() {
	_ = u.next.Close() // it was synced
	u.next = savedFile{}
}

func (u *update) writeNext(data []byte) error {
	if err := u.failpoint("next.write"); err != nil {
		return err
	}
	if _, err := u.next.WriteAt(data, 0); err != nil {
		return err
	}
	if err := errors.Join(u.next.Truncate(int64(len(data))), u.restrictAttributes(u.next.File)); err != nil {
		return err
	}
	return errors.Join(u.next.Sync(), u.failpoint("next.synced"))
}

// checkVersion returns [freshet.ErrChanged] if a program that takes no lock has written T. A T that
// was removed or truncated meanwhile is replaced. It opens T again: only that asks the server of an NFS.
func (u *update) checkVersion(version string) error {
	data, err := readFileIn(u.dir, u.sibling(""))
	if err != nil || !u.layout.canParse(data) || hash(data) == version || bytes.Equal(data, u.content) {
		return nil
	}
	return freshet.ErrChanged
}

// renameNext renames T.next to T. Another user may rename files in the directory, so it checks
// before and afterwards that the name is that of the file which this process wrote.
func (u *update) renameNext() error {
	if err := u.failpoint("rename"); err != nil {
		return err
	}
	info, err := u.dir.CheckOnlyName(u.sibling(".next"), u.next.info)
	if err != nil {
		u.closeNext() // the next attempt creates another
		return err
	}
	if !osfile.RenamesOpenFiles {
		u.closeNext()
	}
	if err := u.dir.Rename(u.sibling(".next"), u.sibling("")); err != nil {
		return err
	}
	u.renamed = true
	if u.next.File != nil {
		// A further version gets its attributes from this one.
		_ = u.source.Close()
		u.source, u.next = savedFile{File: u.next.File, info: info}, savedFile{}
	}
	err = u.failpoint("renamed")
	_, nameErr := u.dir.CheckOnlyName(u.sibling(""), info)
	return errors.Join(err, nameErr, u.dir.Sync())
}
