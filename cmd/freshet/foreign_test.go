//go:build unix

package main_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Another program writes the file without the lock while a refresh is in flight. No data is lost.

const foreignMember = "added by a program that takes no lock"

func TestForeignProgramAddsAMember(t *testing.T) {
	for name, write := range map[string]func(path string, data []byte) error{
		"in place":  func(path string, data []byte) error { return os.WriteFile(path, data, 0o600) },
		"by rename": replaceFile,
	} {
		t.Run(name, func(t *testing.T) {
			s := save(t, rotating(t, 0), 3*time.Hour)
			got := newReplyHolder(t, s.server).during(s, "token", func() {
				data, err := os.ReadFile(s.path)
				if err == nil {
					err = write(s.path, bytes.Replace(data, []byte("{"), []byte(`{"theirs": "`+foreignMember+`",`), 1))
				}
				if err != nil {
					t.Fatal(err)
				}
			})
			wantExit(t, got, 0)
			s.wantWorking(got)
			data, err := os.ReadFile(s.path)
			if err != nil || !bytes.Contains(data, []byte(foreignMember)) {
				t.Errorf("the member that the other program added is lost (%v)", err)
			}
			s.wantAlive()
			s.wantClean()
		})
	}
}

func TestForeignProgramSavesAnotherToken(t *testing.T) {
	s := save(t, rotating(t, 0), 3*time.Hour)
	other := save(t, s.server, 0)
	f := newReplyHolder(t, s.server)
	got := f.during(s, "refresh", func() {
		data, err := os.ReadFile(other.path)
		if err == nil {
			err = replaceFile(s.path, data)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	wantExit(t, got, 0, "another program saved a different refresh token", "its token was kept", s.path+".lost-")
	if s.document() != other.before {
		t.Error("the token that the other program saved was replaced")
	}
	s.wantAlive()

	// The reply is kept: its grant may still be needed.
	lost, err := filepath.Glob(s.path + ".lost-*")
	if err != nil || len(lost) != 1 {
		t.Fatalf("set aside: %v, %v, want one file", lost, err)
	}
	reply, err := os.ReadFile(lost[0])
	if answer, _ := f.last(); err != nil || !bytes.Equal(reply, answer) {
		t.Errorf("the file that was set aside is not the provider's reply (%v)", err)
	}
	if info, err := os.Stat(lost[0]); err != nil || info.Mode() != 0o600 {
		t.Errorf("others can read the file that was set aside: %v, %v", info, err)
	}
	wantExit(t, s.run("refresh"), 0)
	s.wantAlive()
}

// A file that is missing or damaged when the reply arrives is replaced.
func TestForeignProgramDamagesTheFile(t *testing.T) {
	for name, damage := range map[string]func(path string) error{
		"removed": os.Remove,
		"emptied": func(path string) error { return os.Truncate(path, 0) },
		"torn":    func(path string) error { return os.Truncate(path, 100) },
	} {
		t.Run(name, func(t *testing.T) {
			s := save(t, rotating(t, 0), 3*time.Hour)
			got := newReplyHolder(t, s.server).during(s, "token", func() {
				if err := damage(s.path); err != nil {
					t.Fatal(err)
				}
			})
			wantExit(t, got, 0)
			s.wantWorking(got)
			s.wantAlive()
			s.wantClean()
		})
	}
}

// If the directory is removed during the request, the journal is lost, and the reply must be saved
// elsewhere.
func TestDirectoryIsRemovedDuringTheRequest(t *testing.T) {
	t.Parallel() // freshet retries saving for more than a second
	s := save(t, rotating(t, 0), 3*time.Hour)
	f := newReplyHolder(t, s.server)
	got := f.during(s, "token", func() {
		if err := os.RemoveAll(filepath.Dir(s.path)); err != nil {
			t.Fatal(err)
		}
	})
	wantExit(t, got, 6, filepath.Join(s.home, "spill"))
	s.wantWorking(got)
	answer, _ := f.last()
	if !anyFileHolds(t, s.home, answer) {
		t.Error("the reply is in no file: the grant is lost")
	}
}

// during runs a command through the proxy, and calls action after the server has acted and before
// it replies.
func (f *replyHolder) during(s *savedToken, command string, action func()) result {
	s.t.Helper()
	cmd := begin(s.t, s.through(f, command))
	<-f.acted
	action()
	f.release()
	return wait(s.t, cmd)
}

func replaceFile(path string, data []byte) error {
	if err := os.WriteFile(path+".tmp", data, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}

func anyFileHolds(t *testing.T, dir string, data []byte) bool {
	t.Helper()
	found := false
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		found = found || bytes.Contains(content, data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
