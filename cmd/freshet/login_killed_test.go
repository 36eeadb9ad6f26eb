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

// A code is exchanged once. Whoever dies after it was sent must not lose what came back.

// firstLogin is a login of the connection acme, which does not exist yet, at a server that allows it by itself.
type firstLogin struct {
	*saved // of the connection's document
}

func newFirstLogin(t *testing.T, config oauthtest.Config) firstLogin {
	t.Helper()
	need(t, "curl")
	config.Consent = oauthtest.Allow
	home := t.TempDir()
	return firstLogin{&saved{t: t, server: newServer(t, config), home: home, path: filepath.Join(home, "connections", "acme.json")}}
}

// command is freshet, asked for the connection. A login has a browser without windows.
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
		"HOME=" + l.home, "FRESHET_HOME=" + l.home, "PATH=" + os.Getenv("PATH"), "FRESHET_BROWSER=curl -sL -o /dev/null",
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

func (l firstLogin) run(args ...string) ended {
	l.t.Helper()
	return capture(l.t, l.command(args...))
}

// wantComplete checks that the connection has the one grant that was made, and that its token works without another request.
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
		f := newFront(t, l.server)
		caller := begin(t, l.command("login", "--authorize-url", l.server.AuthorizationEndpoint(), "--token-url", f.url))
		<-f.acted // the grant is made, and the answer to it held back
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

// content is the token as it is saved now; nothing before that.
func (l firstLogin) content() string {
	data, err := os.ReadFile(l.path)
	if err != nil {
		return ""
	}
	var connection struct{ Token document }
	_ = json.Unmarshal(data, &connection) // what is torn has no token
	return connection.Token.AccessToken
}

// loginSteps are those of a login, which first writes the registration that it leads to into the connection's document.
var loginSteps = slices.Concat([]string{"login.next.reserve", "login.next.write", "login.next.synced", "login.rename", "login.renamed"}, steps)

// Whatever step the process that exchanges the code is killed at, the next command finishes what can be finished; where nothing
// was written down, another login can be made.
func TestLoginIsKilledAtEveryStep(t *testing.T) {
	for i, step := range loginSteps {
		t.Run(step, func(t *testing.T) {
			l := newFirstLogin(t, oauthtest.Config{Rotate: true})
			cmd := l.command("login")
			cmd.Env = append(cmd.Env, "FRESHET_TEST_KILL_AT="+step)
			wantExit(t, capture(t, cmd), 5, "was ended before it could answer", "freshet status")
			sent := i >= slices.Index(loginSteps, "reply.write")
			l.wantStats("requests", l.server.Stats().Requests, count(sent))
			if i >= slices.Index(loginSteps, "reply.written") {
				l.wantComplete()
				return
			}
			wantExit(t, l.run("token"), 4, "nobody has logged in yet", "freshet login acme")
			wantExit(t, l.run("login"), 0, "logged in: acme")
			wantExit(t, l.run("token"), 0)
		})
	}
}

// A login over an old token that is killed leaves the old one, whole, or the new one.
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
				t.Errorf("the token is another: %v, want %v", !saved, saved)
			}
			wantExit(t, l.run("refresh"), 0)
		})
	}
}
