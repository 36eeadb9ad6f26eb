package filestore

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
	"github.com/freshet-dev/freshet/oauth"
)

// copyAttributes gives f, which this process created, the owner, mode and attributes of T. It
// copies them from the open file that was read: another user may have put a more public file in its
// place.
func (u *update) copyAttributes(f *osfile.File) error {
	err := osfile.CopyAttributes(f, u.source.File)
	var group *osfile.GroupError
	if errors.As(err, &group) {
		return &freshet.SetupError{
			What: fmt.Sprintf("its owner or its group (%d) cannot be given to the next version, "+
				"because this user is not a member", group.Group),
			Remedy: oauth.Remedyf("give the file to a group of this user's: chgrp \"$(id -gn)\" %s", u.path),
			Err:    err,
		}
	}
	if err != nil || !u.isFirstToken {
		return err
	}
	// Another user may have created T for this user's first token.
	dir, err := u.dir.Stat()
	if err == nil && osfile.OthersCanWrite(dir) {
		err = osfile.Restrict(f, 0o600)
	}
	return err
}

// restrictAttributes copies the attributes again, and takes away the permissions that the present T
// does not give: its owner may have restricted it during the request, possibly by replacing it.
func (u *update) restrictAttributes(f *osfile.File) error {
	if err := u.copyAttributes(f); err != nil {
		return err
	}
	now, err := u.dir.Lstat(u.sibling(""))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case osfile.SameFile(now, u.source.info):
		return nil
	case !now.Mode().IsRegular():
		return &fs.PathError{Op: "open", Path: u.path, Err: errNotRegular}
	case !sameOwner(now, u.source.info):
		return &fs.PathError{Op: "open", Path: u.path, Err: errForeign}
	}
	return osfile.Restrict(f, now.Mode())
}
