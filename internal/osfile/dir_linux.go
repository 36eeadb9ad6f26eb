package osfile

import (
	"errors"
	"io/fs"
	"strings"

	"golang.org/x/sys/unix"
)

// openPath opens a directory even if this user may only search it, not list it.
const openPath = unix.O_PATH

// OpenDirNoFollow opens a directory by an absolute path that has no symbolic link in it. The error
// is [ErrReplaced] if it has one.
func OpenDirNoFollow(path string) (*Dir, error) {
	d, err := openDir(func(flags int) (*File, error) { return openNoLinks(path, flags) })
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, unix.EPERM) {
		d, err = walkNoLinks(path)
	}
	if errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ELOOP) {
		err = &fs.PathError{Op: "open", Path: path, Err: ErrReplaced}
	}
	return d, err
}

// openNoLinks opens a file by a path that has no symbolic link in it. Linux can do that since 5.6,
// but not in every container.
func openNoLinks(path string, flags int) (*File, error) {
	how := unix.OpenHow{Flags: uint64(flags | unix.O_CLOEXEC), Resolve: unix.RESOLVE_NO_SYMLINKS}
	return newFile(path, func() (int, error) { return unix.Openat2(unix.AT_FDCWD, path, &how) })
}

// walkNoLinks opens a directory as openNoLinks does.
func walkNoLinks(path string) (*Dir, error) {
	const flags = unix.O_PATH | unix.O_DIRECTORY | unix.O_NOFOLLOW
	f, err := openAt(unix.AT_FDCWD, "/", "/", flags, 0)
	for name := range strings.SplitSeq(path, "/") {
		if err != nil {
			return nil, err
		}
		if name != "" {
			parent := f
			f, err = openAt(parent.fd, name, path, flags, 0)
			_ = parent.Close()
		}
	}
	return &Dir{f}, err
}

// hasNoLinks reports whether the path leads to a file and not through symbolic links.
func hasNoLinks(path string) bool {
	f, err := openNoLinks(path, unix.O_PATH)
	_ = f.Close()
	return err == nil
}

// readLink returns the target of a symbolic link, and describes the link. Both are of one link,
// even if another replaces it meanwhile.
func readLink(path string) (target string, info fs.FileInfo, err error) {
	f, err := openAt(unix.AT_FDCWD, path, path, unix.O_PATH|unix.O_NOFOLLOW, 0)
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return "", nil, err
	}
	buf, n := make([]byte, unix.PathMax), 0
	err = f.call("readlink", func() (err error) { n, err = unix.Readlinkat(f.fd, "", buf); return err })
	return string(buf[:max(n, 0)]), info, err
}
