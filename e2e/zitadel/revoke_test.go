package zitadel_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/freshet-dev/freshet/e2e/zitadel"
)

// After revoke, neither the server nor freshet has any use for the token; after a login, both do.
func TestRevoke(t *testing.T) {
	s := zitadel.Start(t)
	p := publicPeer(t, s)
	u := newUser(t)
	u.succeed(loginFlags(s, s.ClientID)...)
	u.succeed("revoke", "acme").want(t, 0, "revoked acme: the provider ended the grant; ")

	dead := u.token()
	if status, _ := p.userinfo(dead["access_token"]); status == http.StatusOK {
		t.Error("the server still honours the access token")
	}
	status, reply := p.refresh(dead["refresh_token"])
	wantRefusal(t, status, reply, http.StatusBadRequest, "invalid_grant")
	u.run("", "token", "acme").want(t, 4, "freshet: acme: the grant was revoked from here ")
	u.run("", "refresh", "acme").want(t, 4, "freshet: acme: the grant was revoked from here ")

	u.succeed("login", "acme").want(t, 0, "logged in: acme ")
	u.succeed("refresh", "acme")
	if status, _ := p.userinfo(u.printed("token", "acme")); status != http.StatusOK {
		t.Errorf("after another login: status %d", status)
	}
}

// introspection is what the client that may ask is told.
type introspection struct {
	Active          bool
	Username, Scope string
	ClientID        string `json:"client_id"`
}

// A grant that somebody ended at the provider looks alive here, until somebody asks.
func TestGrantEndsElsewhere(t *testing.T) {
	s := zitadel.Start(t)
	u := newUser(t, s.Secret)
	u.confidential(s, s.Secret, append(loginFlags(s, s.ConfidentialID), "--auth", "basic")...).want(t, 0, "")

	var alive introspection
	u.readJSON(&alive, "introspect", "acme", "--json")
	if want := (introspection{true, "alice@example.com", scopes, s.ConfidentialID}); alive != want {
		t.Errorf("introspect: %+v, want %+v", alive, want)
	}

	confidentialPeer(t, s).post("revocation_endpoint", url.Values{"token": {u.token()["refresh_token"]}})
	var ended introspection
	u.readJSON(&ended, "introspect", "acme", "--json")
	if ended != (introspection{}) {
		t.Errorf("introspect: %+v", ended)
	}
	u.run("", "refresh", "acme").want(t, 4, "freshet: acme: the refresh token was refused: ")
	u.run("", "token", "acme").want(t, 0, "") // as long as the access token may still be good
	if s.Reuses() != 0 {
		t.Errorf("%d reuses", s.Reuses())
	}
}
