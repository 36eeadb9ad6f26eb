package filestore

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/freshet-dev/freshet"
)

// createNext creates T.next with room for size bytes and everything that belongs to T but its content, so that only the
// writing itself remains to be done when the reply is here.
func (u *update) createNext(size int64) error {
	info, err := os.Lstat(u.path)
	if err != nil {
		return err
	}
	// What lies there was left by one of us that died under the lock.
	if err := removeIfThere(u.path + ".next"); err != nil {
		return err
	}
	f, err := os.OpenFile(u.path+".next", os.O_RDWR|os.O_CREATE|os.O_EXCL|openNoFollow, 0o600)
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

// replaceToken puts the next version in T's place. The rename is the moment at which everybody sees it; if it cannot be
// made, the reply stays where it is safe, and the error names the place.
func (u *update) replaceToken(next freshet.Connection) error {
	var err error
	if u.isSaved(next) {
		err = syncDir(u.path) // by an earlier attempt, whose end failed, or by somebody else
	} else if err = u.writeNext(next); err == nil {
		err = u.renameNext()
	}
	if err != nil {
		return u.unsaved(err)
	}
	if next.Pending == nil {
		// The token is safe: what is left of the journal would only be cleaned up by the next run.
		_ = u.clearJournal()
	}
	return step("done")
}

func (u *update) isSaved(next freshet.Connection) bool {
	data, _, err := readFile(u.path)
	return err == nil && bytes.Equal(data, next.Token.Bytes())
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

func (u *update) writeNext(next freshet.Connection) error {
	data := next.Token.Bytes()
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
	// The time of the last change is the token's version, and not every file system keeps it exactly by itself. Best effort:
	// nothing may fail any more that need not.
	_ = os.Chtimes(f.Name(), time.Time{}, time.Now())
	if err := errors.Join(f.Sync(), step("next.synced")); err != nil {
		return err
	}
	return u.checkUnchanged(next)
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

// checkUnchanged looks, at the last moment, whether a program that takes no lock has written T since next was made from it.
func (u *update) checkUnchanged(next freshet.Connection) error {
	data, info, err := readFile(u.path)
	if err != nil {
		return nil // gone: what we have is better
	}
	if _, err := freshet.ParseToken(data); err != nil {
		return nil // emptied or torn: so it is
	}
	if info.ModTime().Equal(next.Saved) || bytes.Equal(data, u.saved.Token.Bytes()) {
		return nil
	}
	return freshet.ErrChanged
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
