package main_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Findings of freshet doctor that a script cannot produce: mounts, full disks, other users, killed
// refreshers.

// finding has the members of a finding in the output of freshet doctor --json that the tests use.
type finding struct{ Check, Severity, Certainty, What, Remedy, Kind string }

// diagnose runs freshet doctor, and returns its findings and its exit code.
func (s *savedToken) diagnose(args ...string) ([]finding, int) {
	s.t.Helper()
	got := s.run(append([]string{"doctor", "--offline", "--json"}, args...)...)
	var report struct {
		Targets []struct{ Findings []finding }
	}
	if err := json.Unmarshal([]byte(got.stdout), &report); err != nil {
		s.t.Fatalf("%v; standard error: %s", err, got.stderr)
	}
	return report.Targets[0].Findings, got.code
}

// wantFinding checks the exit code, and that there is a finding of this check with all of the
// phrases.
func (s *savedToken) wantFinding(check, severity string, code int, phrases ...string) {
	s.t.Helper()
	findings, got := s.diagnose()
	if got != code {
		s.t.Errorf("exit code %d, want %d; the findings are %+v", got, code, findings)
	}
	i := slices.IndexFunc(findings, func(f finding) bool { return f.Check == check && f.Severity == severity })
	if i < 0 {
		s.t.Fatalf("no %s %s; the findings are %+v", severity, check, findings)
	}
	for _, phrase := range phrases {
		if !strings.Contains(findings[i].What+" → "+findings[i].Remedy, phrase) {
			s.t.Errorf("%s has no %q: %+v", check, phrase, findings[i])
		}
	}
}

func TestDoctorChecksTheFileSystem(t *testing.T) {
	for name, c := range map[string]struct {
		dir      func(*testing.T) string
		damage   func(*testing.T, *savedToken)
		check    string
		severity string
		code     int
		phrases  []string
	}{
		"all is well": {
			smallDisk, func(*testing.T, *savedToken) {}, "free-space", "warning", 0,
			[]string{"has only 1", "KiB free; a refresh needs 13"},
		},
		"full disk": {
			smallDisk, fill, "free-space", "problem", 1, []string{"has 0 KiB free", "free space on"},
		},
		"no inodes": {
			fewFiles, useFiles, "free-space", "problem", 1,
			[]string{"can hold 0 more files (inodes)", "delete files"},
		},
		"few inodes": {
			fewFiles, func(*testing.T, *savedToken) {}, "free-space", "warning", 0,
			[]string{"can hold only", "more files (inodes)"},
		},
		"read-only file system": {
			smallDisk, remountReadOnly, "read-only", "problem", 1, []string{"mounted read-only", "mount it writable"},
		},
		"mounted single file": {
			tempDir, mountOnItself, "mount", "problem", 1, []string{"is a mount point", "mount its directory"},
		},
		"bind-mounted directory": {
			tempDir, func(t *testing.T, s *savedToken) {
				mount(t, filepath.Dir(s.path), filepath.Dir(s.path), "", syscall.MS_BIND, "")
			},
			"file-system", "ok", 0,
			[]string{"on a local file system"},
		},
		"file of another user, as root": {
			tempDir, func(t *testing.T, s *savedToken) { chown(t, s.path, otherUser) },
			"file-owner", "note", 0,
			[]string{"belongs to user 65533", "a refresh as root keeps the owner"},
		},
		"file of another user": {
			openDir, asNobody(otherUser, 0o700), "file-owner", "problem", 1,
			[]string{"belongs to user 65533, not to this user (65534)", "as the file's owner"},
		},
		"directory without write access": {
			openDir, asNobody(nobody, 0o500), "directory", "problem", 1,
			[]string{"cannot write to", "make the directory writable"},
		},
		"directory of another user": {
			tempDir, func(t *testing.T, s *savedToken) { chown(t, filepath.Dir(s.path), nobody) },
			"directory", "warning", 0,
			[]string{"belongs to user 65534, who can replace the token of user 0", "directory of its owner"},
		},
		"immutable file": {
			tempDir, setFlag(immutable, ""), "immutable", "problem", 1, []string{"chattr -i -a"},
		},
		"append-only directory": {
			tempDir, setFlag(appendOnly, ".."), "immutable", "problem", 1, []string{"chattr -i -a"},
		},
		"planted lock": {
			tempDir, plantLink(".lock"), "lock", "problem", 1,
			[]string{".lock is not a regular file", "find out who"},
		},
		"planted journal": {tempDir, plantLink(".pending"), "journal", "problem", 1, []string{".pending"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := saveIn(t, c.dir(t), rotating(t, 0), 0)
			c.damage(t, s)
			before := listing(t, filepath.Dir(s.path))
			s.wantFinding(c.check, c.severity, c.code, c.phrases...)
			if after := listing(t, filepath.Dir(s.path)); after != before {
				t.Errorf("the directory was changed: %s, before: %s", after, before)
			}
			s.wantStats("requests", s.server.Stats().Requests, 0)
		})
	}
}

