package main_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// mount mounts a file system until the test ends.
func mount(t *testing.T, source, target, fstype string, flags uintptr, data string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("mounting needs root")
	}
	if err := syscall.Mount(source, target, fstype, flags, data); err != nil {
		t.Skipf("mounting needs CAP_SYS_ADMIN here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(target, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

// tmpfs mounts a file system of this size in a new directory.
func tmpfs(t *testing.T, size string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	mount(t, "none", dir, "tmpfs", 0, "mode=0755,size="+size)
	return dir
}

// Containers that mount the same directory share its locks.
func TestRaceThroughABindMountedDirectory(t *testing.T) {
	s := save(t, rotating(t, 0), 3*time.Hour)
	mounted := *s
	mounted.path = filepath.Join(t.TempDir(), filepath.Base(s.path))
	mount(t, filepath.Dir(s.path), filepath.Dir(mounted.path), "", syscall.MS_BIND, "")
	s.wantOneRefresh(raceThrough([]*savedToken{s, &mounted}, []string{"token"}, []string{"refresh", "--if-stale"}))
}
