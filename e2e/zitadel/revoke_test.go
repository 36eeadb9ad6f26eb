package zitadel_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/freshet-dev/freshet/e2e/zitadel"
)

// After revoke, the server and freshet refuse the token. After a login, both accept the new one.
func TestRevoke(t *testing.T) {
	s := zitadel.Start(t)
	c := publicClient(t, s)
	u := newUser(t)
	u.succeed(loginFlags(s, s.ClientID)...)
	u.succeed("revoke", "acme").want(t, 0, "revoked acme at the provider; ")

	revoked := u.token()
	if status, _ := c.userinfo(revoked["access_token"]); status == http.StatusOK {
		t.Error("the server still accepts the access token")
	}
	status, reply := c.refresh(revoked["refresh_token"])
	wantError(t, status, reply, http.StatusBadRequest, "invalid_grant")
	u.run("", "token", "acme").want(t, 4, "freshet: acme: the grant was revoked from here ")
	u.run("", "refresh", "acme").want(t, 4, "freshet: acme: the grant was revoked from here ")

	u.succeed("login", "acme").want(t, 0, "logged in: acme ")
	u.succeed("refresh", "acme")
	if status, _ := c.userinfo(u.output("token", "acme")); status != http.StatusOK {
		t.Errorf("after another login: status %d", status)
	}
}

// introspection is the output of freshet introspect --json.
type introspection struct {
	Active          bool
	Username, Scope string
	ClientID        string `json:"client_id"`
}

// freshet introspect reports a grant that was ended at the provider.
func TestGrantEndedAtTheProvider(t *testing.T) {
	s := zitadel.Start(t)
	u := newUser(t, s.Secret)
	u.loginConfidential(s, s.Secret, append(loginFlags(s, s.ConfidentialID), "--auth", "basic")...).want(t, 0, "")

	var active introspection
	u.readJSON(&active, "introspect", "acme", "--json")
	if want := (introspection{true, "alice@example.com", scopes, s.ConfidentialID}); active != want {
		t.Errorf("introspect: %+v, want %+v", active, want)
	}

	confidentialClient(t, s).post("revocation_endpoint", url.Values{"token": {u.token()["refresh_token"]}})
	var ended introspection
	u.readJSON(&ended, "introspect", "acme", "--json")
	if ended != (introspection{}) {
		t.Errorf("introspect: %+v", ended)
	}
	u.run("", "refresh", "acme").want(t, 4, "freshet: acme: the refresh token was refused: ")
	u.run("", "token", "acme").want(t, 0, "") // the access token may still be valid
	if s.Reuses() != 0 {
		t.Errorf("%d reuses", s.Reuses())
	}
}
