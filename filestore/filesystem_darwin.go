package filestore

import "golang.org/x/sys/unix"

// FileSystemAt returns what is known of the file system that a file or directory is on.
func FileSystemAt(path string) FileSystem {
	var st unix.Statfs_t
	if unix.Statfs(path, &st) != nil {
		return FileSystem{}
	}
	fstype := unix.ByteSliceToString(st.Fstypename[:])
	known := FileSystem{
		Type: fstype, Sharing: sharingOf(fstype, nil), ReadOnly: st.Flags&unix.MNT_RDONLY != 0,
		Sized: true, FreeBytes: st.Bavail * uint64(st.Bsize), Counted: st.Files > 0, FreeFiles: st.Ffree,
	}
	if known.Sharing == Local && st.Flags&unix.MNT_LOCAL == 0 {
		known.Sharing = LocksInDoubt
	}
	return known
}
