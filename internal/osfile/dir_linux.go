package osfile

import (
	"errors"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// openPath opens a directory even if this user may only search it, not list it.
const openPath = unix.O_PATH

// OpenDirNoFollow opens a directory by an absolute path that has no symbolic link in it. The error
// is [ErrReplaced] if it has one.
func OpenDirNoFollow(path string) (*Dir, error) {
	d, err := openDirAt(unix.AT_FDCWD, "/", "/", 0)
	for name := range strings.SplitSeq(path, "/") {
		if err != nil {
			return nil, err
		}
		if name != "" {
			parent := d
			d, err = openDirAt(parent.fd(), name, parent.Join(name), unix.O_NOFOLLOW)
			parent.Close()
		}
	}
	if errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ELOOP) {
		err = &fs.PathError{Op: "open", Path: path, Err: ErrReplaced}
	}
	return d, err
}

// Lstat describes a file, or the symbolic link that has the name.
func (d *Dir) Lstat(name string) (fs.FileInfo, error) {
	f, err := d.Open(name, unix.O_PATH)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Stat()
}

// readLink returns the target of a symbolic link, and describes the link. Both are of one link,
// even if another replaces it meanwhile.
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
