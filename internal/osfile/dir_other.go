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
	return openDirAt(unix.AT_FDCWD, path, path, unix.O_NOFOLLOW)
}

// Lstat describes a file, or the symbolic link that has the name.
func (d *Dir) Lstat(name string) (fs.FileInfo, error) { return os.Lstat(d.Join(name)) }

func readLink(path string) (target string, info fs.FileInfo, err error) {
	if info, err = os.Lstat(path); err == nil {
		target, err = os.Readlink(path)
	}
	return target, info, err
}
