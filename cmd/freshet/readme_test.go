//go:build unix

package main_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/freshet-dev/freshet/oauthtest"
)

// notRun are the README's commands that this test does not run.
var notRun = map[string]string{
	"make test": "it includes this test",
	"go install github.com/freshet-dev/freshet/cmd/freshet@latest": "it needs a published version",
}

// TestREADME runs the shell commands of the README in order and in one directory.
func TestREADME(t *testing.T) {
	need(t, "bash", "curl")
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	server := oauthtest.NewServer(oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true})
	defer server.Close()
	r := newReadmeShell(t, server)
	newReadmeShell(t, server).session(string(readme), server)
	commands := regexp.MustCompile("(?s)```sh\n(.*?)\n```").FindAllStringSubmatch(string(readme), -1)
	if len(commands) < 10 {
		t.Fatalf("the README has %d commands", len(commands))
	}
	for _, command := range commands {
		for line := range strings.SplitSeq(command[1], "\n") {
			line, _, _ = strings.Cut(line, "     #")
			if _, ok := notRun[line]; !ok {
				r.run(line)
			}
		}
	}
	// The refused token was already replaced by refresh.
	if stats := server.Stats(); stats.Reuses != 0 || stats.Refreshes != 1 {
		t.Errorf("%d refreshes and %d reuses, want one refresh", stats.Refreshes, stats.Reuses)
	}
	r.cron(string(readme))
}

// readmeShell runs commands with a token file.
type readmeShell struct {
	*testing.T
	dir  string
	env  []string
	port string // of the README's test server
}

func newReadmeShell(t *testing.T, server *oauthtest.Server) *readmeShell {
	binary, err := freshetBinary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	document := server.Document()
	if err := os.WriteFile(filepath.Join(dir, "salesforce.json"), document, 0o600); err != nil {
		t.Fatal(err)
	}
	first := regexp.MustCompile(`"access_token": "(.*?)"`).FindSubmatch(document)[1]
	return &readmeShell{T: t, dir: dir, port: freePort(t), env: append(os.Environ(),
		"PATH="+filepath.Dir(binary)+string(os.PathListSeparator)+os.Getenv("PATH"),
		"HOME="+dir, "FRESHET_HOME="+filepath.Join(dir, "state"),
		"GOCACHE="+output(t, "go", "env", "GOCACHE"), "GOMODCACHE="+output(t, "go", "env", "GOMODCACHE"),
		"FRESHET_BROWSER=browser", // presses Allow; the tests in e2e use a real one
		"CLIENT_ID="+server.ClientID(), "FRESHET_CLIENT_ID="+server.ClientID(),
		"INSTANCE_URL="+server.URL(), "REFUSED="+string(first),
	)}
}

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func (r *readmeShell) shell(ctx context.Context, line string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", line)
	cmd.Dir, cmd.Env = r.dir, r.env
	if strings.HasPrefix(line, "go run ") {
		cmd.Dir = "../.."
	}
	return cmd
}

func (r *readmeShell) run(line string) {
	r.Helper()
	if strings.HasPrefix(line, "freshet testserver") {
		r.serve(strings.Replace(line, "127.0.0.1:8080", "127.0.0.1:"+r.port, 1))
		return
	}
	if strings.HasPrefix(line, "freshet login") {
		// The usual port may be in use.
		line = strings.Replace(line, "127.0.0.1:8080", "127.0.0.1:"+r.port, 1) + " --port 0"
	}
	out, err := r.shell(r.Context(), line).CombinedOutput()
	if err != nil {
		r.Errorf("%s: %v\n%s", line, err, out)
	}
}

// session runs the commands of the README's first block, and compares what they print.
func (r *readmeShell) session(readme string, server *oauthtest.Server) {
	_, block, _ := strings.Cut(readme, "\n```console\n$ ")
	block, _, _ = strings.Cut(block, "```")
	here := strings.NewReplacer(
		"3MVG9...", server.ClientID()+" --issuer "+server.URL()+" --port 0",
		"https://acme.my.salesforce.com", server.URL(),
	)
	for step := range strings.SplitSeq(block, "\n$ ") {
		command, printed, _ := strings.Cut(step, "\n")
		out, err := r.shell(r.Context(), here.Replace(command)).CombinedOutput()
		want := regexp.QuoteMeta(strings.TrimSuffix(strings.TrimSpace(printed), "..."))
		want = regexp.MustCompile("[0-9]{2}:[0-9]{2}").ReplaceAllString(want, "[0-9:]{5}")
		if err != nil || printed == "" || !regexp.MustCompile("(?m)^"+want).Match(out) {
			r.Errorf("%s: %v, and printed\n%s\nwant\n%s", command, err, out, want)
		}
	}
}

// serve starts a server, which is interrupted at the end of the test.
func (r *readmeShell) serve(line string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	cmd := r.shell(ctx, "exec "+line)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	lines, err := cmd.StdoutPipe()
	if err != nil {
		r.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		r.Fatal(err)
	}
	if _, err := lines.Read(make([]byte, 1)); err != nil {
		r.Errorf("%s printed nothing: %v", line, err)
	}
	r.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // it was interrupted
	})
}

// freePort returns a port that is free now.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// cron runs the commands of the crontab lines, with a token file in the expected place and a fresh
// connection.
func (r *readmeShell) cron(readme string) {
	crontab := regexp.MustCompile(`(?m)^[0-9]+ [0-9*]+ \* \* \* +(?:FRESHET_CLIENT_ID=\S+ )?(.*)$`)
	lines := crontab.FindAllStringSubmatch(readme, -1)
	if len(lines) != 3 {
		r.Fatalf("the README has %d crontab lines", len(lines))
	}
	r.run("freshet login salesforce")
	r.run("mkdir -m 700 tokens && mv salesforce.json tokens/ && mkdir -p go/bin && " +
		"ln -s \"$(command -v freshet)\" go/bin/")
	for i, pair := range r.env {
		if strings.HasPrefix(pair, "PATH=") {
			r.env[i] = "PATH=/usr/bin:/bin" // as in cron
		}
	}
	for _, line := range lines {
		r.run(line[1])
	}
}
