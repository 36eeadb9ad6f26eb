package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/freshet-dev/freshet/oauthtest"
)

// Root refreshes a user's file and is killed. Root's next run completes the refresh if possible.
// The file still belongs to the user, who can refresh it.
func TestRootIsKilledAtEveryStepOnAUsersFile(t *testing.T) {
	for actor, act := range map[string]func(*sharedToken){
		"by the path":     func(*sharedToken) {},
		"by a connection": (*sharedToken).asConnection,
	} {
		for i, step := range steps {
			t.Run(actor+", "+step, func(t *testing.T) {
				t.Parallel()
				s := newSharedToken(t, oauthtest.Config{Provider: oauthtest.Salesforce})
				chmod(t, filepath.Dir(s.path), 0o755)
				act(s)
				cmd := s.command("refresh")
				cmd.Env = append(cmd.Env, "FRESHET_TEST_KILL_AT="+step)
				wantExit(t, capture(t, cmd), 5, "ended before it could reply")
				s.wantUnharmed()
				if step == "reply.write" {
					return // the reply is lost with the process
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

// wantOwners checks that the owner can refresh the token and use the siblings that root left.
func (s *sharedToken) wantOwners() {
	s.t.Helper()
	owners := *s
	owners.target, owners.home = s.path, filepath.Join(filepath.Dir(s.home), "owner")
	must(s.t, os.Mkdir(owners.home, 0o700))
	owners.asOwner()
	wantExit(s.t, owners.run("refresh", "--force"), 0, "refreshed")
	s.wantUnharmed()
	s.wantAlive()
}

// Root logs in with a user's token file and is killed. The registration is in root's directory, the
// token belongs to the user.
func TestRootsLoginIsKilledAtEveryStepOnAUsersFile(t *testing.T) {
	for _, step := range steps {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			s := newSharedToken(t, oauthtest.Config{Consent: oauthtest.Allow})
			chmod(t, filepath.Dir(s.path), 0o755)
			s.asConnection()
			cmd := s.login()
			cmd.Env = append(cmd.Env, "FRESHET_TEST_KILL_AT="+step)
			wantExit(t, capture(t, cmd), 5, "ended before it could reply")
			s.wantUnharmed()
			// The document is written with the same steps before anything is sent, so most kills
			// happen then.
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

// login returns a login command for the connection with the user's file.
func (s *sharedToken) login() *exec.Cmd {
	s.t.Helper()
	cmd := s.command("login")
	cmd.Args = []string{
		cmd.Args[0], "login", "acme", "--client-id", s.server.ClientID(),
		"--authorize-url", s.server.AuthorizationEndpoint(),
		"--token-url", s.server.TokenEndpoint(),
	}
	cmd.Env = append(cmd.Env, "FRESHET_BROWSER=curl -sL -o /dev/null")
	return cmd
}
