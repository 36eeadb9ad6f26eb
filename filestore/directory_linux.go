package filestore

import (
	"errors"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// openPath opens a directory that this user may enter and not list.
const openPath = unix.O_PATH

// openResolved opens a directory by a path without symbolic links. One that was put there since the path was resolved is an
// error.
func openResolved(path string) (*directory, error) {
	d, err := newDirectory(unix.AT_FDCWD, "/", "/", 0)
	for name := range strings.SplitSeq(path, "/") {
		if err != nil {
			return nil, err
		}
		if name != "" {
			above := d
			d, err = newDirectory(above.fd(), name, above.join(name), unix.O_NOFOLLOW)
			above.close()
		}
	}
	if errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ELOOP) {
		err = &fs.PathError{Op: "open", Path: path, Err: errReplaced}
	}
	return d, err
}

// lstat describes what has the name, which may be a symbolic link.
func (d *directory) lstat(name string) (fs.FileInfo, error) {
	f, err := d.open(name, unix.O_PATH)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Stat()
}

// readLink returns what the symbolic link leads to and who made it. It is opened first: another may be put in its place.
func readLink(path string) (target string, info fs.FileInfo, err error) {
	fd, err := openAt(unix.AT_FDCWD, path, unix.O_PATH|unix.O_NOFOLLOW, 0)
	if err != nil {
		return "", nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	f := os.NewFile(uintptr(fd), path)
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return "", nil, err
	}
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(fd, "", buf)
	if err != nil {
		return "", nil, &fs.PathError{Op: "readlink", Path: path, Err: err}
	}
	return string(buf[:n]), info, nil
}
