package zitadel_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/e2e/zitadel"
)

// loginFlags are all that a user types to log in for the first time.
func loginFlags(s *zitadel.Server, clientID string) []string {
	return []string{"login", "acme", "--issuer", s.Issuer, "--client-id", clientID, "--scope", scopes}
}

// The whole of it: with the issuer's address alone, and a browser.
func TestBrowserLogin(t *testing.T) {
	s := zitadel.Start(t)
	u := newUser(t)
	r := u.succeed(loginFlags(s, s.ClientID)...)
	r.want(t, 0, "logged in: acme (alice@example.com at "+strings.TrimPrefix(s.Issuer, "http://")+"); valid until ")
	r.want(t, 0, "; refresh token saved\nnext: freshet token acme\n")
	if strings.Contains(r.errors, "warning") {
		t.Errorf("login warns: %s", r.errors)
	}

	// It asked for a nonce of its own, and compared.
	if nonce, _ := claims(t, u.token()["id_token"])["nonce"].(string); nonce == "" {
		t.Error("the id_token has no nonce")
	}
	if status, about := publicPeer(t, s).userinfo(u.printed("token", "acme")); status != http.StatusOK || about["sub"] != "alice" {
		t.Errorf("the server does not know the token: status %d: %v", status, about)
	}

	var about struct{ Account, State, Scope string }
	u.readJSON(&about, "status", "acme", "--json")
	if about.Account != "alice@example.com" || about.State != "fresh" || about.Scope != scopes {
		t.Errorf("status: %+v", about)
	}
	var who struct{ Identity struct{ Sub, Email string } }
	u.readJSON(&who, "whoami", "acme", "--json")
	if who.Identity.Sub != "alice" || who.Identity.Email != "alice@example.com" {
		t.Errorf("whoami: %+v", who)
	}
	if s.Refreshes() != 0 {
		t.Errorf("%d refreshes of a token that is fresh", s.Refreshes())
	}
}

// readJSON reads what a command prints.
func (u user) readJSON(into any, args ...string) {
	u.t.Helper()
	if err := json.Unmarshal([]byte(u.succeed(args...).out), into); err != nil {
		u.t.Errorf("%s: %v", args[0], err)
	}
}

// A login that somebody meddled with on its way through the browser ends with a sentence, and without a token.
func TestMeddledLogin(t *testing.T) {
	s := zitadel.Start(t)
	u := newUser(t)
	for parameter, want := range map[string]struct {
		code int
		says string
	}{
		"nonce":          {4, "the id_token's nonce is not the one that was sent: it belongs to another login"},
		"code_challenge": {4, "the provider did not accept the login's code"},
		"response_type":  {3, "this application may not log people in this way"},
	} {
		t.Run(parameter, func(t *testing.T) {
			u := u.anew(t)
			waiting := u.start(append(loginFlags(s, s.ClientID), "--no-browser")...)
			if err := browse(with(t, waiting.until(`^  (http://\S+)$`), parameter, "another")); err != nil {
				t.Error(err) // the page of freshet, which says what is wrong
			}
			waiting.wait().want(t, want.code, want.says)
			if u.token()["access_token"] != "" {
				t.Error("a token was saved")
			}
		})
	}
}

// An answer with another state says nothing about the login, which goes on.
func TestForeignAnswer(t *testing.T) {
	s := zitadel.Start(t)
	u := newUser(t)
	waiting := u.start(append(loginFlags(s, s.ClientID), "--no-browser")...)
	address := waiting.until(`^  (http://\S+)$`)
	if browse(with(t, address, "state", "another")) == nil {
		t.Error("the page says that all is well")
	}
	waiting.until(`^freshet: warning: the answer belongs to (another) login`)
	if err := browse(address); err != nil {
		t.Error(err)
	}
	waiting.wait().want(t, 0, "logged in: acme ")
}

// confidential logs in with the secret in a file, and a redirect address that was registered before.
func (u user) confidential(s *zitadel.Server, secret string, more ...string) result {
	u.t.Helper()
	file := filepath.Join(u.t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		u.t.Fatal(err)
	}
	waiting := u.start(append(more, "--client-secret-from", "file:"+file, "--no-browser")...)
	address := waiting.until(`^  (http://\S+)$`)
	s.AllowRedirect(query(u.t, address).Get("redirect_uri"))
	if err := browse(address); err != nil {
		u.t.Error(err)
	}
	return waiting.wait()
}

func TestConfidentialLogin(t *testing.T) {
	s := zitadel.Start(t)
	u := newUser(t, s.Secret)
	for _, auth := range []string{"basic", "body"} {
		t.Run(auth, func(t *testing.T) {
			u := u.anew(t)
			u.confidential(s, s.Secret, append(loginFlags(s, s.ConfidentialID), "--auth", auth)...).want(t, 0, "logged in: acme ")
			u.succeed("refresh", "acme")
			u.succeed("refresh", "acme")
		})
	}
	if s.Refreshes() != 4 || s.Reuses() != 0 {
		t.Errorf("%d refreshes, %d reuses", s.Refreshes(), s.Reuses())
	}
}

// A first login that fails leaves nothing; a later one that fails, everything as it was.
func TestConfidentialLoginWithAnotherSecret(t *testing.T) {
	s := zitadel.Start(t)
	u := newUser(t, s.Secret, "a-slip-of-the-pen")
	u.confidential(s, "a-slip-of-the-pen", append(loginFlags(s, s.ConfidentialID), "--auth", "basic")...).
		want(t, 3, "the server does not accept the client id or the client secret")
	u.run("", "token", "acme").want(t, 1, "there is no connection of this name")
	u.confidential(s, s.Secret, append(loginFlags(s, s.ConfidentialID), "--auth", "basic")...).want(t, 0, "logged in: acme ")
	u.confidential(s, "a-slip-of-the-pen", "login", "acme").want(t, 3, "the server does not accept the client id or the client secret")
	u.confidential(s, s.Secret, "login", "acme").want(t, 0, "logged in: acme ")
}
