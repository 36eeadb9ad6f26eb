//go:build unix

package osfile

import (
	"io/fs"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// fileInfo is the [fs.FileInfo] of this package.
type fileInfo struct {
	path string
	stat unix.Stat_t
}

// Stat describes the file that has the path, or to which a symbolic link of that path leads.
func Stat(path string) (fs.FileInfo, error) { return statAt(unix.AT_FDCWD, path, path, 0) }

// Lstat describes the file or the symbolic link that has the path.
func Lstat(path string) (fs.FileInfo, error) {
	return statAt(unix.AT_FDCWD, path, path, unix.AT_SYMLINK_NOFOLLOW)
}

func statAt(parent int, name, path string, flags int) (fs.FileInfo, error) {
	info := &fileInfo{path: path}
	err := retryInterrupted(func() error { return unix.Fstatat(parent, name, &info.stat, flags) })
	if err != nil {
		return nil, &fs.PathError{Op: "stat", Path: path, Err: err}
	}
	return info, nil
}

// SameFile reports whether both describe the same file.
func SameFile(a, b fs.FileInfo) bool {
	return statOf(a).Dev == statOf(b).Dev && statOf(a).Ino == statOf(b).Ino
}

func statOf(info fs.FileInfo) *unix.Stat_t { return info.Sys().(*unix.Stat_t) }

func (i *fileInfo) Name() string       { return filepath.Base(i.path) }
func (i *fileInfo) Size() int64        { return i.stat.Size }
func (i *fileInfo) ModTime() time.Time { return time.Unix(i.stat.Mtim.Unix()) }
func (i *fileInfo) IsDir() bool        { return i.Mode().IsDir() }
func (i *fileInfo) Sys() any           { return &i.stat }

// Mode says of special files only that they are irregular.
func (i *fileInfo) Mode() fs.FileMode {
	mode := fs.FileMode(i.stat.Mode) & fs.ModePerm
	switch i.stat.Mode & unix.S_IFMT {
	case unix.S_IFREG:
	case unix.S_IFDIR:
		mode |= fs.ModeDir
	case unix.S_IFLNK:
		mode |= fs.ModeSymlink
	default:
		mode |= fs.ModeIrregular
	}
	if i.stat.Mode&unix.S_ISVTX != 0 {
		mode |= fs.ModeSticky
	}
	return mode
}
