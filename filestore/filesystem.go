package filestore

import (
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/internal/osfile"
)

// FileSystemAt returns what is known of the file system that a file or directory is on.
func FileSystemAt(path string) FileSystem {
	mount := osfile.MountOf(path)
	known := FileSystem{Type: mount.Type, Sharing: sharingOf(mount.Type, mount.Options)}
	if mount.Remote && known.Sharing == Local {
		known.Sharing = LocksInDoubt
	}
	space, ok := osfile.SpaceOf(path)
	known.ReadOnly, known.Sized, known.Counted = space.ReadOnly, ok, space.LimitsFiles
	known.FreeBytes, known.FreeFiles = space.FreeBytes, space.FreeFiles
	return known
}

// sharingOf classifies a file system by its type and the options that it was mounted with.
//
// flock(2), which our lock is, goes to the server on NFS (since Linux 2.6.12, as a byte-range lock), SMB (since Linux 5.5), Ceph,
// AFS and the cluster file systems, unless a mount option keeps it here; on FUSE only where the program behind it asks for it.
func sharingOf(fstype string, options []string) Sharing {
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(options, name) })
	}
	reachUnless := func(kept bool) Sharing {
		if kept {
			return LocksStayHere
		}
		return LocksReach
	}
	switch fstype {
	case "":
		return ""
	case "nfs", "nfs4":
		return reachUnless(has("nolock", "local_lock=flock", "local_lock=all"))
	case "cifs", "smb3", "smbfs", "smb2":
		return reachUnless(has("nobrl", "nolock"))
	case "ceph", "afs", "gfs", "gfs2", "ocfs2", "gpfs", "afpfs":
		return reachUnless(has("nolock", "localflocks"))
	case "lustre":
		return reachUnless(!has("flock"))
	case "9p", "vboxsf", "vmhgfs", "prl_fs", "virtiofs", "ncpfs", "coda", "webdav", "fuse.vmhgfs-fuse", "fuse.sshfs", "fuse.rclone", "fuse.davfs":
		return LocksStayHere
	case "fuse.glusterfs", "fuse.ceph", "fuse.cephfs", "beegfs", "orangefs":
		return LocksInDoubt
	}
	if strings.HasPrefix(fstype, "fuse") && !slices.Contains(localFUSE, fstype) {
		return LocksInDoubt
	}
	return Local
}

// localFUSE are programs that serve a disk or a directory of this machine.
var localFUSE = []string{"fuseblk", "fusectl", "fuse.gocryptfs", "fuse.encfs", "fuse.cryfs", "fuse.bindfs", "fuse.fuse-overlayfs", "fuse.mergerfs", "fuse.lxcfs"}
