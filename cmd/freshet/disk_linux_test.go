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

// What could not be saved is not begun: the refresh token is still good after every one of these. Each case gets a
// directory, spoils what is in it, and says what the message must name: what is wrong, and what to do.
func TestNothingIsSentThatCouldNotBeSaved(t *testing.T) {
	for name, c := range map[string]struct {
		dir    func(*testing.T) string
		spoil  func(*testing.T, *saved)
		phrase []string
	}{
		"full disk":               {smallDisk, fill, []string{"no room", "free some space"}},
		"full disk, lock present": {smallDisk, afterARun(fill), []string{"no room", "free some space"}},
		"read-only file system":   {smallDisk, remountReadOnly, []string{"read-only file system", "mount it writable"}},
		"read-only file system, lock present": {
			smallDisk, afterARun(remountReadOnly), []string{"read-only file system", "mount it writable"},
		},
		"removed directory":    {tempDir, removeDirectory, []string{"no such file", "give the path"}},
		"mounted single file":  {tempDir, mountOnItself, []string{"mount point", "mount the directory"}},
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
		"directory for everybody": {
			tempDir, func(t *testing.T, s *saved) { chmod(t, filepath.Dir(s.path), 0o777|os.ModeSticky) },
			[]string{"everybody may write", "directory of its own"},
		},
		"read-only directory": {
			openDir, asNobody(nobody, 0o500), []string{"refuses new files", "make the directory writable"},
		},
		"read-only directory, lock present": {
			openDir, afterARun(asNobody(nobody, 0o500)), []string{"nothing was sent", "make the directory writable"},
		},
		"another user's file": {openDir, asNobody(somebody, 0o700), []string{"another user", "file's owner"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := saveIn(t, c.dir(t), rotating(t, 0), 3*time.Hour)
			c.spoil(t, s)
			sent := s.server.Stats().Requests
			for _, command := range []string{"refresh", "token"} {
				wantExit(t, s.run(command), 1, c.phrase...)
			}
			s.wantStats("requests", s.server.Stats().Requests, sent)
		})
	}
}

// Readers write nothing: what is valid is printed from wherever it lies.
func TestValidTokenIsPrintedFromAReadOnlyPlace(t *testing.T) {
	s := saveIn(t, smallDisk(t), rotating(t, 0), 0)
	remountReadOnly(t, s)
	s.token()
	wantExit(t, s.run("status"), 0)
	s.wantStats("requests", s.server.Stats().Requests, 0)
}

// A disk that is full only of other things is refreshed on as soon as there is room.
func TestRoomIsMadeOnAFullDisk(t *testing.T) {
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

// What was reserved is enough, even if others take every other block while the request is on the wire.
func TestDiskFillsUpWhileOnTheWire(t *testing.T) {
	s := saveIn(t, smallDisk(t), rotating(t, 0), 3*time.Hour)
	got := newFront(t, s.server).during(s, "token", func() { fill(t, s) })
	wantExit(t, got, 0)
	s.wantWorking(got)
	s.wantAlive()
}

func tempDir(t *testing.T) string   { return t.TempDir() }
func smallDisk(t *testing.T) string { return tmpfs(t, "1m") }

// Users that own nothing here.
const (
	nobody   = 65534
	somebody = 65533
)

// openDir is a directory that other users can get to, which those of t.TempDir are not.
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

// asNobody makes nobody run freshet, in a directory of its own, on a file of the owner's.
func asNobody(owner int, mode os.FileMode) func(*testing.T, *saved) {
	return func(t *testing.T, s *saved) {
		t.Helper()
		dir := filepath.Dir(s.path)
		err := errors.Join(os.Chown(dir, nobody, nobody), os.Chmod(dir, mode), os.Chown(s.path, owner, owner), os.Chmod(s.path, 0o644))
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

// afterARun lets one refresh succeed first, which leaves the lock file, and then the token expire.
func afterARun(spoil func(*testing.T, *saved)) func(*testing.T, *saved) {
	return func(t *testing.T, s *saved) {
		t.Helper()
		s.token()
		s.home = t.TempDir() // or else the last refresh would be remembered
		s.age(3 * time.Hour)
		spoil(t, s)
	}
}

func ballast(s *saved) string { return filepath.Join(filepath.Dir(s.path), "ballast") }

// fill takes every block of the disk that is left.
func fill(t *testing.T, s *saved) {
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

func remountReadOnly(t *testing.T, s *saved) {
	t.Helper()
	if err := syscall.Mount("none", filepath.Dir(s.path), "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
}

func removeDirectory(t *testing.T, s *saved) {
	t.Helper()
	if err := os.RemoveAll(filepath.Dir(s.path)); err != nil {
		t.Fatal(err)
	}
}

func mountOnItself(t *testing.T, s *saved) {
	t.Helper()
	mount(t, s.path, s.path, "", syscall.MS_BIND, "")
}

func link(t *testing.T, s *saved) {
	t.Helper()
	if err := os.Link(s.path, s.path+".copy"); err != nil {
		t.Fatal(err)
	}
}

func occupyNext(t *testing.T, s *saved) {
	t.Helper()
	if err := os.MkdirAll(s.path+".next/full", 0o700); err != nil {
		t.Fatal(err)
	}
}

func plantLink(sibling string) func(*testing.T, *saved) {
	return func(t *testing.T, s *saved) {
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

// The file attributes that chattr calls i and a.
const (
	immutable  = unix.STATX_ATTR_IMMUTABLE // the numbers of FS_IMMUTABLE_FL and FS_APPEND_FL
	appendOnly = unix.STATX_ATTR_APPEND
)

// setFlag gives the token file, or what is found from there, the attribute.
func setFlag(attribute int, relative string) func(*testing.T, *saved) {
	return func(t *testing.T, s *saved) {
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
