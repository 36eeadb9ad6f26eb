//go:build unix

package main_test

import (
	"os"
	"testing"

	"github.com/freshet-dev/freshet/oauthtest"
)

// clientSteps are the steps of a request for a token of the client's own: there is no journal.
var clientSteps = []string{"next.reserve", "next.write", "next.synced", "rename", "renamed", "done"}

func clientCommand(l firstLogin, variable string, args ...string) result {
	l.t.Helper()
	if args[0] == "login" {
		args = append(args, "--grant", "client-credentials", "--client-secret-from", "env:OWN_SECRET")
	}
	cmd := l.command(args...)
	cmd.Env = append(cmd.Env, "OWN_SECRET="+l.server.ClientSecret(), variable)
	return capture(l.t, cmd)
}

// At whatever step the process is killed that requests a token of the client's own, the connection is
// whole, and the next command gets a token: the saved one, or another.
func TestClientCredentialsAreKilledAtEveryStep(t *testing.T) {
	for _, step := range clientSteps {
		for _, killed := range []string{"login", "refresh"} {
			t.Run(killed+" "+step, func(t *testing.T) {
				l := newFirstLogin(t, oauthtest.Config{})
				if killed == "refresh" {
					wantExit(t, clientCommand(l, "", "login"), 0)
				}
				wantExit(t, clientCommand(l, "FRESHET_TEST_KILL_AT="+step, killed), 5, "ended before it could reply")
				for _, command := range []string{"token", "refresh", "token"} {
					wantExit(t, clientCommand(l, "", command), 0)
				}
				if !l.server.ValidAccess(l.content()) {
					t.Error("the saved token is not valid")
				}
				if _, err := os.Stat(l.path + ".pending"); err == nil {
					t.Error("there is a journal")
				}
			})
		}
	}
}
