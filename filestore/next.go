package filestore

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/freshet-dev/freshet"
)

// createNext creates T.next with room for size bytes and everything that belongs to T but its content, so that only the
// writing itself remains to be done when the reply is here.
func (u *update) createNext(size int64) error {
	info, err := os.Lstat(u.path)
	if err != nil {
		return err
	}
	f, err := createAnew(u.path + ".next") // what lies there was left by one of us that died under the lock
	if err != nil {
		return err
	}
	defer f.Close()
	if err := step("next.reserve"); err != nil {
		return err
	}
	err = errors.Join(allocate(f, size), copyAttributes(f, u.path, info), f.Sync())
	u.room = err == nil
	return err
}

func (u *update) removeNext() { _ = removeIfThere(u.path + ".next") }

// replace puts the next version in T's place. The rename is the moment at which everybody sees it; if it cannot be
// made, the reply stays where it is safe, and the error names the place.
func (u *update) replace(next freshet.Connection) error {
	content, err := u.contentOf(next)
	switch {
	case err != nil:
	case u.isSaved(content):
		err = syncDir(u.path) // by an earlier attempt, whose end failed, or by somebody else
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
	return step("done")
}

func (u *update) isSaved(content []byte) bool {
	data, _, err := readFile(u.path)
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
	if !u.room {
		// No refresh was announced in this process: it finishes what a predecessor began, with T's attributes of today.
		if err := errors.Join(u.checkReplaceable(), u.createNext(int64(len(data)))); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(u.path+".next", os.O_RDWR|openNoFollow, 0)
	if err != nil {
		u.room = false // the next attempt makes it anew
		return err
	}
	defer f.Close()
	if err := step("next.write"); err != nil {
		return err
	}
	if _, err := f.WriteAt(data, 0); err != nil {
		return err
	}
	if err := errors.Join(f.Truncate(int64(len(data))), u.keepNarrow(f)); err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), step("next.synced")); err != nil {
		return err
	}
	return u.checkUnchanged(version)
}

// keepNarrow gives the next version T's attributes once more: somebody may have taken T from others while we waited for
// the reply.
func (u *update) keepNarrow(f *os.File) error {
	info, err := os.Lstat(u.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return copyAttributes(f, u.path, info)
}

// checkUnchanged looks, at the last moment, whether a program that takes no lock has written T since the next version was
// made from it.
func (u *update) checkUnchanged(version string) error {
	data, _, err := readFile(u.path)
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

func (u *update) renameNext() error {
	if err := step("rename"); err != nil {
		return err
	}
	if err := rename(u.path+".next", u.path); err != nil {
		return err
	}
	u.room = false
	return errors.Join(step("renamed"), syncDir(u.path))
}

// syncDir makes the names in path's directory durable.
func syncDir(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer d.Close()
	return syncDirectory(d)
}
