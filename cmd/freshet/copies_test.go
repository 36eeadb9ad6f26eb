//go:build unix

package main_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// copyOf saves the same document in a directory of its own, for the same user.
func (s *saved) copyOf() *saved {
	s.t.Helper()
	twin := *s
	twin.path = filepath.Join(s.t.TempDir(), "token.json")
	data, err := os.ReadFile(s.path)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(twin.path, data, 0o600); err != nil {
		s.t.Fatal(err)
	}
	return &twin
}

// Two copies of a token file are refreshed by many processes at once: the processes of one are served, those of the other are
// refused, and no token is sent twice.
func TestRaceOfCopies(t *testing.T) {
	for _, latency := range []time.Duration{0, 100 * time.Millisecond} {
		t.Run("latency "+latency.String(), func(t *testing.T) {
			s := save(t, rotating(t, latency), 3*time.Hour)
			twin := s.copyOf()
			served, refused := 0, 0
			for _, got := range raceThrough([]*saved{s, twin}, []string{"token"}) {
				if got.code == 0 {
					served++
					s.wantWorking(got)
					continue
				}
				refused++
				wantExit(t, got, 4, "replaced this refresh token at")
			}
			if s.replaced() == twin.replaced() {
				t.Error("both or neither were refreshed")
			}
			if twin.replaced() {
				s = twin
			}
			if served != refused {
				t.Errorf("%d were served, and %d refused", served, refused)
			}
			s.wantStats("requests", s.server.Stats().Requests, 1)
			s.wantAlive()
		})
	}
}

// Whatever step the refresher is killed at, a copy of the token is not sent if it was replaced.
func TestCopyAfterTheRefresherIsKilled(t *testing.T) {
	for i, step := range steps {
		if step == "reply.write" {
			continue // nothing tells that the answer was received: the copy is the one attempt that is left
		}
		t.Run(step, func(t *testing.T) {
			s := save(t, rotating(t, 0), 3*time.Hour)
			twin := s.copyOf()
			wantExit(t, s.runWith("FRESHET_TEST_KILL_AT="+step, "token"), 5)
			if sent := i > slices.Index(steps, "reply.write"); !sent {
				twin.token()
				wantExit(t, s.run("token"), 4, "replaced this refresh token at")
				twin.wantAlive()
				return
			}
			if got := twin.run("token"); got.code != 4 && got.code != 5 {
				t.Errorf("the copy: exit code %d, want 4 or 5; %s", got.code, got.stderr)
			}
			s.token()
			wantExit(t, twin.run("token"), 4, "replaced this refresh token at")
			s.wantStats("requests", s.server.Stats().Requests, 1)
			s.wantAlive()
		})
	}
}
