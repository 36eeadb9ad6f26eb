package osfile

import (
	"errors"
	"io/fs"

	"golang.org/x/sys/unix"
)

// statxAttributes returns the STATX_ATTR_ bits of a file, or 0 if they cannot be read.
func statxAttributes(path string) uint64 {
	var st unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, path, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_BASIC_STATS, &st); err != nil {
		return 0
	}
	return st.Attributes & st.Attributes_mask
}

// IsMountPoint reports whether something is mounted over the file. It asks the kernel, because a
// file that is bind-mounted from the same file system has the device number of its directory.
func IsMountPoint(path string, _, _ fs.FileInfo) bool {
	return statxAttributes(path)&unix.STATX_ATTR_MOUNT_ROOT != 0
}

// IsImmutable reports whether not even root may rename the file, because of chattr +i or +a.
func IsImmutable(path string) bool {
	return statxAttributes(path)&(unix.STATX_ATTR_IMMUTABLE|unix.STATX_ATTR_APPEND) != 0
}

const accessACL = "system.posix_acl_access"

// removeInheritedACL removes the access control list that a new file gets from its directory, if
// source has none. The list could let more users read the file.
func removeInheritedACL(f, source *File) error {
	if _, err := unix.Fgetxattr(source.fd, accessACL, nil); err == nil {
		return nil // copyXattrs replaces it
	}
	err := unix.Fremovexattr(f.fd, accessACL)
	if errors.Is(err, unix.ENODATA) || errors.Is(err, unix.ENOTSUP) {
		return nil
	}
	return err
}
