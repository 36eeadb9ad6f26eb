//go:build unix

package main_test

import (
	"testing"
	"time"

	"github.com/freshet-dev/freshet/oauthtest"
)

// A reply that does not come leaves open whether the server has rotated. The saved access token is handed out, with a
// warning, for as long as it is valid; then one attempt is made, and what it leads to is explained.

func TestAnswerThatDoesNotCome(t *testing.T) {
	for _, c := range []struct {
		fault   string
		warning string
		rotated bool // the server had acted
	}{
		{"lost", "no answer from", true},
		{"reset", "no answer from", true},
		{"truncated", "the reply was cut short", true},
		{"500", "answered 500", false},
	} {
		t.Run(c.fault, func(t *testing.T) {
			server := newServer(t, oauthtest.Config{Rotate: true, Faults: []oauthtest.Fault{{Name: c.fault, Count: 1}}})
			s := save(t, server, 50*time.Minute) // of an hour: stale, and valid
			s.flags = append(s.flags, "--token-url", server.TokenEndpoint())

			first := s.run("token")
			wantExit(t, first, 0, "warning: ", c.warning, "it is not known whether the provider replaced the refresh token")
			s.wantOld(first)
			s.wantStats("requests", server.Stats().Requests, 1)

			again := s.run("token")
			wantExit(t, again, 0, "warning: ", c.warning)
			s.wantOld(again)
			// Whoever has no record of the failure finds the mark.
			s.home = t.TempDir()
			marked := s.run("token")
			wantExit(t, marked, 0, "warning: ", "a refresh begun at ", "was interrupted before its answer was saved", c.warning)
			s.wantOld(marked)
			s.wantStats("requests", server.Stats().Requests, 1)

			s.age(2 * time.Hour)
			if !c.rotated {
				s.token()
				s.wantAlive()
				s.wantClean()
				return
			}
			for range 2 {
				wantExit(t, s.run("token"), 4, "was interrupted before its answer was saved", "the provider had probably replaced the refresh token")
				s.wantStats("requests", server.Stats().Requests, 2)
			}
			if s.replaced() {
				t.Error("the file was changed by a refusal")
			}
		})
	}
}

// Half of a reply may hold the whole refresh token: Salesforce sends it early.
func TestRefreshTokenInAReplyThatWasCutShort(t *testing.T) {
	s := save(t, rotating(t, 0), 50*time.Minute)
	s.server.Fail(oauthtest.Fault{Name: "truncated", Count: 1})
	got := s.run("token")
	wantExit(t, got, 0, "warning: ", "the reply was cut short", "the new refresh token in it was saved")
	if !s.server.ValidRefresh(s.parse().RefreshToken) {
		t.Error("the refresh token that arrived was not saved")
	}
	s.age(2 * time.Hour)
	s.before = s.parse()
	s.token()
	s.wantAlive()
	s.wantStats("requests", s.server.Stats().Requests, 2)
}

// An access token that is no good is not handed out, whatever became of the refresh.
func TestAnswerThatDoesNotComeForAnExpiredToken(t *testing.T) {
	s := save(t, rotating(t, 0), 3*time.Hour)
	s.server.Fail(oauthtest.Fault{Name: "lost", Count: 1})
	got := s.run("token")
	wantExit(t, got, 5, "no answer from", "it is not known whether the provider replaced the refresh token")
	if got.stdout != "" {
		t.Error("an expired token was printed")
	}
	s.wantStats("requests", s.server.Stats().Requests, 1)
}

// The grace that a provider allows is used at once: within it, nothing can be lost.
func TestAnswerThatDoesNotComeWithinAGrace(t *testing.T) {
	server := newServer(t, oauthtest.Config{Rotate: true, Grace: time.Minute})
	server.Fail(oauthtest.Fault{Name: "lost", Count: 1})
	s := save(t, server, 3*time.Hour)
	s.flags = append(s.flags, "--token-url", server.TokenEndpoint())
	wantExit(t, s.run("token"), 5, "no answer from")
	s.home = t.TempDir() // which forgets the pause after the failure
	s.token()
	s.wantAlive()
	s.wantStats("requests", server.Stats().Requests, 2)
}

// wantOld checks that the access token that was saved was handed out.
func (s *saved) wantOld(got ended) {
	s.t.Helper()
	if got.stdout != s.before.AccessToken+"\n" {
		s.t.Error("it is not the saved access token that was printed")
	}
}
