package filestore

import (
	"io/fs"
	"os"

	"github.com/freshet-dev/freshet/internal/osfile"
)

// Other users may be able to create files in the directory of a T, under the names of its siblings.
// So siblings are created exclusively and used through the descriptor that created them. One that
// exists already is used only if its owner is trusted. A sibling is renamed only while its name is
// that of the file which this process created.

// checkSibling describes a file. It refuses one that this package did not create: it is not regular,
// has a second name or has an untrusted owner. token describes T.
func checkSibling(f *osfile.File, token fs.FileInfo) (info fs.FileInfo, err error) {
	switch info, err = f.Stat(); {
	case err != nil:
	case !info.Mode().IsRegular() || osfile.LinkCount(info) > 1:
		err = errNotRegular
	case !isTrustedOwner(info, token):
		err = errForeign
	}
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: f.Name(), Err: err}
	}
	return info, nil
}

// isTrustedOwner reports whether a file belongs to this user, to root, or to the owner of T, who
// could change the token itself.
func isTrustedOwner(info, token fs.FileInfo) bool {
	owner := osfile.Owner(info)
	return owner == 0 || owner == osfile.Owner(token) || owner == os.Geteuid()
}

func sameOwner(a, b fs.FileInfo) bool { return osfile.Owner(a) == osfile.Owner(b) }

// whyUntrusted says why a file or directory of the state directory is not used: another user could
// have written it. It returns "" if none could.
func whyUntrusted(info fs.FileInfo) string {
	owner := osfile.Owner(info)
	switch {
	case owner != 0 && owner != os.Geteuid():
		return "belongs to another user"
	case osfile.OthersCanWrite(info):
		return "can be written by other users"
	}
	return ""
}
