package zitadel_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/freshet-dev/freshet/e2e/zitadel"
)

// loginClient gets a token of the client's own.
func (u user) loginClient(s *zitadel.Server, secret string, more ...string) result {
	u.t.Helper()
	file := filepath.Join(u.t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		u.t.Fatal(err)
	}
	return u.run("", append([]string{
		"login", "acme", "--grant", "client-credentials", "--issuer", s.Issuer, "--client-id", s.ConfidentialID,
		"--client-secret-from", "file:" + file, "--scope", "jobs.read jobs.write",
	}, more...)...)
}

func TestClientCredentials(t *testing.T) {
	for _, auth := range []string{"basic", "body"} {
		t.Run(auth, func(t *testing.T) {
			s := zitadel.Start(t)
			u := newUser(t, s.Secret)
			u.loginClient(s, s.Secret, "--auth", auth).want(t, 0, "renewed with the client's own credentials")
			first := u.output("token", "acme")
			u.succeed("refresh", "acme").want(t, 0, "refreshed acme: a new token of the client's own; ")
			if second := u.output("token", "acme"); second == first || s.ClientTokens() != 2 {
				t.Errorf("the same token: %v; %d tokens were issued", second == first, s.ClientTokens())
			}
			if auth == "body" {
				return // op's introspection takes HTTP Basic only
			}
			var active introspection
			u.readJSON(&active, "introspect", "acme", "--json")
			if want := (introspection{true, "", "jobs.read jobs.write", s.ConfidentialID}); active != want {
				t.Errorf("introspect: %+v, want %+v", active, want)
			}
			u.run("", "whoami", "acme").want(t, 3, "names no user: the token is the client's own")
			u.succeed("doctor", "acme")

			u.succeed("revoke", "acme")
			u.run("", "token", "acme").want(t, 4, "was revoked from here")
			u.succeed("login", "acme")
			u.readJSON(&active, "introspect", "acme", "--json")
			if !active.Active || s.ClientTokens() != 3 {
				t.Errorf("after another login: active %v, %d tokens", active.Active, s.ClientTokens())
			}
		})
	}
}

// If eight processes need a token at the same time, one of them requests it.
func TestManyProcessesRequestOneClientToken(t *testing.T) {
	s := zitadel.Start(t)
	u := newUser(t, s.Secret)
	u.loginClient(s, s.Secret, "--auth", "basic").want(t, 0, "")
	connection := filepath.Join(u.home, "freshet", "connections", "acme.json")
	content, err := os.ReadFile(connection)
	if err != nil {
		t.Fatal(err)
	}
	saved, _, _ := strings.Cut(string(content), `"saved"`) // without its token, as Keeper.Create makes it
	saved = strings.TrimSuffix(strings.TrimSpace(saved), ",") + "\n}\n"
	if err := os.WriteFile(connection, []byte(saved), 0o600); err != nil {
		t.Fatal(err)
	}
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			if r := u.run("", "token", "acme"); r.code != 0 || r.out == "" {
				t.Errorf("exit code %d: %s", r.code, r.errors)
			}
		})
	}
	callers.Wait()
	if s.ClientTokens() != 2 {
		t.Errorf("%d tokens, want the login's and one", s.ClientTokens())
	}
}

func TestClientCredentialsWithWrongSecret(t *testing.T) {
	s := zitadel.Start(t)
	u := newUser(t, s.Secret, "mistyped-secret")
	u.loginClient(s, "mistyped-secret", "--auth", "basic").
		want(t, 3, "the server does not accept the client id or the client secret")
	u.run("", "token", "acme").want(t, 1, "no such connection")
	u.loginClient(s, s.Secret, "--auth", "basic").want(t, 0, "")
}
