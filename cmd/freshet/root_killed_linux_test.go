package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/freshet-dev/freshet/oauthtest"
)

// Root refreshes the file of a user and is killed. The next run of root's finishes what can be finished, the file stays the user's, and the
// user can go on with it.
func TestRootIsKilledAtEveryStepOnAUsersFile(t *testing.T) {
	for actor, act := range map[string]func(*shared){"by the path": func(*shared) {}, "by a connection": (*shared).asConnection} {
		for i, step := range steps {
			t.Run(actor+", "+step, func(t *testing.T) {
				t.Parallel()
				s := newShared(t, oauthtest.Config{Provider: oauthtest.Salesforce})
				chmod(t, filepath.Dir(s.path), 0o755)
				act(s)
				cmd := s.command("refresh")
				cmd.Env = append(cmd.Env, "FRESHET_TEST_KILL_AT="+step)
				wantExit(t, capture(t, cmd), 5, "was ended before it could answer")
				s.wantUnharmed()
				if step == "reply.write" {
					return // the answer is lost with the process
				}
				sent := i >= slices.Index(steps, "reply.write")
				s.wantStats("requests", s.server.Stats().Requests, count(sent))
				wantExit(t, s.run("refresh", "--if-stale"), 0)
				if len(s.siblings()) > 0 {
					wantExit(t, s.run("refresh"), 0, "recovered")
				}
				s.wantStats("requests", s.server.Stats().Requests, 1)
				s.wantUnharmed()
				s.wantClean()
				s.wantOwners()
			})
		}
	}
}

// wantOwners checks that the owner can refresh the token, with everything that root left beside it.
func (s *shared) wantOwners() {
	s.t.Helper()
	owners := *s
	owners.target, owners.home = s.path, filepath.Join(filepath.Dir(s.home), "owner")
	must(s.t, os.Mkdir(owners.home, 0o700))
	owners.asOwner()
	wantExit(s.t, owners.run("refresh", "--force"), 0, "refreshed")
	s.wantUnharmed()
	s.wantAlive()
}

// Root logs in with a token file of a user's and is killed. The registration waits in root's own directory, the token is the user's.
func TestRootsLoginIsKilledAtEveryStepOnAUsersFile(t *testing.T) {
	for _, step := range steps {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			s := newShared(t, oauthtest.Config{Consent: oauthtest.Allow})
			chmod(t, filepath.Dir(s.path), 0o755)
			s.asConnection()
			cmd := s.login()
			cmd.Env = append(cmd.Env, "FRESHET_TEST_KILL_AT="+step)
			wantExit(t, capture(t, cmd), 5, "was ended before it could answer")
			s.wantUnharmed()
			// The document is written in the same steps before anything is sent, so that the first of them is met there.
			written := slices.Contains([]string{"reply.written", "reply.synced", "done"}, step)
			if sent := written || step == "reply.write"; s.server.Stats().Requests != count(sent) {
				t.Errorf("the server saw %d requests, sent: %t", s.server.Stats().Requests, sent)
			}
			got := s.run("token")
			wantExit(t, got, 0)
			if written {
				s.wantWorking(got)
				s.wantStats("requests", s.server.Stats().Requests, 1)
			}
			s.wantUnharmed()
			wantExit(t, capture(t, s.login()), 0, "logged in")
			s.wantClean()
			s.wantOwners()
		})
	}
}

// login is freshet, asked to log in to the connection that points to the user's file.
func (s *shared) login() *exec.Cmd {
	s.t.Helper()
	cmd := s.command("login")
	cmd.Args = []string{
		cmd.Args[0], "login", "acme", "--client-id", s.server.ClientID(), "--authorize-url", s.server.AuthorizationEndpoint(),
		"--token-url", s.server.TokenEndpoint(),
	}
	cmd.Env = append(cmd.Env, "FRESHET_BROWSER=curl -sL -o /dev/null")
	return cmd
}
