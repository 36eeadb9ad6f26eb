package zitadel_test

import (
	"net/http"
	"testing"

	"github.com/freshet-dev/freshet/e2e/zitadel"
)

func TestDeviceLogin(t *testing.T) {
	s := zitadel.Start(t)
	u := newUser(t)

	waiting := u.start(append(loginFlags(s, s.ClientID), "--device")...)
	if !s.DenyDevice(waiting.until(`^  ([A-Z]{4}-[A-Z]{4})$`)) {
		t.Fatal("the user code is not known")
	}
	waiting.wait().want(t, 4, "freshet: acme: consent was denied ")
	u.run("", "token", "acme").want(t, 1, "there is no connection of this name")

	waiting = u.start(append(loginFlags(s, s.ClientID), "--device")...)
	if !s.ApproveDevice(waiting.until(`^  ([A-Z]{4}-[A-Z]{4})$`)) {
		t.Fatal("the user code is not known")
	}
	waiting.wait().want(t, 0, "logged in: acme (alice@example.com at ")
	u.succeed("refresh", "acme")
	if status, about := publicPeer(t, s).userinfo(u.printed("token", "acme")); status != http.StatusOK {
		t.Errorf("the server does not know the token: status %d: %v", status, about)
	}
	if s.Refreshes() != 1 || s.Reuses() != 0 {
		t.Errorf("%d refreshes, %d reuses", s.Refreshes(), s.Reuses())
	}
}
