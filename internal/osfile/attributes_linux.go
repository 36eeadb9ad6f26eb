package osfile

import (
	"errors"
	"io/fs"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// Inspect is Lstat for [IsMountPoint] and [IsImmutable]. It asks the kernel, because a file that is
// bind-mounted from the same file system has the device number of its directory, and because of chattr
// +i and +a. The directory itself is ".".
func (d *Dir) Inspect(name string) (fs.FileInfo, error) {
	var st unix.Statx_t
	if unix.Statx(d.fd(), name, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_BASIC_STATS, &st) != nil {
		return d.Lstat(name) // also in a container that does not allow statx
	}
	set := st.Attributes & st.Attributes_mask
	return &fileInfo{
		path: d.Join(name), dev: unix.Mkdev(st.Dev_major, st.Dev_minor), ino: st.Ino, links: uint64(st.Nlink),
		mode: uint32(st.Mode), uid: st.Uid, gid: st.Gid,
		size: int64(st.Size), modTime: time.Unix(st.Mtime.Sec, int64(st.Mtime.Nsec)),
		mounted:   set&unix.STATX_ATTR_MOUNT_ROOT != 0,
		immutable: set&(unix.STATX_ATTR_IMMUTABLE|unix.STATX_ATTR_APPEND) != 0,
	}, nil
}

const accessACL = "system.posix_acl_access"

// removeInheritedACL removes the access control list that a new file gets from its directory, unless
// Apply replaces it. The list could let more users read the file.
func (a Attributes) removeInheritedACL(f *File) error {
	if slices.ContainsFunc(a.xattrs, func(x xattr) bool { return x.name == accessACL }) {
		return nil
	}
	err := unix.Fremovexattr(f.fd, accessACL)
	if errors.Is(err, unix.ENODATA) || errors.Is(err, unix.ENOTSUP) {
		return nil
	}
	return err
}
