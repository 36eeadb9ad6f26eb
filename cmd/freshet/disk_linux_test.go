package main_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A refresh whose result could not be saved is not sent. The phrases are what is wrong and what to
// do.
func TestNothingIsSentThatCannotBeSaved(t *testing.T) {
	for name, c := range map[string]struct {
		dir     func(*testing.T) string
		damage  func(*testing.T, *savedToken)
		phrases []string
	}{
		"full disk": {smallDisk, fill, []string{"not enough disk space", "free some space"}},
		"full disk, lock present": {
			smallDisk, afterRefresh(fill), []string{"not enough disk space", "free some space"},
		},
		"read-only file system": {
			smallDisk, remountReadOnly, []string{"read-only file system", "mount it writable"},
		},
		"read-only file system, lock present": {
			smallDisk, afterRefresh(remountReadOnly), []string{"read-only file system", "mount it writable"},
		},
		"removed directory":    {tempDir, removeDirectory, []string{"no such file", "give the path"}},
		"mounted single file":  {tempDir, mountOnItself, []string{"mount point", "mount its directory"}},
		"hard link":            {tempDir, link, []string{"hard link", "symbolic link"}},
		"directory in the way": {tempDir, occupyNext, []string{"token.json.next", "nothing was sent"}},
		"planted lock":         {tempDir, plantLink(".lock"), []string{"token.json.lock", "find out who"}},
		"planted journal":      {tempDir, plantLink(".pending"), []string{"token.json.pending"}},
		"immutable file":       {tempDir, setFlag(immutable, ""), []string{"nothing was sent", "chattr"}},
		"append-only file":     {tempDir, setFlag(appendOnly, ""), []string{"nothing was sent", "chattr"}},
		"immutable directory":  {tempDir, setFlag(immutable, ".."), []string{"directory"}},
		"append-only directory": {
			tempDir, setFlag(appendOnly, ".."), []string{"nothing was sent", "chattr"},
		},
		"directory that all users can write": {
			tempDir, func(t *testing.T, s *savedToken) { chmod(t, filepath.Dir(s.path), 0o777|os.ModeSticky) },
			[]string{"sticky directory", "private directory"},
		},
		"read-only directory": {
			openDir, asNobody(nobody, 0o500), []string{"may not create files", "make the directory writable"},
		},
		"read-only directory, lock present": {
			openDir, afterRefresh(asNobody(nobody, 0o500)), []string{"nothing was sent", "make the directory writable"},
		},
		"another user's file": {openDir, asNobody(otherUser, 0o700), []string{"another user", "file's owner"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := saveIn(t, c.dir(t), rotating(t, 0), 3*time.Hour)
			c.damage(t, s)
			sent := s.server.Stats().Requests
			for _, command := range []string{"refresh", "token"} {
				wantExit(t, s.run(command), 1, c.phrases...)
			}
			s.wantStats("requests", s.server.Stats().Requests, sent)
		})
	}
}

// A valid token is printed without writing anything.
func TestValidTokenIsPrintedFromAReadOnlyFileSystem(t *testing.T) {
	s := saveIn(t, smallDisk(t), rotating(t, 0), 0)
	remountReadOnly(t, s)
	s.token()
	wantExit(t, s.run("status"), 0)
	s.wantStats("requests", s.server.Stats().Requests, 0)
}

// A refresh succeeds as soon as there is space.
func TestRefreshAfterSpaceIsFreed(t *testing.T) {
	s := saveIn(t, smallDisk(t), rotating(t, 0), 3*time.Hour)
	fill(t, s)
	wantExit(t, s.run("token"), 1, "free some space")
	if err := os.Remove(ballast(s)); err != nil {
		t.Fatal(err)
	}
	s.token()
	s.wantAlive()
	s.wantClean()
}

// The reserved space is enough if the disk fills up during the request.
func TestDiskFillsUpDuringTheRequest(t *testing.T) {
	s := saveIn(t, smallDisk(t), rotating(t, 0), 3*time.Hour)
	got := newReplyHolder(t, s.server).during(s, "token", func() { fill(t, s) })
	wantExit(t, got, 0)
	s.wantWorking(got)
	s.wantAlive()
}

func tempDir(t *testing.T) string   { return t.TempDir() }
func smallDisk(t *testing.T) string { return tmpfs(t, "1m") }

// Users without files.
const (
	nobody    = 65534 // the user nobody
	otherUser = 65533
)

