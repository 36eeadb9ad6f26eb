// Package oidcprovider runs freshet against npm's oidc-provider, a certified authorization server.
package oidcprovider

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/freshet-dev/freshet/e2e/program"
)

// server is a running server.mjs.
type server struct {
	issuer    string
	secret    string // of the clients basic and body, whose tokens are their own
	appSecret string // of the clients app-basic and app-body, with which a person logs in
}

func start(t *testing.T) server {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("needs Node.js: etc/deps.sh names its package")
	}
	if _, err := os.Stat("node_modules"); err != nil {
		t.Skip("needs oidc-provider: etc/deps.sh installs it")
	}
	// The first must be form-encoded in HTTP Basic (RFC 6749 §2.3.1).
	s := server{secret: "100% + " + rand.Text(), appSecret: rand.Text()}
	cmd := exec.CommandContext(t.Context(), node, "server.mjs")
	cmd.Env = append(os.Environ(), "CLIENT_SECRET="+s.secret, "APP_SECRET="+s.appSecret)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		_, _ = io.Copy(io.Discard, stdout)
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "http://") {
		t.Fatalf("%q, %v: %s", line, err, &errs)
	}
	s.issuer = strings.TrimSpace(line)
	return s
}

// wantIssued checks how many tokens the server has issued.
func (s server) wantIssued(t *testing.T, want string) {
	t.Helper()
	response, err := http.Get(s.issuer + "/issued")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if got, err := io.ReadAll(response.Body); err != nil || string(got) != want {
		t.Errorf("%s tokens were issued, want %s (%v)", got, want, err)
	}
}

// user has the command freshet and a home.
type user struct {
	t       *testing.T
	program string
	home    string
	secret  string
}

// run runs a command. It returns its standard output.
func (u user) run(code int, message string, args ...string) string {
	u.t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(u.t.Context(), u.program, args...)
	cmd.Env = []string{
		"HOME=" + u.home, "FRESHET_HOME=" + filepath.Join(u.home, "freshet"), "JOB_SECRET=" + u.secret,
		"FRESHET_BROWSER=" + os.Args[0], program.Browser + "=1",
	}
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run()
	if got := cmd.ProcessState.ExitCode(); got != code || !strings.Contains(errs.String(), message) {
		u.t.Errorf("%s: exit code %d, want %d and %q:\n%s", strings.Join(args, " "), got, code, message, &errs)
	}
	if strings.Contains(out.String()+errs.String(), u.secret) {
		u.t.Errorf("%s prints the client secret", strings.Join(args, " "))
	}
	return out.String()
}

func loginFlags(s server, client string) []string {
	return []string{
		"login", "acme", "--grant", "client-credentials", "--issuer", s.issuer, "--client-id", client, "--auth", client,
		"--client-secret-from", "env:JOB_SECRET", "--scope", "jobs.read jobs.write",
	}
}

func TestClientCredentials(t *testing.T) {
	for _, client := range []string{"basic", "body"} {
		t.Run(client, func(t *testing.T) {
			s := start(t)
			u := user{t, program.Freshet(t), t.TempDir(), s.secret}
			u.run(0, "renewed with the client's own credentials", loginFlags(s, client)...)
			first := u.run(0, "", "token", "acme")
			var callers sync.WaitGroup
			for range 8 {
				callers.Go(func() { u.run(0, "", "refresh", "acme", "--if-stale") })
			}
			callers.Wait()
			s.wantIssued(t, "1")
			u.run(0, "refreshed acme: a new token of the client's own; ", "refresh", "acme")
			s.wantIssued(t, "2")
			if second := u.run(0, "", "token", "acme"); second == first {
				t.Error("a refresh brought the same token")
			}
			var active struct {
				Active   bool
				Scope    string
				ClientID string `json:"client_id"`
			}
			if err := json.Unmarshal([]byte(u.run(0, "", "introspect", "acme", "--json")), &active); err != nil {
				t.Fatal(err)
			}
			if !active.Active || active.Scope != "jobs.read jobs.write" || active.ClientID != client {
				t.Errorf("introspect: %+v", active)
			}
			u.run(3, "names no user: the token is the client's own", "whoami", "acme")
			u.run(0, "", "doctor", "acme")
			u.run(0, "revoked acme at the provider", "revoke", "acme")
			u.run(4, "was revoked from here", "token", "acme")
			u.run(0, "logged in: acme ", "login", "acme")
			s.wantIssued(t, "3")
		})
	}
}

func TestRefusedClientCredentials(t *testing.T) {
	s := start(t)
	u := user{t, program.Freshet(t), t.TempDir(), s.secret}
	wrong := u
	wrong.secret = "mistyped-secret"
	wrong.run(3, "the server does not accept the client id or the client secret", loginFlags(s, "basic")...)
	u.run(1, "no such connection", "token", "acme")
	u.run(3, "the server does not know a scope that was requested", append(loginFlags(s, "basic"), "--scope", "admin")...)
	u.run(1, "no such connection", "token", "acme")
	s.wantIssued(t, "0")
}
