package osfile

import (
	"slices"
	"strings"
	"testing"
)

// mounts is a /proc/self/mountinfo with network file systems.
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

func TestFindMount(t *testing.T) {
	for path, want := range map[string]struct {
		fstype, option string // one of the mount's options
	}{
		"/home/ann/t.json":         {"ext4", "relatime"},
		"/nfs4/t.json":             {"nfs4", "local_lock=none"},
		"/nfs/t.json":              {"nfs", "local_lock=none"},
		"/nfs/nolock/deep/t.json":  {"nfs", "nolock"},
		"/nfs/nolocker/t.json":     {"nfs", "local_lock=none"},
		"/cifs/t.json":             {"cifs", "vers=3.1.1"},
		"/cifs/nobrl/t.json":       {"cifs", "nobrl"},
		"/9p/t.json":               {"9p", "trans=virtio"},
		"/sshfs/t.json":            {"fuse.sshfs", "nosuid"},
		"/ceph/t.json":             {"ceph", "rw"},
		"/lustre/t.json":           {"lustre", "rw"},
		"/lustre/flock/t.json":     {"lustre", "flock"},
		"/fuse with blanks/t.json": {"fuse.something", "rw"},
		"/twice/t.json":            {"tmpfs", "rw"},
		"/s3/t.json":               {"fuse.rclone", "rw"},
		"/shared/t.json":           {"virtiofs", "rw"},
		"/vbox/t.json":             {"vboxsf", "rw"},
		"/gluster/t.json":          {"fuse.glusterfs", "rw"},
		"/ntfs/t.json":             {"fuseblk", "rw"},
	} {
		got := findMount(strings.NewReader(mounts), path)
		if got.Type != want.fstype || !slices.Contains(got.Options, want.option) {
			t.Errorf("%s: got %+v, want %s with the option %s", path, got, want.fstype, want.option)
		}
	}
	if got := findMount(strings.NewReader(mounts), "/lustre/t.json"); slices.Contains(got.Options, "flock") {
		t.Errorf("the options of another mount: %+v", got)
	}
}

func TestFindMountInBrokenTable(t *testing.T) {
	if got := findMount(strings.NewReader("not a table\n"), "/t.json"); got.Type != "" || got.Options != nil {
		t.Errorf("got %+v", got)
	}
}
