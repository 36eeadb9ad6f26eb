//go:build unix

package osfile

import (
	"errors"
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	noFollow = unix.O_NOFOLLOW
	nonblock = unix.O_NONBLOCK
)

// ErrSymlink is what [Open] returns for a symbolic link.
var ErrSymlink error = unix.ELOOP

// RenamesOpenFiles reports whether a file can be renamed while it is open.
const RenamesOpenFiles = true

// Owner returns the user id of a file's owner.
func Owner(info fs.FileInfo) int { return int(infoOf(info).uid) }

// LinkCount returns how many names a file has.
func LinkCount(info fs.FileInfo) uint64 {
	return infoOf(info).links
}

// OthersCanWrite reports whether other users than the owner can change a file, or replace the files
// of a directory.
func OthersCanWrite(info fs.FileInfo) bool {
	sticky := info.IsDir() && info.Mode()&fs.ModeSticky != 0 // only a file's owner can replace it
	return info.Mode().Perm()&0o022 != 0 && !sticky
}

// CheckDirWritable returns an error if this user may not create files in the directory.
func CheckDirWritable(dir string) error {
	return unix.Faccessat(unix.AT_FDCWD, dir, unix.W_OK|unix.X_OK, unix.AT_EACCESS)
}

// Restrict takes away the permissions of f that are not in mode. An access control list is
// restricted too, because its mask is the permission of the group.
func Restrict(f *File, mode fs.FileMode) error {
	info, err := f.Stat()
	if err != nil || info.Mode().Perm()&^mode.Perm() == 0 {
		return err
	}
	return f.chmod(infoOf(info).mode &^ uint32(fs.ModePerm&^mode.Perm()))
}

// CopyOwner gives f the owner and group that info describes.
func CopyOwner(f *File, info fs.FileInfo) error {
	ours, err := f.Stat()
	if err != nil {
		return err
	}
	return copyOwner(f, infoOf(ours), infoOf(info))
}

func copyOwner(f *File, has, want *fileInfo) error {
	if has.uid == want.uid && has.gid == want.gid {
		return nil
	}
	err := f.call("chown", func() error { return unix.Fchown(f.fd, int(want.uid), int(want.gid)) })
	if has.uid == want.uid && errors.Is(err, fs.ErrPermission) && want.mode&0o070 == 0 {
		return nil // the group may do nothing with the file
	}
	return err
}

// MakePrivate lets only the current user open f, which was created with mode 0600.
func MakePrivate(*File) error { return nil }

// IsNoSpace reports whether a write failed because a disk is full or a quota is used up.
func IsNoSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
