package zitadel_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/e2e/program"
)

// user has the command freshet, a home and a browser. The command may not print secrets of the connection
// acme, or the secrets here.
type user struct {
	t       *testing.T
	program string
	home    string
	secrets []string
}

func newUser(t *testing.T, secrets ...string) user {
	t.Helper()
	return user{t, program.Freshet(t), t.TempDir(), secrets}
}

// withNewHome returns the user with an empty home.
func (u user) withNewHome(t *testing.T) user {
	u.t, u.home = t, t.TempDir()
	return u
}

// result is the result of a command.
type result struct {
	code        int
	out, errors string
}

func (u user) command(stdin string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(u.t.Context(), u.program, args...)
	cmd.Env = []string{
		"HOME=" + u.home, "XDG_RUNTIME_DIR=" + u.home, "FRESHET_HOME=" + filepath.Join(u.home, "freshet"),
		"FRESHET_BROWSER=" + os.Args[0], program.Browser + "=1",
	}
	cmd.Stdin = strings.NewReader(stdin)
	return cmd
}

// run runs a command.
func (u user) run(stdin string, args ...string) result {
	u.t.Helper()
	var out, errs bytes.Buffer
	cmd := u.command(stdin, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	return u.check(cmd, cmd.Run(), &out, &errs)
}

// succeed runs a command that must succeed.
func (u user) succeed(args ...string) result {
	u.t.Helper()
	r := u.run("", args...)
	r.want(u.t, 0, "")
	return r
}

// want checks the exit code, and that standard error contains message.
func (r result) want(t *testing.T, code int, message string) {
	t.Helper()
	if r.code != code || !strings.Contains(r.errors, message) {
		t.Fatalf("exit code %d, want %d and %q:\n%s", r.code, code, message, r.errors)
	}
}

// check checks that a command has printed no secret.
func (u user) check(cmd *exec.Cmd, err error, out, errs *bytes.Buffer) result {
	u.t.Helper()
	if _, failed := errors.AsType[*exec.ExitError](err); err != nil && !failed {
		u.t.Error(err)
		return result{code: -1}
	}
	token := u.token()
	secrets := append([]string{token["refresh_token"], token["id_token"]}, u.secrets...)
	if cmd.Args[1] != "token" {
		secrets = append(secrets, token["access_token"])
	}
	for _, secret := range secrets {
		if secret != "" && strings.Contains(out.String()+errs.String(), secret) {
			u.t.Errorf("%s prints a secret: %s%s", strings.Join(cmd.Args[1:], " "), out, errs)
		}
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// token returns the members of acme's saved token that are strings.
func (u user) token() map[string]string {
	u.t.Helper()
	var document struct{ Token map[string]any }
	content, err := os.ReadFile(filepath.Join(u.home, "freshet", "connections", "acme.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err = errors.Join(err, json.Unmarshal(content, &document)); err != nil {
		u.t.Error(err)
	}
	members := map[string]string{}
	for name, value := range document.Token {
		if text, ok := value.(string); ok {
			members[name] = text
		}
	}
	return members
}

// running is a running command.
type running struct {
	user
	cmd  *exec.Cmd
	out  bytes.Buffer
	errs bytes.Buffer // what more has read so far
	more *bufio.Reader
}

func (u user) start(args ...string) *running {
	u.t.Helper()
	r := &running{user: u, cmd: u.command("", args...)}
	r.cmd.Stdout = &r.out
	errs, err := r.cmd.StderrPipe()
	if err == nil {
		err = r.cmd.Start()
	}
	if err != nil {
		u.t.Fatal(err)
	}
	r.more = bufio.NewReader(io.TeeReader(errs, &r.errs))
	return r
}

// until waits for a line that matches pattern, and returns its first submatch.
func (r *running) until(pattern string) string {
	r.t.Helper()
	line := regexp.MustCompile(pattern)
	for {
		text, err := r.more.ReadString('\n')
		if found := line.FindStringSubmatch(strings.TrimSuffix(text, "\n")); found != nil {
			return found[1]
		}
		if err != nil {
			r.t.Fatalf("%s ended without a line like %s:\n%s", strings.Join(r.cmd.Args[1:], " "), pattern, &r.errs)
		}
	}
}

// wait waits for the end of the command.
func (r *running) wait() result {
	r.t.Helper()
	_, err := io.Copy(io.Discard, r.more)
	return r.check(r.cmd, errors.Join(err, r.cmd.Wait()), &r.out, &r.errs)
}
