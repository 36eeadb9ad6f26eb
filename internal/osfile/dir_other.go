//go:build unix && !linux

package osfile

import (
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

const openPath = unix.O_RDONLY

// OpenDirNoFollow opens a directory. A symbolic link as the last element of path is an error; links
// above it are not noticed.
func OpenDirNoFollow(path string) (*Dir, error) {
	return openDir(func(flags int) (*File, error) {
		return openAt(unix.AT_FDCWD, path, path, flags|unix.O_NOFOLLOW, 0)
	})
}

// hasNoLinks reports that it is not known whether the path leads through symbolic links.
func hasNoLinks(string) bool { return false }

func readLink(path string) (target string, info fs.FileInfo, err error) {
	if info, err = Lstat(path); err == nil {
		target, err = os.Readlink(path)
	}
	return target, info, err
}
