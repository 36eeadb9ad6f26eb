package filestore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
)

// The next version has the owner, the mode and the attributes of the file that was read, whose descriptor is still open.
// Its name may lead to another file by now: what that one permits is never permitted for the new token.

// giveAttributes makes f, which this process created, as readable as the file that was read.
func (u *update) giveAttributes(f *os.File) error {
	if err := osfile.CopyAttributes(f, u.source.File); err != nil {
		return explainGroup(err, u.path)
	}
	if !u.isFirstToken {
		return nil
	}
	dir, err := u.dir.Stat()
	if err == nil && osfile.OthersCanWrite(dir) {
		err = osfile.Restrict(f, 0o600) // the file that was read may have been put there by them
	}
	return err
}

// updateAttributes does so once more: the owner may have taken the token from other readers during the request, also by
// putting another file in its place.
func (u *update) updateAttributes(f *os.File) error {
	if err := u.giveAttributes(f); err != nil {
		return err
	}
	now, err := u.dir.Lstat(u.sibling(""))
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
	return osfile.Restrict(f, now.Mode())
}

func explainGroup(err error, path string) error {
	var group *osfile.GroupError
	if !errors.As(err, &group) {
		return err
	}
	return &freshet.Problem{
		What:   fmt.Sprintf("its owner or its group (%d) cannot be given to the next version, because this user is not a member", group.Group),
		Remedy: "give the file to a group of this user's: chgrp \"$(id -gn)\" " + path,
		Err:    err,
	}
}
