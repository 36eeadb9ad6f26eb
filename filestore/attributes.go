package filestore

import (
	"errors"
	"io/fs"
	"os"
)

// The next version has the owner, the mode and the attributes of the file that was read, whose descriptor is still open.
// Its name may lead to another file by now: what that one permits is never permitted for the new token.

// giveAttributes makes f, which this process created, as readable as the file that was read.
func (u *update) giveAttributes(f *os.File) error {
	if err := copyAttributes(f, u.source.File); err != nil {
		return err
	}
	if u.isFirstToken && othersCanWrite(u.dir) {
		return narrow(f, 0o600) // the file that was read may have been put there by them
	}
	return nil
}

// updateAttributes does so once more: the owner may have taken the token from other readers during the request, also by
// putting another file in its place.
func (u *update) updateAttributes(f *os.File) error {
	if err := u.giveAttributes(f); err != nil {
		return err
	}
	now, err := u.dir.lstat(u.sibling(""))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case os.SameFile(now, u.source.info):
		return nil
	case !now.Mode().IsRegular():
		return &fs.PathError{Op: "open", Path: u.path, Err: errNotRegular}
	case !sameOwner(now, u.source.info):
		return &fs.PathError{Op: "open", Path: u.path, Err: errForeign}
	}
	return narrow(f, now.Mode())
}

// narrow takes away the permissions that are not in mode. That narrows an access control list, too: its mask is the group's.
func narrow(f *os.File, mode fs.FileMode) error {
	info, err := f.Stat()
	if err != nil || info.Mode().Perm()&^mode.Perm() == 0 {
		return err
	}
	return f.Chmod(info.Mode() &^ (fs.ModePerm &^ mode.Perm()))
}
