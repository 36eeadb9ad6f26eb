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
	path               string
	dev, ino, links    uint64
	mode, uid, gid     uint32
	mounted, immutable bool // known after Inspect
	size               int64
	modTime            time.Time
}

// Stat describes the file that has the path, or to which a symbolic link of that path leads.
func Stat(path string) (fs.FileInfo, error) { return statAt(unix.AT_FDCWD, path, path, 0) }

// Lstat describes the file or the symbolic link that has the path.
func Lstat(path string) (fs.FileInfo, error) {
	return statAt(unix.AT_FDCWD, path, path, unix.AT_SYMLINK_NOFOLLOW)
}

// Stat describes the file.
func (f *File) Stat() (fs.FileInfo, error) {
	return newInfo(f.path, func(stat *unix.Stat_t) error { return unix.Fstat(f.fd, stat) })
}

func statAt(parent int, name, path string, flags int) (fs.FileInfo, error) {
	return newInfo(path, func(stat *unix.Stat_t) error { return unix.Fstatat(parent, name, stat, flags) })
}

func newInfo(path string, stat func(*unix.Stat_t) error) (fs.FileInfo, error) {
	var st unix.Stat_t
	if err := retryInterrupted(func() error { return stat(&st) }); err != nil {
		return nil, &fs.PathError{Op: "stat", Path: path, Err: err}
	}
	//nolint:unconvert // the widths differ between systems
	return &fileInfo{
		path: path, dev: uint64(st.Dev), ino: uint64(st.Ino), links: uint64(st.Nlink),
		mode: uint32(st.Mode), uid: st.Uid, gid: st.Gid,
		size: st.Size, modTime: time.Unix(st.Mtim.Unix()),
	}, nil
}

// SameFile reports whether both describe the same file.
func SameFile(a, b fs.FileInfo) bool {
	return infoOf(a).dev == infoOf(b).dev && infoOf(a).ino == infoOf(b).ino
}

func infoOf(info fs.FileInfo) *fileInfo { return info.(*fileInfo) }

func (i *fileInfo) Name() string       { return filepath.Base(i.path) }
func (i *fileInfo) Size() int64        { return i.size }
func (i *fileInfo) ModTime() time.Time { return i.modTime }
func (i *fileInfo) IsDir() bool        { return i.Mode().IsDir() }
func (i *fileInfo) Sys() any           { return nil }

// Mode says of special files only that they are irregular.
func (i *fileInfo) Mode() fs.FileMode {
	mode := fs.FileMode(i.mode) & fs.ModePerm
	switch i.mode & unix.S_IFMT {
	case unix.S_IFREG:
	case unix.S_IFDIR:
		mode |= fs.ModeDir
	case unix.S_IFLNK:
		mode |= fs.ModeSymlink
	default:
		mode |= fs.ModeIrregular
	}
	if i.mode&unix.S_ISVTX != 0 {
		mode |= fs.ModeSticky
	}
	return mode
}

// IsMountPoint reports whether something is mounted over the file, which [Dir.Inspect] described.
func IsMountPoint(info fs.FileInfo) bool { return infoOf(info).mounted }

// IsImmutable reports whether not even root may rename the file, which [Dir.Inspect] described.
func IsImmutable(info fs.FileInfo) bool { return infoOf(info).immutable }
