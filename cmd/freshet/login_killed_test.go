//go:build unix

package main_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/freshet-dev/freshet/oauthtest"
)

// A code can be exchanged once. A process that is killed after it was sent must not lose the
// tokens.

// firstLogin is a first login of the connection acme. The server allows it without a user.
type firstLogin struct {
	*savedToken // with the path of the connection's document
}

func newFirstLogin(t *testing.T, config oauthtest.Config) firstLogin {
	t.Helper()
	need(t, "curl")
	config.Consent = oauthtest.Allow
	home := t.TempDir()
	path := filepath.Join(home, "connections", "acme.json")
	return firstLogin{&savedToken{t: t, server: newServer(t, config), home: home, path: path}}
}

// command returns a freshet command for the connection. The browser of a login is curl.
func (l firstLogin) command(args ...string) *exec.Cmd {
	l.t.Helper()
	path, err := freshetBinary()
	if err != nil {
		l.t.Fatal(err)
	}
	args = append([]string{args[0], "acme"}, args[1:]...)
	if args[0] == "login" {
		args = append(args, "--client-id", l.server.ClientID())
		if !slices.Contains(args, "--token-url") {
			args = append(args, "--issuer", l.server.URL())
		}
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = l.home
	cmd.Env = []string{
		"HOME=" + l.home, "FRESHET_HOME=" + l.home, "PATH=" + os.Getenv("PATH"),
		"FRESHET_BROWSER=curl -sL -o /dev/null",
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

func (l firstLogin) run(args ...string) result {
	l.t.Helper()
	return capture(l.t, l.command(args...))
}

// wantComplete checks that the connection has the only grant, and a valid token without another
// request.
func (l firstLogin) wantComplete() {
	l.t.Helper()
	got := l.run("token")
	wantExit(l.t, got, 0)
	l.wantWorking(got)
	wantExit(l.t, l.run("refresh", "--if-stale"), 0)
	l.wantStats("requests", l.server.Stats().Requests, 1)
	data, err := os.ReadFile(l.path)
	if err != nil {
		l.t.Fatal(err)
	}
	var connection struct{ Token document }
	if err := json.Unmarshal(data, &connection); err != nil || !l.server.ValidRefresh(connection.Token.RefreshToken) {
		l.t.Errorf("the grant is lost (%v)", err)
	}
}

func TestLoginCallerIsKilled(t *testing.T) {
	inRounds(t, unlessShort(20, 4), 4, func(t *testing.T, i int, _ *rand.Rand) {
		l := newFirstLogin(t, oauthtest.Config{})
		f := newReplyHolder(t, l.server)
		caller := begin(t,
			l.command("login", "--authorize-url", l.server.AuthorizationEndpoint(), "--token-url", f.url))
		<-f.acted // the code was exchanged, and the reply is delayed
		kill(t, caller, syscall.SIGKILL, i%2 == 0)
		wait(t, caller)
		if l.content() != "" {
			t.Error("a token was saved before it was received")
		}
		f.release()
		l.untilReleased()
		l.wantComplete()
	})
}

// content returns the saved access token, or "".
func (l firstLogin) content() string {
	data, err := os.ReadFile(l.path)
	if err != nil {
		return ""
	}
	var connection struct{ Token document }
	_ = json.Unmarshal(data, &connection) // a torn document has no token
	return connection.Token.AccessToken
}

// loginSteps are the steps of a login. It first writes the registration to the connection's
// document.
var loginSteps = slices.Concat(
	[]string{"login.next.reserve", "login.next.write", "login.next.synced", "login.rename", "login.renamed"}, steps)

// At whatever step the child process is killed, the next command completes the login if the reply
// was written. Otherwise the user can log in again.
func TestLoginIsKilledAtEveryStep(t *testing.T) {
	for i, step := range loginSteps {
		t.Run(step, func(t *testing.T) {
			l := newFirstLogin(t, oauthtest.Config{Rotate: true})
			cmd := l.command("login")
			cmd.Env = append(cmd.Env, "FRESHET_TEST_KILL_AT="+step)
			wantExit(t, capture(t, cmd), 5, "ended before it could reply", "freshet status")
			sent := i >= slices.Index(loginSteps, "reply.write")
			l.wantStats("requests", l.server.Stats().Requests, count(sent))
			if i >= slices.Index(loginSteps, "reply.written") {
				l.wantComplete()
				return
			}
			wantExit(t, l.run("token"), 4, "not logged in yet", "freshet login acme")
			wantExit(t, l.run("login"), 0, "logged in: acme")
			wantExit(t, l.run("token"), 0)
		})
	}
}

// A killed login of an existing connection leaves the old token or the new one, whole.
func TestLoginOverATokenIsKilledAtEveryStep(t *testing.T) {
	for i, step := range loginSteps {
		t.Run(step, func(t *testing.T) {
			l := newFirstLogin(t, oauthtest.Config{Rotate: true})
			wantExit(t, l.run("login"), 0)
			before := l.content()
			cmd := l.command("login")
			cmd.Env = append(cmd.Env, "FRESHET_TEST_KILL_AT="+step)
			wantExit(t, capture(t, cmd), 5)
			got := l.run("token")
			wantExit(t, got, 0)
			l.wantWorking(got)
			if saved := i >= slices.Index(loginSteps, "reply.written"); (got.stdout != before+"\n") != saved {
				t.Errorf("the token was replaced: %v, want %v", !saved, saved)
			}
			wantExit(t, l.run("refresh"), 0)
		})
	}
}
