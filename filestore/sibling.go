package filestore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/osfile"
)

// Other users may be able to write into the directory of a token file, and put any file under the name of one of its
// siblings. So siblings are created exclusively and used through the descriptor that created them; one that is already
// there is used only if its owner is trusted; and a name is renamed only while it names the file that we created.

var (
	errNotRegular  = errors.New("not a regular file")
	errIsDirectory = errors.New("a directory")
	errForeign     = errors.New("it belongs to another user")
)

// checkSibling refuses a file that cannot be one of ours: not regular, with a second name, or of an untrusted owner.
// token is the token file that it lies beside.
func checkSibling(f *os.File, token fs.FileInfo) error {
	info, err := f.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular() || osfile.LinkCount(info) > 1:
		err = errNotRegular
	case !isTrustedOwner(info, token):
		err = errForeign
	}
	if err != nil {
		return &fs.PathError{Op: "open", Path: f.Name(), Err: err}
	}
	return nil
}

// isTrustedOwner reports whether a file beside a token belongs to this user, to root, or to the token's owner, who could
// change the token itself.
func isTrustedOwner(info, token fs.FileInfo) bool {
	owner := osfile.Owner(info)
	return owner == os.Geteuid() || owner == 0 || owner == osfile.Owner(token)
}

func sameOwner(a, b fs.FileInfo) bool { return osfile.Owner(a) == osfile.Owner(b) }

// writer says which other user could have written a file or directory of the state directory, or "".
func writer(info fs.FileInfo) string {
	owner := osfile.Owner(info)
	switch {
	case owner != os.Geteuid() && owner != 0:
		return "belongs to another user"
	case osfile.OthersCanWrite(info):
		return "can be written by other users"
	}
	return ""
}

// badJournal is the error for a journal that cannot be read or used.
func badJournal(name, path string, err error) error {
	p := &freshet.Problem{
		Name: name, What: fmt.Sprintf("the journal %s.pending cannot be read: %s; nothing was sent", path, cause(err)),
		Remedy: "it may hold the only copy of a new refresh token: make it readable for this user", Err: err,
	}
	if isPlanted(err) {
		p.What = fmt.Sprintf("the journal %s.pending is not used: %s; nothing was sent", path, cause(err))
		p.Remedy = "find out who put it there, then remove it"
	}
	return p
}

// isPlanted reports whether err is about a file that this package cannot have created.
func isPlanted(err error) bool {
	return errors.Is(err, errNotRegular) || errors.Is(err, errIsDirectory) || errors.Is(err, errForeign) || errors.Is(err, osfile.ErrSymlink)
}
