package filestore

import (
	"strings"
	"testing"
)

// What /proc/self/mountinfo says of file systems that a test cannot have: their servers are elsewhere.
const mounts = `22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
23 22 0:20 / /nfs4 rw,relatime - nfs4 server:/home rw,vers=4.2,sec=sys,local_lock=none
24 22 0:21 / /nfs rw,relatime - nfs server:/home rw,vers=3,local_lock=none
25 22 0:22 / /nfs/nolock rw,relatime - nfs server:/home rw,vers=3,nolock,local_lock=all
26 22 0:23 / /cifs rw,relatime - cifs //server/home rw,vers=3.1.1
27 22 0:24 / /cifs/nobrl rw,relatime - cifs //server/home rw,vers=3.1.1,nobrl
28 22 0:25 / /9p rw,relatime - 9p hostshare rw,trans=virtio,version=9p2000.L
29 22 0:26 / /sshfs rw,nosuid,nodev - fuse.sshfs host:/home rw,user_id=0
30 22 0:27 / /ceph rw,relatime - ceph 10.0.0.1:/ rw
31 22 0:28 / /lustre rw - lustre server@tcp:/fs rw
32 22 0:29 / /lustre/flock rw - lustre server@tcp:/fs rw,flock
33 22 0:30 / /fuse\040with\040blanks rw - fuse.something x rw
34 22 0:31 / /twice rw - nfs4 server:/a rw
35 34 0:32 / /twice rw - tmpfs none rw
36 22 0:33 / /s3 rw - fuse.rclone remote: rw
37 22 0:34 / /shared rw - virtiofs share rw
38 22 0:35 / /vbox rw - vboxsf home rw
39 22 0:36 / /gluster rw - fuse.glusterfs server:/v rw
40 22 8:2 / /ntfs rw - fuseblk /dev/sdb1 rw
`

func TestSharingIsToldFromTheMount(t *testing.T) {
	for path, want := range map[string]struct {
		fstype  string
		sharing Sharing
	}{
		"/home/ann/t.json":         {"ext4", Local},
		"/nfs4/t.json":             {"nfs4", LocksReach},
		"/nfs/t.json":              {"nfs", LocksReach},
		"/nfs/nolock/deep/t.json":  {"nfs", LocksStayHere},
		"/nfs/nolocker/t.json":     {"nfs", LocksReach},
		"/cifs/t.json":             {"cifs", LocksReach},
		"/cifs/nobrl/t.json":       {"cifs", LocksStayHere},
		"/9p/t.json":               {"9p", LocksStayHere},
		"/sshfs/t.json":            {"fuse.sshfs", LocksStayHere},
		"/ceph/t.json":             {"ceph", LocksReach},
		"/lustre/t.json":           {"lustre", LocksStayHere},
		"/lustre/flock/t.json":     {"lustre", LocksReach},
		"/fuse with blanks/t.json": {"fuse.something", LocksInDoubt},
		"/twice/t.json":            {"tmpfs", Local},
		"/s3/t.json":               {"fuse.rclone", LocksStayHere},
		"/shared/t.json":           {"virtiofs", LocksStayHere},
		"/vbox/t.json":             {"vboxsf", LocksStayHere},
		"/gluster/t.json":          {"fuse.glusterfs", LocksInDoubt},
		"/ntfs/t.json":             {"fuseblk", Local},
	} {
		fstype, options := mountAt(strings.NewReader(mounts), path)
		if got := sharingOf(fstype, options); fstype != want.fstype || got != want.sharing {
			t.Errorf("%s is on %q, %q; want %q, %q", path, fstype, got, want.fstype, want.sharing)
		}
	}
}

func TestNothingIsSaidOfAnUnknownFileSystem(t *testing.T) {
	if fstype, options := mountAt(strings.NewReader("not a table\n"), "/t.json"); fstype != "" || sharingOf(fstype, options) != "" {
		t.Errorf("got %q", fstype)
	}
}
