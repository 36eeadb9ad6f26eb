//go:build unix

package main_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// copyFile copies the token file to another directory of the same user.
func (s *savedToken) copyFile() *savedToken {
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

// Many processes refresh two copies of a token file at once. Those with one copy get a token, those
// with the other are refused, and no refresh token is sent twice.
func TestRaceOfCopies(t *testing.T) {
	for _, latency := range []time.Duration{0, 100 * time.Millisecond} {
		t.Run("latency "+latency.String(), func(t *testing.T) {
			s := save(t, rotating(t, latency), 3*time.Hour)
			twin := s.copyFile()
			served, refused := 0, 0
			for _, got := range raceThrough([]*savedToken{s, twin}, []string{"token"}) {
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
				t.Errorf("%d processes got a token, %d were refused", served, refused)
			}
			s.wantStats("requests", s.server.Stats().Requests, 1)
			s.wantAlive()
		})
	}
}

// At whatever step the refresher is killed, a copy of a replaced token is not sent.
func TestCopyAfterTheRefresherIsKilled(t *testing.T) {
	for i, step := range steps {
		if step == "reply.write" {
			continue // the reply is lost, so one attempt with the copy is allowed
		}
		t.Run(step, func(t *testing.T) {
			s := save(t, rotating(t, 0), 3*time.Hour)
			twin := s.copyFile()
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
