package osfile

import "golang.org/x/sys/unix"

// MountOf returns the mount that a file or directory is on.
func MountOf(path string) Mount {
	var st unix.Statfs_t
	if unix.Statfs(path, &st) != nil {
		return Mount{}
	}
	return Mount{Type: unix.ByteSliceToString(st.Fstypename[:]), Remote: st.Flags&unix.MNT_LOCAL == 0}
}

// SpaceOf returns the free space of the file system that a file or directory is on. ok is false if
// it is not known.
func SpaceOf(path string) (space Space, ok bool) {
	var st unix.Statfs_t
	if unix.Statfs(path, &st) != nil {
		return Space{}, false
	}
	return Space{
		ReadOnly:    st.Flags&unix.MNT_RDONLY != 0,
		FreeBytes:   st.Bavail * uint64(st.Bsize),
		FreeFiles:   st.Ffree,
		LimitsFiles: st.Files > 0,
	}, true
}