// fewFiles returns a file system with a few inodes.
func fewFiles(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	mount(t, "none", dir, "tmpfs", 0, "mode=0755,size=64m,nr_inodes=12")
	return dir
}

// useFiles creates files until there are no inodes.
func useFiles(t *testing.T, s *savedToken) {
	t.Helper()
	for i := 0; ; i++ {
		f, err := os.Create(filepath.Join(filepath.Dir(s.path), fmt.Sprintf("file%d", i)))
		if errors.Is(err, syscall.ENOSPC) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
}

func chown(t *testing.T, path string, owner int) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("giving a file to another user needs root")
	}
	if err := os.Chown(path, owner, owner); err != nil {
		t.Fatal(err)
	}
}

// listing returns the names, modes and sizes of the directory's files.
func listing(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%s %v %d", entry.Name(), info.Mode(), info.Size()))
	}
	return strings.Join(lines, ", ")
}

// The journal of a killed refresher has its reply, and doctor says where it is.
func TestDoctorFindsTheReplyOfAKilledRefresher(t *testing.T) {
	s := save(t, rotating(t, 0), 3*time.Hour)
	wantExit(t, s.runWith("FRESHET_TEST_KILL_AT=reply.written", "refresh"), 5)
	s.wantFinding("reply-not-saved", "warning", 0,
		"was interrupted after it received the reply", "safe in "+s.path+".pending", "that saves the reply")
	wantExit(t, s.run("refresh"), 0, "recovered")
	s.wantAlive()
}

// A spilled reply has its own exit code.
func TestDoctorFindsASpilledReply(t *testing.T) {
	s := save(t, rotating(t, 0), 3*time.Hour)
	wantExit(t, s.runWith(failing+"reply.write,rename", "refresh"), 6)
	s.wantFinding("reply-not-saved", "problem", 6, "returned a new token", "is in "+s.spillDir(),
		"that saves the new token")

	all := s.store()
	if !strings.Contains(all.stdout, "spill") || !strings.Contains(all.stdout, "may contain a new token") {
		t.Errorf("doctor without a target does not name the spilled reply: %s", all.stdout)
	}
	elsewhere := *s
	elsewhere.home = t.TempDir()
	elsewhere.wantFinding("reply-not-saved", "problem", 6, "is in "+s.spillDir(), "cannot be read here")

	wantExit(t, s.run("refresh"), 0, "recovered")
	s.wantAlive()
	if all := s.store(); strings.Contains(all.stdout, "  spill") {
		t.Errorf("the spilled reply is still there: %s", all.stdout)
	}
}

// store runs freshet doctor without a target.
func (s *savedToken) store() result {
	s.t.Helper()
	cmd := s.command("doctor", "--offline")
	cmd.Args = cmd.Args[:2]
	return capture(s.t, cmd)
}

// A user without an entry in the password file, as in many containers, has no home directory unless
// HOME is set.
func TestDoctorOfAUserWithoutAHome(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("running as another user needs root")
	}
	path, err := freshetBinary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "doctor", "--offline")
	cmd.Dir = "/"
	cmd.Env = []string{} // not the environment of the test
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: otherUser, Gid: otherUser}}
	got := capture(t, cmd)
	wantExit(t, got, 0)
	if want := "there is no state directory"; !strings.Contains(got.stdout, want) {
		t.Errorf("no %q in: %s", want, got.stdout)
	}
}

// A process that was killed while it created a connection leaves a temporary document.
func TestDoctorFindsATemporaryDocument(t *testing.T) {
	s := save(t, rotating(t, 0), 0)
	cmd := s.command("import")
	cmd.Args = append(cmd.Args[:2:2], "acme", s.path, "--client-id", s.server.ClientID())
	cmd.Env = append(cmd.Env, "FRESHET_TEST_KILL_AT=create.written")
	if got := capture(t, cmd); got.code != -1 {
		t.Fatalf("it was not killed: %+v", got)
	}
	got := s.store()
	if !strings.Contains(got.stdout, filepath.Join(s.home, "connections", ".new-")) ||
		!strings.Contains(got.stdout, " was left when creating a connection was interrupted") {
		t.Errorf("doctor printed: %s", got.stdout)
	}
}
