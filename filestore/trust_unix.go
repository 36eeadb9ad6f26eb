//go:build unix

package filestore

import (
	"io/fs"
	"os"
	"syscall"
)

func ownerOf(info fs.FileInfo) int { return int(info.Sys().(*syscall.Stat_t).Uid) }

func sameOwner(a, b fs.FileInfo) bool { return ownerOf(a) == ownerOf(b) }

// isTrustedOwner reports whether a file beside a token belongs to this user, to root, or to the token's owner, who could
// change the token itself.
func isTrustedOwner(info, token fs.FileInfo) bool {
	owner := ownerOf(info)
	return owner == os.Geteuid() || owner == 0 || owner == ownerOf(token)
}

// writer says which other user could have written a file or directory of the state directory, or "".
func writer(info fs.FileInfo) string {
	owner := ownerOf(info)
	sticky := info.IsDir() && info.Mode()&fs.ModeSticky != 0 // its entries are safe from others
	switch {
	case owner != os.Geteuid() && owner != 0:
		return "belongs to another user"
	case info.Mode().Perm()&0o022 != 0 && !sticky:
		return "can be written by other users"
	}
	return ""
}
