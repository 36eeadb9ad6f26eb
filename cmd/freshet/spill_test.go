//go:build unix

package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A refresh succeeded, but its result cannot be saved in its place. Here one step of saving after
// another fails. The reply is saved elsewhere, and the next run moves it to its place. The tests
// are parallel because freshet retries for more than a second.

const failing = "FRESHET_TEST_FAIL_AT="

func TestResultThatCannotBeSaved(t *testing.T) {
	for name, c := range map[string]struct {
		fail  string
		place func(*savedToken) string // where the reply is saved
		short bool                     // also under -short: each takes seconds
	}{
		"the new version cannot be written": {"next.write", (*savedToken).journal, false},
		"the new version cannot be synced":  {"next.synced", (*savedToken).journal, false},
		"the rename fails":                  {"rename", (*savedToken).journal, true},
		"the token's disk fails":            {"reply.write,rename", (*savedToken).spillDir, true},
		"syncing fails":                     {"reply.synced,next.synced", (*savedToken).spillDir, false},
	} {
		if testing.Short() && !c.short {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := save(t, rotating(t, 0), 3*time.Hour)
			place := c.place(s)
			got := s.runWith(failing+c.fail, "token")
			wantExit(t, got, 6, "refreshed, but not saved in its place", "safe in "+place)
			s.wantWorking(got)
			if !testing.Short() { // the next runs fail, too, and must not lose the reply
				again := s.runWith(failing+c.fail, "token")
				wantExit(t, again, 6, "safe in "+place)
				s.wantWorking(again)
				wantExit(t, s.runWith(failing+c.fail, "refresh"), 6, "safe in "+place)
			}
			s.wantStats("requests", s.server.Stats().Requests, 1)
			if s.replaced() {
				t.Fatal("the file was replaced: the test proves nothing")
			}

			wantExit(t, s.run("refresh"), 0, "recovered", "rotated")
			s.wantStats("requests", s.server.Stats().Requests, 1)
			if !s.replaced() {
				t.Error("the reply was not adopted")
			}
			s.wantAlive()
			s.wantClean()
			if left, err := filepath.Glob(filepath.Join(s.spillDir(), "*")); err != nil || len(left) > 0 {
				t.Errorf("the spilled reply was not removed: %v, %v", left, err)
			}
			s.token()
		})
	}
}

// If the journal cannot be written, but the token can, the refresh succeeds.
func TestJournalThatCannotBeWritten(t *testing.T) {
	for _, step := range []string{"reply.write", "reply.written", "reply.synced"} {
		t.Run(step, func(t *testing.T) {
			s := save(t, rotating(t, 0), 3*time.Hour)
			got := s.runWith(failing+step, "token")
			wantExit(t, got, 0)
			s.wantWorking(got)
			s.wantAlive()
			s.wantClean()
			if left, err := filepath.Glob(filepath.Join(s.spillDir(), "*")); err != nil || len(left) > 0 {
				t.Errorf("the spilled reply was not removed: %v, %v", left, err)
			}
		})
	}
}

// The runtime directory is used if the state directory is not writable. It is deleted when the user
// logs out.
func TestSpillInTheRuntimeDirectory(t *testing.T) {
	t.Parallel()
	s := save(t, rotating(t, 0), 3*time.Hour)
	notADirectory, runtime := filepath.Join(s.home, "file"), t.TempDir()
	if err := os.WriteFile(notADirectory, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.env = []string{"FRESHET_HOME=" + notADirectory, "XDG_RUNTIME_DIR=" + runtime}
	got := s.runWith(failing+"reply.write,rename", "token")
	wantExit(t, got, 6, "safe in "+filepath.Join(runtime, "freshet", "spill"), "logout")
	s.wantWorking(got)
	s.token()
	s.wantAlive()
	s.wantStats("requests", s.server.Stats().Requests, 1)
}

// A user who cannot read the spilled reply finds a mark in the journal, and the old token is not
// sent.
func TestSpillOfAnotherUser(t *testing.T) {
	t.Parallel()
	s := save(t, rotating(t, 0), 3*time.Hour)
	wantExit(t, s.runWith(failing+"reply.write,rename", "token"), 6)
	other := *s
	other.home = t.TempDir()
	for _, args := range [][]string{{"token"}, {"refresh"}, {"refresh", "--force"}} {
		wantExit(t, other.run(args...), 6, "safe in "+s.spillDir(), "cannot be read from here")
	}
	s.wantStats("requests", s.server.Stats().Requests, 1)
	s.token()
	s.wantStats("requests", s.server.Stats().Requests, 1)
	s.wantAlive()
}

// If the reply cannot be saved anywhere, the token is still printed, and the message promises no
// recovery.
func TestResultThatCannotBeSavedAnywhere(t *testing.T) {
	t.Parallel()
	s := save(t, rotating(t, 0), 3*time.Hour)
	got := s.runWith(failing+"reply.write,rename,private.write", "token")
	wantExit(t, got, 6, "could not be saved anywhere")
	if strings.Contains(got.stderr, "the next run saves it") {
		t.Errorf("it promises a recovery that is not possible: %s", got.stderr)
	}
	s.wantWorking(got)
	s.wantStats("requests", s.server.Stats().Requests, 1)
}

func (s *savedToken) journal() string  { return s.path + ".pending" }
func (s *savedToken) spillDir() string { return filepath.Join(s.home, "spill") }
