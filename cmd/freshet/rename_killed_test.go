//go:build unix

package main_test

import (
	"path/filepath"
	"testing"

	"github.com/freshet-dev/freshet/oauthtest"
)

// At whatever step a rename is killed, the connection has its token under a name, and the same command
// completes the rename. No refresh token is sent twice.
func TestRenameIsKilledAtEveryStep(t *testing.T) {
	for _, test := range []struct {
		step     string
		complete int // the exit code of the same command afterwards
	}{
		{"next.reserve", 0},
		{"next.write", 0},
		{"next.synced", 0},
		{"rename", 0},
		{"renamed", 0},
		{"rename.marked", 0},
		{"rename.linked", 0},
		{"rename.removed", 1}, // there is no connection of the old name any more
	} {
		t.Run(test.step, func(t *testing.T) {
			l := newFirstLogin(t, oauthtest.Config{Rotate: true})
			wantExit(t, l.run("login"), 0)
			killed := l.command("rename", "corp")
			killed.Env = append(killed.Env, "FRESHET_TEST_KILL_AT="+test.step)
			if got := capture(t, killed); got.code == 0 {
				t.Fatal("the command was not killed")
			}
			before := l.run("token")
			if test.complete == 0 {
				wantExit(t, before, 0)
			}
			wantExit(t, l.run("rename", "corp"), test.complete)
			wantExit(t, l.run("token"), 1, "no such connection")
			l.path = filepath.Join(l.home, "connections", "corp.json")
			refresh := l.command("refresh")
			refresh.Args[2] = "corp"
			wantExit(t, capture(t, refresh), 0, "refreshed corp")
			if stats := l.server.Stats(); stats.Reuses != 0 || stats.Refreshes != 1 {
				t.Errorf("%d refreshes, %d reuses", stats.Refreshes, stats.Reuses)
			}
		})
	}
}
