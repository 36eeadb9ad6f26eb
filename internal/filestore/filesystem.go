package filestore

import (
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/internal/osfile"
)

// FileSystem describes the file system that a file is on.
type FileSystem struct {
	Type     string // as the system calls it: "ext4", "nfs4", "fuse.sshfs"; "" if it is not known
	ReadOnly bool
	Sized    bool // FreeBytes is known
	Counted  bool // FreeFiles is known: not every file system limits the number of files

	FreeBytes, FreeFiles uint64
	Sharing              Sharing
}

// Sharing says whether other machines can use a file system, and whether a lock that is taken here
// works there. It is "" if that is not known.
type Sharing string

// The values of Sharing.
const (
	Local         Sharing = "local"           // only this machine uses it
	LocksReach    Sharing = "locks reach"     // other machines use it, and see the locks of this one
	LocksStayHere Sharing = "locks stay here" // other machines use it, and do not see the locks of this one
	LocksInDoubt  Sharing = "locks in doubt"  // other machines may use it
)

// FileSystemAt describes the file system that a file or directory is on.
func FileSystemAt(path string) FileSystem {
	mount := osfile.MountOf(path)
	sharing := sharingOf(mount.Type, mount.Options)
	if mount.Remote && sharing == Local {
		sharing = LocksInDoubt
	}
	space, ok := osfile.SpaceOf(path)
	return FileSystem{
		Type: mount.Type, ReadOnly: space.ReadOnly, Sized: ok, Counted: space.LimitsFiles,
		FreeBytes: space.FreeBytes, FreeFiles: space.FreeFiles, Sharing: sharing,
	}
}

// sharingOf classifies a file system by its type and mount options.
//
// On NFS (since Linux 2.6.12, as a byte-range lock), SMB (since Linux 5.5), Ceph, AFS and the
// cluster file systems, flock(2) locks the file on the server, unless a mount option keeps the lock
// on this machine. On FUSE it does so only if the program that serves the file system implements
// it.
func sharingOf(fstype string, options []string) Sharing {
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(options, name) })
	}
	localLocks := false
	switch fstype {
	case "":
		return ""
	case "nfs", "nfs4":
		localLocks = has("nolock", "local_lock=flock", "local_lock=all")
	case "cifs", "smb3", "smbfs", "smb2":
		localLocks = has("nobrl", "nolock")
	case "ceph", "afs", "gfs", "gfs2", "ocfs2", "gpfs", "afpfs":
		localLocks = has("nolock", "localflocks")
	case "lustre":
		localLocks = !has("flock")
	case "9p", "vboxsf", "vmhgfs", "prl_fs", "virtiofs", "ncpfs", "coda", "webdav",
		"fuse.vmhgfs-fuse", "fuse.sshfs", "fuse.rclone", "fuse.davfs":
		localLocks = true
	case "beegfs", "orangefs":
		return LocksInDoubt
	case "fuseblk", "fusectl", "fuse.gocryptfs", "fuse.encfs", "fuse.cryfs", "fuse.bindfs",
		"fuse.fuse-overlayfs", "fuse.mergerfs", "fuse.lxcfs": // they serve a disk or directory of this machine
		return Local
	default:
		if strings.HasPrefix(fstype, "fuse") {
			return LocksInDoubt
		}
		return Local
	}
	if localLocks {
		return LocksStayHere
	}
	return LocksReach
}
