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

// loginFlags returns the arguments for a first login.
func loginFlags(s *zitadel.Server, clientID string) []string {
	return []string{"login", "acme", "--issuer", s.Issuer, "--client-id", clientID, "--scope", scopes}
}

// The user gives only the issuer's address, and a browser does the rest.
func TestBrowserLogin(t *testing.T) {
	s := zitadel.Start(t)
	u := newUser(t)
	r := u.succeed(loginFlags(s, s.ClientID)...)
	r.want(t, 0, "logged in: acme (alice@example.com at "+strings.TrimPrefix(s.Issuer, "http://")+"); valid until ")
	r.want(t, 0, "; refresh token saved\nnext: freshet token acme\n")
	if strings.Contains(r.errors, "warning") {
		t.Errorf("login printed a warning: %s", r.errors)
	}

	// freshet sent a nonce and compared it.
	if nonce, _ := claims(t, u.token()["id_token"])["nonce"].(string); nonce == "" {
		t.Error("the id_token has no nonce")
	}
	status, userinfo := publicClient(t, s).userinfo(u.output("token", "acme"))
	if status != http.StatusOK || userinfo["sub"] != "alice" {
		t.Errorf("the server does not accept the token: status %d: %v", status, userinfo)
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
		t.Errorf("%d refreshes of a fresh token", s.Refreshes())
	}
}

// readJSON parses the output of a command.
func (u user) readJSON(into any, args ...string) {
	u.t.Helper()
	if err := json.Unmarshal([]byte(u.succeed(args...).out), into); err != nil {
		u.t.Errorf("%s: %v", args[0], err)
	}
}

// A login whose authorization request was changed fails with a message, and saves no token.
func TestChangedAuthorizationRequest(t *testing.T) {
	s := zitadel.Start(t)
	u := newUser(t)
	for parameter, want := range map[string]struct {
		code    int
		message string
	}{
		"nonce":          {4, "the id_token's nonce is not the one that was sent: it belongs to another login"},
		"code_challenge": {4, "the provider did not accept the login's code"},
		"response_type":  {3, "this application may not use this kind of login"},
	} {
		t.Run(parameter, func(t *testing.T) {
			u := u.withNewHome(t)
			waiting := u.start(append(loginFlags(s, s.ClientID), "--no-browser")...)
			if err := browse(with(t, waiting.until(`^  (http://\S+)$`), parameter, "another")); err != nil {
				t.Error(err) // freshet's page, which shows the error
			}
			waiting.wait().want(t, want.code, want.message)
			if u.token()["access_token"] != "" {
				t.Error("a token was saved")
			}
		})
	}
}

// A callback with another state is refused, and the login goes on.
func TestCallbackOfAnotherLogin(t *testing.T) {
	s := zitadel.Start(t)
	u := newUser(t)
	waiting := u.start(append(loginFlags(s, s.ClientID), "--no-browser")...)
	address := waiting.until(`^  (http://\S+)$`)
	if browse(with(t, address, "state", "another")) == nil {
		t.Error("the page reports success")
	}
	waiting.until(`^freshet: warning: the answer belongs to (another) login`)
	if err := browse(address); err != nil {
		t.Error(err)
	}
	waiting.wait().want(t, 0, "logged in: acme ")
}

// loginConfidential logs in with the secret in a file and a registered redirect URI.
func (u user) loginConfidential(s *zitadel.Server, secret string, more ...string) result {
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
			u := u.withNewHome(t)
			u.loginConfidential(s, s.Secret, append(loginFlags(s, s.ConfidentialID), "--auth", auth)...).
				want(t, 0, "logged in: acme ")
			u.succeed("refresh", "acme")
			u.succeed("refresh", "acme")
		})
	}
	if s.Refreshes() != 4 || s.Reuses() != 0 {
		t.Errorf("%d refreshes, %d reuses", s.Refreshes(), s.Reuses())
	}
}

// A first login that fails leaves no connection. A later one that fails leaves it unchanged.
func TestConfidentialLoginWithWrongSecret(t *testing.T) {
	s := zitadel.Start(t)
	u := newUser(t, s.Secret, "mistyped-secret")
	u.loginConfidential(s, "mistyped-secret", append(loginFlags(s, s.ConfidentialID), "--auth", "basic")...).
		want(t, 3, "the server does not accept the client id or the client secret")
	u.run("", "token", "acme").want(t, 1, "no such connection")
	u.loginConfidential(s, s.Secret, append(loginFlags(s, s.ConfidentialID), "--auth", "basic")...).
		want(t, 0, "logged in: acme ")
	u.loginConfidential(s, "mistyped-secret", "login", "acme").
		want(t, 3, "the server does not accept the client id or the client secret")
	u.loginConfidential(s, s.Secret, "login", "acme").want(t, 0, "logged in: acme ")
}

func TestDeviceLogin(t *testing.T) {
	s := zitadel.Start(t)
	u := newUser(t)

	waiting := u.start(append(loginFlags(s, s.ClientID), "--device")...)
	if !s.DenyDevice(waiting.until(`^  ([A-Z]{4}-[A-Z]{4})$`)) {
		t.Fatal("the server does not know the user code")
	}
	waiting.wait().want(t, 4, "freshet: acme: consent was denied ")
	u.run("", "token", "acme").want(t, 1, "no such connection")

	waiting = u.start(append(loginFlags(s, s.ClientID), "--device")...)
	if !s.ApproveDevice(waiting.until(`^  ([A-Z]{4}-[A-Z]{4})$`)) {
		t.Fatal("the server does not know the user code")
	}
	waiting.wait().want(t, 0, "logged in: acme (alice@example.com at ")
	u.succeed("refresh", "acme")
	if status, userinfo := publicClient(t, s).userinfo(u.output("token", "acme")); status != http.StatusOK {
		t.Errorf("the server does not accept the token: status %d: %v", status, userinfo)
	}
	if s.Refreshes() != 1 || s.Reuses() != 0 {
		t.Errorf("%d refreshes, %d reuses", s.Refreshes(), s.Reuses())
	}
}
