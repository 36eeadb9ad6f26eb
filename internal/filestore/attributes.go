package filestore

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
	"github.com/freshet-dev/freshet/oauth"
)

// readAttributes reads the owner, mode and attributes of T, for the files that replace it. It reads
// those of the open file: another user may have put a more public file in its place. now describes the
// file that has the name, or is nil.
func (u *update) readAttributes(now fs.FileInfo) (err error) {
	info := u.source.info
	switch {
	case now != nil && osfile.SameFile(now, info):
		info = now
	case osfile.RenamesOpenFiles: // otherwise it is closed
		info, err = u.source.Stat()
	}
	if err == nil {
		u.attributes, err = osfile.ReadAttributes(u.source.File, info)
	}
	return err
}

// applyAttributes gives f, which this process created, the attributes that were read. It returns what
// identifies f.
func (u *update) applyAttributes(f *osfile.File) (fs.FileInfo, error) {
	created, err := f.Stat()
	if err == nil {
		err = u.attributes.Apply(f, created)
	}
	var group *osfile.GroupError
	if errors.As(err, &group) {
		return nil, &freshet.SetupError{
			What: fmt.Sprintf("its owner or its group (%d) cannot be given to the next version, "+
				"because this user is not a member", group.Group),
			Remedy: oauth.Remedyf("give the file to a group of this user's: chgrp \"$(id -gn)\" %s", u.path),
			Err:    err,
		}
	}
	if err != nil || !u.isFirstToken {
		return created, err
	}
	// Another user may have created T for this user's first token.
	dir, err := u.dir.Stat()
	if err == nil && osfile.OthersCanWrite(dir) {
		err = osfile.Restrict(f, 0o600)
	}
	return created, err
}

// restrictAttributes gives f the attributes again if those of T have changed, and takes away the
// permissions that the present T does not give: its owner may have restricted it during the request,
// possibly by replacing it.
func (u *update) restrictAttributes(f *osfile.File) error {
	now, nowErr := u.dir.Lstat(u.sibling(""))
	before := u.attributes
	err := u.readAttributes(now)
	if err == nil && (u.isFirstToken || !u.attributes.Equal(before)) {
		_, err = u.applyAttributes(f)
	}
	switch {
	case err != nil:
		return err
	case errors.Is(nowErr, fs.ErrNotExist):
		return nil
	case nowErr != nil:
		return nowErr
	case osfile.SameFile(now, u.source.info):
		return nil
	case !now.Mode().IsRegular():
		return &fs.PathError{Op: "open", Path: u.path, Err: errNotRegular}
	case !sameOwner(now, u.source.info):
		return &fs.PathError{Op: "open", Path: u.path, Err: errForeign}
	}
	return osfile.Restrict(f, now.Mode())
}
