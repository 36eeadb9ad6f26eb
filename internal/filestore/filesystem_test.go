package filestore

import (
	"strings"
	"testing"
)

func TestSharingFollowsFromTypeAndOptions(t *testing.T) {
	for mount, want := range map[string]Sharing{ // by the type and the options of a file system
		"":                                    "",
		"ext4 rw relatime":                    Local,
		"tmpfs rw":                            Local,
		"fuseblk rw":                          Local,
		"nfs4 rw vers=4.2 local_lock=none":    LocksReach,
		"nfs rw vers=3 local_lock=none":       LocksReach,
		"nfs rw vers=3 nolock local_lock=all": LocksStayHere,
		"nfs rw vers=3 local_lock=flock":      LocksStayHere,
		"cifs rw vers=3.1.1":                  LocksReach,
		"cifs rw vers=3.1.1 nobrl":            LocksStayHere,
		"9p rw trans=virtio":                  LocksStayHere,
		"fuse.sshfs rw user_id=0":             LocksStayHere,
		"fuse.rclone rw":                      LocksStayHere,
		"virtiofs rw":                         LocksStayHere,
		"vboxsf rw":                           LocksStayHere,
		"ceph rw":                             LocksReach,
		"lustre rw":                           LocksStayHere,
		"lustre rw flock":                     LocksReach,
		"fuse.something rw":                   LocksInDoubt,
		"fuse.glusterfs rw":                   LocksInDoubt,
	} {
		fstype, options, _ := strings.Cut(mount, " ")
		if got := sharingOf(fstype, strings.Fields(options)); got != want {
			t.Errorf("%s: got %q, want %q", mount, got, want)
		}
	}
}
