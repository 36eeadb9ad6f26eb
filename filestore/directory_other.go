//go:build unix && !linux

package filestore

import (
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

const openPath = unix.O_RDONLY

// openResolved opens a directory by a path without symbolic links, where the system can make sure of that.
func openResolved(path string) (*directory, error) {
	return newDirectory(unix.AT_FDCWD, path, path, unix.O_NOFOLLOW)
}

func (d *directory) lstat(name string) (fs.FileInfo, error) {
	return os.Lstat(filepath.Join(d.path, name))
}

func readLink(path string) (target string, info fs.FileInfo, err error) {
	if info, err = os.Lstat(path); err == nil {
		target, err = os.Readlink(path)
	}
	return target, info, err
}
