package filestore

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// attributes asks for what the kernel knows of a file beyond its mode.
func attributes(path string) uint64 {
	var st unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, path, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_BASIC_STATS, &st); err != nil {
		return 0
	}
	return st.Attributes & st.Attributes_mask
}

// isMountPoint asks the kernel, because a file bind-mounted from the same file system has the same device number.
func isMountPoint(path string, _, _ fs.FileInfo) bool {
	return attributes(path)&unix.STATX_ATTR_MOUNT_ROOT != 0
}

const accessACL = "system.posix_acl_access"

// dropInheritedACL removes the access control list that a new file gets from its directory, if source has none: it may
// let others read.
func dropInheritedACL(f, source *os.File) error {
	if _, err := unix.Fgetxattr(int(source.Fd()), accessACL, nil); err == nil {
		return nil // copyXattrs will replace it
	}
	err := unix.Fremovexattr(int(f.Fd()), accessACL)
	if errors.Is(err, unix.ENODATA) || errors.Is(err, unix.ENOTSUP) {
		return nil
	}
	return err
}

// isFrozen reports whether not even root may rename the file, by chattr +i or +a.
func isFrozen(path string) bool {
	return attributes(path)&(unix.STATX_ATTR_IMMUTABLE|unix.STATX_ATTR_APPEND) != 0
}
