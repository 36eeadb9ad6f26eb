package filestore

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
	"github.com/freshet-dev/freshet/oauth"
)

// checkReplaceable refuses a T that a rename cannot replace, or must not replace, and reads the
// attributes that the next version gets. It is called before anything is sent.
func (u *update) checkReplaceable() error {
	if runtime.GOOS == "windows" {
		return u.readAttributes(nil) // the rename respects access control lists
	}
	info, err := u.dir.Inspect(u.sibling(""))
	if err != nil {
		return err
	}
	dir, err := u.dir.Inspect(".")
	if err != nil {
		return err
	}
	if !sameOwner(info, u.source.info) {
		return &fs.PathError{Op: "open", Path: u.path, Err: osfile.ErrReplaced}
	}
	uid, owner := os.Geteuid(), osfile.Owner(info)
	from, to := "", ""
	if u.inDocument() {
		from, to = renaming(u.source.content)
	}
	p := &freshet.SetupError{Name: u.name}
	switch {
	case osfile.IsMountPoint(info):
		p.What = "the file is a mount point, so a refresh cannot replace it"
		p.Remedy = "mount its directory instead of the single file"
	case osfile.IsImmutable(info) || osfile.IsImmutable(dir):
		p.What = "the file or its directory is immutable or append-only, so a refresh cannot replace it"
		p.Remedy = oauth.Remedyf("remove the attribute: chattr -i -a %s %s", u.path, filepath.Dir(u.path))
	case info.Mode().Perm()&0o200 == 0:
		p.What = "the file is read-only, so a refresh must not replace it"
		p.Remedy = oauth.Remedyf("make it writable: chmod u+w %s", u.path)
	case osfile.LinkCount(info) != 1 && to != "":
		p.What = fmt.Sprintf("renaming %s to %s was interrupted", from, to)
		p.Remedy = oauth.Remedyf("complete that: freshet rename %s %s", from, to)
	case osfile.LinkCount(info) != 1:
		p.What = "the file has other hard links, which would keep the old token"
		p.Remedy = "keep one name and make the others symbolic links to it"
	case uid != 0 && owner != uid:
		p.What = "the file belongs to another user, but its new version would not"
		p.Remedy = "run the program as the file's owner"
	case dir.Mode()&fs.ModeSticky != 0 && dir.Mode().Perm()&0o002 != 0:
		p.What = "the file is in a sticky directory that all users can write to, such as /tmp"
		p.Remedy = "move the token to a private directory (mkdir -m 700)"
	default:
		return u.readAttributes(info)
	}
	p.What += "; nothing was sent"
	return p
}

// renaming returns the old and the new name of a connection that is being renamed, by its document.
func renaming(document []byte) (from, to string) {
	var d struct {
		Name      string `json:"name"`
		RenamedTo string `json:"renamed_to"`
	}
	_ = json.Unmarshal(document, &d) // it was read before
	return d.Name, d.RenamedTo
}

// checkTarget refuses, if this is root, to save a token that does not depend on the content of the file
// to another user's file, which a third user may have created: the third user would get it. (The result
// of a refresh belongs to the refresh token in the file.) outcome ends the message.
func (u *update) checkTarget(outcome string) error {
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
	return &freshet.SetupError{
		Name: u.name, Kind: oauth.Misconfigured,
		What: fmt.Sprintf("the file belongs to user %d, and other users can replace it in %s; %s",
			owner, u.dir.Path(), outcome),
		Remedy: oauth.Remedyf("run the program as the file's owner, "+
			"or let only that user and root write to the directory: chmod go-w %s", u.dir.Path()),
	}
}
