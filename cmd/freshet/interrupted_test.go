//go:build unix

package main_test

import (
	"testing"
	"time"

	"github.com/freshet-dev/freshet/oauthtest"
)

// Without a reply it is unknown whether the server has rotated. The saved access token is returned
// with a warning while it is valid. Then one attempt is made.

func TestLostReply(t *testing.T) {
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
			server := newServer(t,
				oauthtest.Config{Rotate: true, Faults: []oauthtest.Fault{{Name: c.fault, Count: 1}}})
			s := save(t, server, 50*time.Minute) // of an hour: stale but valid
			s.flags = append(s.flags, "--token-url", server.TokenEndpoint())

			first := s.run("token")
			wantExit(t, first, 0, "warning: ", c.warning,
				"it is not known whether the provider replaced the refresh token")
			s.wantOld(first)
			s.wantStats("requests", server.Stats().Requests, 1)

			again := s.run("token")
			wantExit(t, again, 0, "warning: ", c.warning)
			s.wantOld(again)
			// Without a record of the failure, the journal says so.
			s.home = t.TempDir()
			marked := s.run("token")
			wantExit(t, marked, 0, "warning: ", "a refresh begun at ", "was interrupted before its answer was saved",
				c.warning)
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
				wantExit(t, s.run("token"), 4, "was interrupted before its answer was saved",
					"the provider had probably replaced the refresh token")
				s.wantStats("requests", server.Stats().Requests, 2)
			}
			if s.replaced() {
				t.Error("the refusal changed the file")
			}
		})
	}
}

// Half of a reply can contain the whole refresh token: Salesforce sends it early.
func TestRefreshTokenInATruncatedReply(t *testing.T) {
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

// An expired access token is not printed.
func TestLostReplyForAnExpiredToken(t *testing.T) {
	s := save(t, rotating(t, 0), 3*time.Hour)
	s.server.Fail(oauthtest.Fault{Name: "lost", Count: 1})
	got := s.run("token")
	wantExit(t, got, 5, "no answer from", "it is not known whether the provider replaced the refresh token")
	if got.stdout != "" {
		t.Error("an expired token was printed")
	}
	s.wantStats("requests", s.server.Stats().Requests, 1)
}

// Within the provider's grace, the next attempt succeeds.
func TestLostReplyWithinAGrace(t *testing.T) {
	server := newServer(t, oauthtest.Config{Rotate: true, Grace: time.Minute})
	server.Fail(oauthtest.Fault{Name: "lost", Count: 1})
	s := save(t, server, 3*time.Hour)
	s.flags = append(s.flags, "--token-url", server.TokenEndpoint())
	wantExit(t, s.run("token"), 5, "no answer from")
	s.home = t.TempDir() // without the record of the failure
	s.token()
	s.wantAlive()
	s.wantStats("requests", server.Stats().Requests, 2)
}

// wantOld checks that the saved access token was printed.
func (s *savedToken) wantOld(got result) {
	s.t.Helper()
	if got.stdout != s.before.AccessToken+"\n" {
		s.t.Error("the printed access token is not the saved one")
	}
}
