//go:build unix

package main_test

import (
	"io/fs"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/freshet-dev/freshet/oauthtest"
)

// steps are the steps of a refresh, in order, at which the refresher can kill itself.
var steps = []string{
	"pending.reserve", "next.reserve", "intent.write", "intent.synced", "announced",
	// Here the refresh token is sent and the reply received.
	"reply.write", "reply.written", "reply.synced",
	"next.write", "next.synced", "rename", "renamed", "done",
}

// At whatever step the refresher is killed, the file is whole, and the next run completes the
// refresh if that is possible.
func TestRefresherIsKilledAtEveryStep(t *testing.T) {
	for i, step := range steps {
		t.Run(step, func(t *testing.T) {
			s := save(t, rotating(t, 0), 3*time.Hour)
			wantExit(t, s.runWith("FRESHET_TEST_KILL_AT="+step, "token"), 5,
				"ended before it could reply", "freshet status")
			sent := i >= slices.Index(steps, "reply.write")
			s.wantStats("requests", s.server.Stats().Requests, count(sent))
			if renamed := i >= slices.Index(steps, "renamed"); s.replaced() != renamed {
				t.Errorf("the file was replaced: %v, want %v", s.replaced(), renamed)
			}
			if step == "reply.write" {
				t.Log("lost: the refresher received the reply, and was killed before it wrote it")
				wantExit(t, s.run("token"), 4, "was interrupted before its answer was saved", "log in again")
				s.wantStats("requests", s.server.Stats().Requests, 2)
				return
			}
			s.wantRecovery()
		})
	}
}

// Of several targets, one process makes all refreshes. If it is killed, another one goes on.
func TestRefresherOfManyIsKilled(t *testing.T) {
	s := save(t, rotating(t, 0), 3*time.Hour)
	other := save(t, s.server, 3*time.Hour)
	got := s.runWith("FRESHET_TEST_KILL_AT=announced", "refresh", other.path, "--concurrency", "1")
	wantExit(t, got, 5, s.path+": the process that refreshes ended", other.path+": the process that refreshes ended")
	s.wantStats("requests", s.server.Stats().Requests, 0)
	s.token()
	s.wantAlive()
}

// With a grace, even a reply that was received but not written is no loss.
func TestRefresherIsKilledBeforeItWritesTheReplyWithinAGrace(t *testing.T) {
	config := oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true, Grace: time.Minute}
	s := save(t, newServer(t, config), 3*time.Hour)
	wantExit(t, s.runWith("FRESHET_TEST_KILL_AT=reply.write", "token"), 5)
	s.token()
	s.wantAlive()
	s.wantStats("requests", s.server.Stats().Requests, 2)
}

// The recovery can be killed, too.
func TestRecoveryIsKilledAtEveryStep(t *testing.T) {
	for _, first := range []string{"reply.written", "next.synced"} {
		for _, step := range []string{"next.write", "next.synced", "rename", "renamed", "done"} {
			t.Run(first+" then "+step, func(t *testing.T) {
				s := save(t, rotating(t, 0), 3*time.Hour)
				wantExit(t, s.runWith("FRESHET_TEST_KILL_AT="+first, "refresh"), 5)
				wantExit(t, s.runWith("FRESHET_TEST_KILL_AT="+step, "refresh"), 5)
				s.wantRecovery()
			})
		}
	}
}

// A recovery keeps the current mode of the file.
func TestRecoveryKeepsANarrowedMode(t *testing.T) {
	s := save(t, rotating(t, 0), 3*time.Hour)
	s.chmod(0o644)
	wantExit(t, s.runWith("FRESHET_TEST_KILL_AT=reply.written", "refresh"), 5)
	s.chmod(0o600)
	s.wantRecovery()
	info, err := os.Stat(s.path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o600 {
		t.Errorf("the mode is %v, want %v: others can read the new token", info.Mode(), fs.FileMode(0o600))
	}
}

func (s *savedToken) chmod(mode fs.FileMode) {
	s.t.Helper()
	if err := os.Chmod(s.path, mode); err != nil {
		s.t.Fatal(err)
	}
}

// wantRecovery checks that the next runs need one request in total, and leave only the token and
// its lock.
func (s *savedToken) wantRecovery() {
	s.t.Helper()
	s.token()
	s.wantStats("requests", s.server.Stats().Requests, 1)
	s.wantAlive()
	// A fresh token is printed without reading its siblings. A refresh removes them.
	wantExit(s.t, s.run("refresh", "--if-stale"), 0)
	if len(s.siblings()) > 0 {
		wantExit(s.t, s.run("refresh"), 0, "recovered")
	}
	s.wantStats("requests", s.server.Stats().Requests, 1)
	s.wantAlive()
	s.wantClean()
}

// wantClean checks that the token has no sibling but the lock.
func (s *savedToken) wantClean() {
	s.t.Helper()
	if left := s.siblings(); len(left) > 0 {
		s.t.Errorf("the token has siblings: %v", left)
	}
}

// runWith runs freshet with another environment variable, which the refresher inherits.
func (s *savedToken) runWith(variable string, args ...string) result {
	s.t.Helper()
	cmd := s.command(args...)
	cmd.Env = append(cmd.Env, variable)
	return capture(s.t, cmd)
}

func count(happened bool) int {
	if happened {
		return 1
	}
	return 0
}