// openDir returns a directory that other users can reach. Those of t.TempDir are private.
func openDir(t *testing.T) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("running as another user needs root")
	}
	dir, err := os.MkdirTemp("", "freshet-open-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	chmod(t, dir, 0o755)
	inner := filepath.Join(dir, "inner")
	if err := os.Mkdir(inner, 0o700); err != nil {
		t.Fatal(err)
	}
	return inner
}

// asNobody runs freshet as the user nobody, in nobody's directory, with a file of owner.
func asNobody(owner int, mode os.FileMode) func(*testing.T, *savedToken) {
	return func(t *testing.T, s *savedToken) {
		t.Helper()
		dir := filepath.Dir(s.path)
		err := errors.Join(os.Chown(dir, nobody, nobody), os.Chmod(dir, mode),
			os.Chown(s.path, owner, owner), os.Chmod(s.path, 0o644))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Lstat(s.path + ".lock"); err == nil {
			if err := os.Chown(s.path+".lock", owner, owner); err != nil {
				t.Fatal(err)
			}
		}
		s.as = &syscall.Credential{Uid: nobody, Gid: nobody, NoSetGroups: true}
		if err := s.command("status").Run(); err != nil {
			t.Skipf("another user cannot run a program, or read a file, in the temporary directory: %v", err)
		}
	}
}

// afterRefresh first refreshes, which creates the lock file, and then lets the token expire.
func afterRefresh(damage func(*testing.T, *savedToken)) func(*testing.T, *savedToken) {
	return func(t *testing.T, s *savedToken) {
		t.Helper()
		s.token()
		s.home = t.TempDir() // without the record of the refresh
		s.age(3 * time.Hour)
		damage(t, s)
	}
}

func ballast(s *savedToken) string { return filepath.Join(filepath.Dir(s.path), "ballast") }

// fill fills the disk.
func fill(t *testing.T, s *savedToken) {
	t.Helper()
	f, err := os.OpenFile(ballast(s), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 64 << 10; size > 0; {
		if n, err := f.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			if n == 0 {
				size /= 2
			}
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func remountReadOnly(t *testing.T, s *savedToken) {
	t.Helper()
	if err := syscall.Mount("none", filepath.Dir(s.path), "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
}

func removeDirectory(t *testing.T, s *savedToken) {
	t.Helper()
	if err := os.RemoveAll(filepath.Dir(s.path)); err != nil {
		t.Fatal(err)
	}
}

func mountOnItself(t *testing.T, s *savedToken) {
	t.Helper()
	mount(t, s.path, s.path, "", syscall.MS_BIND, "")
}

func link(t *testing.T, s *savedToken) {
	t.Helper()
	if err := os.Link(s.path, s.path+".copy"); err != nil {
		t.Fatal(err)
	}
}

func occupyNext(t *testing.T, s *savedToken) {
	t.Helper()
	if err := os.MkdirAll(s.path+".next/full", 0o700); err != nil {
		t.Fatal(err)
	}
}

func plantLink(sibling string) func(*testing.T, *savedToken) {
	return func(t *testing.T, s *savedToken) {
		t.Helper()
		if err := os.Symlink(filepath.Join(s.home, "victim"), s.path+sibling); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if _, err := os.Lstat(filepath.Join(s.home, "victim")); err == nil {
				t.Error("the planted link was followed")
			}
		})
	}
}

// The file attributes i and a of chattr.
const (
	immutable  = unix.STATX_ATTR_IMMUTABLE // the same numbers as FS_IMMUTABLE_FL and FS_APPEND_FL
	appendOnly = unix.STATX_ATTR_APPEND
)

// setFlag sets an attribute of the token file, or of a path relative to it.
func setFlag(attribute int, relative string) func(*testing.T, *savedToken) {
	return func(t *testing.T, s *savedToken) {
		t.Helper()
		f, err := os.Open(filepath.Join(s.path, relative))
		if err != nil {
			t.Fatal(err)
		}
		set := func(flags int) error { return unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, flags) }
		flags, err := unix.IoctlGetInt(int(f.Fd()), unix.FS_IOC_GETFLAGS)
		if err == nil {
			err = set(flags | attribute)
		}
		if err != nil {
			f.Close()
			t.Skipf("this file system, or this user, cannot set the attribute: %v", err)
		}
		t.Cleanup(func() {
			if err := errors.Join(set(flags), f.Close()); err != nil {
				t.Error(err)
			}
		})
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}
