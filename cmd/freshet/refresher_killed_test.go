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

// steps are the points of a refresh, in their order, at which the refresher can be made to kill itself.
var steps = []string{
	"pending.reserve", "next.reserve", "intent.write", "intent.synced", "announced",
	// Here the refresh token is sent, and the answer received.
	"reply.write", "reply.written", "reply.synced",
	"next.write", "next.synced", "rename", "renamed", "done",
}

// Whatever step the refresher is killed at, the file is whole, and the next run finishes what can be finished.
func TestRefresherIsKilledAtEveryStep(t *testing.T) {
	for i, step := range steps {
		t.Run(step, func(t *testing.T) {
			s := save(t, rotating(t, 0), 3*time.Hour)
			wantExit(t, s.runWith("FRESHET_TEST_KILL_AT="+step, "token"), 5, "was ended before it could answer", "freshet status")
			sent := i >= slices.Index(steps, "reply.write")
			s.wantStats("requests", s.server.Stats().Requests, count(sent))
			if renamed := i >= slices.Index(steps, "renamed"); s.replaced() != renamed {
				t.Errorf("the file was replaced: %v, want %v", s.replaced(), renamed)
			}
			if step == "reply.write" {
				t.Log("lost: the answer was received, and its receiver killed before it could write it down")
				wantExit(t, s.run("token"), 4, "was interrupted before its answer was saved", "log in again")
				s.wantStats("requests", s.server.Stats().Requests, 2)
				return
			}
			s.wantRecovery()
		})
	}
}

// A provider that takes a spent refresh token for a little longer forgives the one loss that freshet cannot prevent.
func TestRefresherIsKilledBeforeItWroteTheAnswerWithinAGrace(t *testing.T) {
	s := save(t, newServer(t, oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true, Grace: time.Minute}), 3*time.Hour)
	wantExit(t, s.runWith("FRESHET_TEST_KILL_AT=reply.write", "token"), 5)
	s.token()
	s.wantAlive()
	s.wantStats("requests", s.server.Stats().Requests, 2)
}

// A run that recovers may be killed, too.
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

// A recovery goes by the file as it is, not as it was when the killed refresher began.
func TestRecoveryKeepsAModeThatWasNarrowedMeanwhile(t *testing.T) {
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

func (s *saved) chmod(mode fs.FileMode) {
	s.t.Helper()
	if err := os.Chmod(s.path, mode); err != nil {
		s.t.Fatal(err)
	}
}

// wantRecovery checks that the next run gets a token with no request but the one that is due, and leaves nothing behind.
func (s *saved) wantRecovery() {
	s.t.Helper()
	s.token()
	s.wantStats("requests", s.server.Stats().Requests, 1)
	s.wantAlive()
	// A token that is fresh is printed without a look at what lies beside it; a refresh clears that up.
	wantExit(s.t, s.run("refresh", "--if-stale"), 0)
	if len(s.siblings()) > 0 {
		wantExit(s.t, s.run("refresh"), 0, "recovered")
	}
	s.wantStats("requests", s.server.Stats().Requests, 1)
	s.wantAlive()
	s.wantClean()
}

// wantClean checks that nothing but the lock lies beside the token.
func (s *saved) wantClean() {
	s.t.Helper()
	if left := s.siblings(); len(left) > 0 {
		s.t.Errorf("left beside the token: %v", left)
	}
}

// runWith runs freshet with one more variable, which the refresher inherits.
func (s *saved) runWith(variable string, args ...string) ended {
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
