package browser

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/e2e/program"
)

// machine has the freshet program and an empty home directory.
type machine struct {
	t             *testing.T
	freshet, home string
}

func newMachine(t *testing.T) machine {
	t.Helper()
	return machine{t, program.Freshet(t), t.TempDir()}
}

func (m machine) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(m.t.Context(), m.freshet, args...)
	cmd.Dir, cmd.Env = m.home, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + m.home}
	return cmd
}

// result is the result of a command.
type result struct {
	code           int
	stdout, stderr string
}

// run runs freshet.
func (m machine) run(args ...string) result { m.t.Helper(); return finish(m.t, m.command(args...)) }

func finish(t *testing.T, cmd *exec.Cmd) result {
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Errorf("%s: %v", cmd, err)
		return result{code: -1}
	}
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// testserver starts freshet testserver, and returns its host and port.
func (m machine) testserver(args ...string) string {
	m.t.Helper()
	cmd := m.command(append([]string{"testserver"}, args...)...)
	cmd.Stderr = m.t.Output()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		m.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { _ = cmd.Wait() }) // killed at the end of the test
	line, err := bufio.NewReader(stdout).ReadString('\n')
	address, ok := strings.CutPrefix(line, "issuer: http://")
	if !ok {
		m.t.Fatalf("the test server printed %q: %v", line, err)
	}
	return strings.TrimSpace(address)
}

// login is a running freshet login.
type login struct {
	address string // the URL for the browser
	ended   <-chan result
}

// login starts freshet login and waits until it opens the browser. The browser is a curl command that
// sends the URL to the test.
func (m machine) login(args ...string) login {
	m.t.Helper()
	program.Need(m.t, "curl")
	opened := make(chan string, 1)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		opened <- r.FormValue("address")
	}))
	m.t.Cleanup(s.Close)
	cmd := m.command(append([]string{"login"}, args...)...)
	cmd.Env = append(cmd.Env, "FRESHET_BROWSER=curl -s --noproxy * -G --data-urlencode address=%s "+s.URL)
	ended := make(chan result, 1)
	go func() { ended <- finish(m.t, cmd) }()
	select {
	case address := <-opened:
		return login{address, ended}
	case r := <-ended:
		m.t.Fatalf("the login ended before it opened the browser: exit %d\n%s", r.code, r.stderr)
		return login{}
	}
}

// end waits for the end of freshet login.
func (l login) end() result { return <-l.ended }

// callback returns the redirect URI.
func (l login) callback() string {
	u, err := url.Parse(l.address)
	if err != nil {
		return ""
	}
	return u.Query().Get("redirect_uri")
}
