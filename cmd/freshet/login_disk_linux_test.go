package main_test

import (
	"path/filepath"
	"testing"

	"github.com/freshet-dev/freshet/oauthtest"
)

// What could not be saved is not begun: the code is not sent, and the person need only log in again once there is room.
func TestLoginOnAFullDisk(t *testing.T) {
	for known, want := range map[bool]string{false: "no space left on device; the code was not exchanged", true: "nothing was sent"} {
		l := newFirstLogin(t, oauthtest.Config{})
		l.home = smallDisk(t)
		l.path = filepath.Join(l.home, "connections", "acme.json")
		if known {
			wantExit(t, l.run("login"), 0)
		}
		before := l.content()
		fill(t, &saved{t: t, path: filepath.Join(l.home, "x")})
		wantExit(t, l.run("login"), 1, want)
		l.wantStats("requests", l.server.Stats().Requests, count(known))
		if l.content() != before {
			t.Error("the token is another")
		}
	}
}
