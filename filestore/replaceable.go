package filestore

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
	"github.com/freshet-dev/freshet/oauth"
)

// checkLoginPlace refuses, for a run as root, a login into another user's file that a third user could have put there: what a
// login brings does not depend on what is in the file, so that the new token would be that user's. (What a refresh
// brings belongs to the refresh token in the file.)
func (u *update) checkLoginPlace() error {
	owner := osfile.Owner(u.source.info)
	if os.Geteuid() != 0 || owner == 0 {
		return nil
	}
	dir, err := u.dir.Stat()
	if err != nil {
		return err
	}
	if !osfile.OthersCanWrite(dir) && (osfile.Owner(dir) == 0 || osfile.Owner(dir) == owner) {
		return nil
	}
	return &freshet.Problem{
		Name: u.name, Kind: oauth.Misconfigured,
		What:   fmt.Sprintf("the file belongs to user %d, and other users can put theirs in its place in %s; nothing was sent", owner, u.dir.Path()),
		Remedy: "run the program as the file's owner; or let that user and root alone write the directory: chmod go-w " + u.dir.Path(),
	}
}

// checkReplaceable refuses, before anything is sent, a token file that a rename could not replace or must not.
func (u *update) checkReplaceable() error {
	if runtime.GOOS == "windows" {
		return nil // access control lists decide, and the rename respects them
	}
	info, err := u.dir.Lstat(u.sibling(""))
	if err != nil {
		return err
	}
	dir, err := u.dir.Stat()
	if err != nil {
		return err
	}
	if !sameOwner(info, u.source.info) {
		return &fs.PathError{Op: "open", Path: u.path, Err: osfile.ErrReplaced}
	}
	uid, owner := os.Geteuid(), osfile.Owner(info)
	p := &freshet.Problem{Name: u.name}
	switch {
	case osfile.IsMountPoint(u.path, info, dir):
		p.What = "the file is a mount point, which no new version can replace; nothing was sent"
		p.Remedy = "mount the directory that holds it instead of the single file"
	case osfile.IsImmutable(u.path) || osfile.IsImmutable(filepath.Dir(u.path)):
		p.What = "the file or its directory is marked immutable or append-only, so that no new version can replace it; nothing was sent"
		p.Remedy = "take the mark away: chattr -i -a " + u.path + " " + filepath.Dir(u.path)
	case info.Mode().Perm()&0o200 == 0:
		p.What = "the file is read-only, so that no new version may replace it; nothing was sent"
		p.Remedy = "make it writable: chmod u+w " + u.path
	case osfile.LinkCount(info) != 1:
		p.What = "the file has other hard links, which would keep the old token; nothing was sent"
		p.Remedy = "keep one name and make the others symbolic links to it"
	case uid != 0 && owner != uid:
		p.What = "the file belongs to another user, whom the new version would not belong to; nothing was sent"
		p.Remedy = "run the program as the file's owner"
	case dir.Mode()&fs.ModeSticky != 0 && dir.Mode().Perm()&0o002 != 0:
		p.What = "the file lies in a sticky directory that everybody may write into, as /tmp is; nothing was sent"
		p.Remedy = "move it to a directory of its own (mkdir -m 700)"
	default:
		return nil
	}
	return p
}
