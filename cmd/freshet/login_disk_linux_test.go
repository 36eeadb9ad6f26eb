package main_test

import (
	"path/filepath"
	"testing"

	"github.com/freshet-dev/freshet/oauthtest"
)

// The code is not sent if the token could not be saved. The user can log in again when there is
// space.
func TestLoginOnAFullDisk(t *testing.T) {
	for known, want := range map[bool]string{
		false: "cannot create connections in ",
		true:  "not enough disk space for the next version of the file; nothing was sent",
	} {
		l := newFirstLogin(t, oauthtest.Config{})
		l.home = smallDisk(t)
		l.path = filepath.Join(l.home, "connections", "acme.json")
		if known {
			wantExit(t, l.run("login"), 0)
		}
		before := l.content()
		fill(t, &savedToken{t: t, path: filepath.Join(l.home, "x")})
		wantExit(t, l.run("login"), 1, want)
		l.wantStats("requests", l.server.Stats().Requests, count(known))
		if l.content() != before {
			t.Error("the token was changed")
		}
	}
}
