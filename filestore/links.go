package filestore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

var errLinkLoop = errors.New("too many symbolic links")

// link is a symbolic link on the way to a token file.
type link struct {
	path string
	info fs.FileInfo
}

// checkLinks refuses a link that belongs to neither this user nor root nor the owner of the file that it leads to. Who made it
// could lead this user to another token, which would then be sent where this one belongs.
func checkLinks(name, path string, links []link) error {
	if len(links) == 0 {
		return nil
	}
	file, err := os.Lstat(path)
	if err != nil {
		return unreadable(name, err)
	}
	for _, link := range links {
		if !isTrustedOwner(link.info, file) {
			return &freshet.Problem{
				Name: name, Kind: oauth.Misconfigured, Err: errForeign,
				What:   fmt.Sprintf("the symbolic link %s belongs to another user than the file that it leads to, and could lead to any token", link.path),
				Remedy: "name the file itself; or give the link to the file's owner: chown -h",
			}
		}
	}
	return nil
}
