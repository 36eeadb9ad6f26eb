//go:build unix

package main_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/freshet-dev/freshet/oauthtest"
)

// notRun are the README's commands that a test cannot run.
var notRun = map[string]string{
	"make test": "this test is a part of it",
	"go install github.com/freshet-dev/freshet/cmd/freshet@latest": "it needs a published version",
}

// TestREADME runs every shell command of the README, in its order and in one directory, as a reader would.
func TestREADME(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	server := oauthtest.NewServer(oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true})
	defer server.Close()
	r := newReader(t, server)
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
	// The refused token is the one that refresh had replaced already.
	if stats := server.Stats(); stats.Reuses != 0 || stats.Refreshes != 1 {
		t.Errorf("%d refreshes and %d reuses, want one refresh", stats.Refreshes, stats.Reuses)
	}
	r.cron(string(readme))
}

// reader is somebody with a token file and the README.
type reader struct {
	*testing.T
	dir string
	env []string
}

func newReader(t *testing.T, server *oauthtest.Server) *reader {
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
	return &reader{T: t, dir: dir, env: append(os.Environ(),
		"PATH="+filepath.Dir(binary)+string(os.PathListSeparator)+os.Getenv("PATH"),
		"HOME="+dir, "FRESHET_HOME="+filepath.Join(dir, "state"),
		"GOCACHE="+output(t, "go", "env", "GOCACHE"), "GOMODCACHE="+output(t, "go", "env", "GOMODCACHE"),
		"CLIENT_ID="+server.ClientID(), "FRESHET_CLIENT_ID="+server.ClientID(), "INSTANCE_URL="+server.URL(), "REFUSED="+string(first),
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

func (r *reader) shell(ctx context.Context, line string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", line)
	cmd.Dir, cmd.Env = r.dir, r.env
	if strings.HasPrefix(line, "go run ") {
		cmd.Dir = "../.."
	}
	return cmd
}

func (r *reader) run(line string) {
	r.Helper()
	if strings.HasPrefix(line, "freshet testserver") {
		r.serve(line)
		return
	}
	out, err := r.shell(r.Context(), line).CombinedOutput()
	if err != nil {
		r.Errorf("%s: %v\n%s", line, err, out)
	}
}

// serve runs a command that serves until it is interrupted.
func (r *reader) serve(line string) {
	ctx, cancel := context.WithTimeout(r.Context(), time.Minute)
	defer cancel()
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
	cancel()
	_ = cmd.Wait() // it was interrupted
}

// cron runs the command of the crontab line, on a token where that line expects it.
func (r *reader) cron(readme string) {
	match := regexp.MustCompile(`(?m)^17 \* \* \* \* +FRESHET_CLIENT_ID=\S+ (.*)$`).FindStringSubmatch(readme)
	if match == nil {
		r.Fatal("the README has no crontab line")
	}
	r.run("mkdir -m 700 tokens && mv salesforce.json tokens/ && mkdir -p go/bin && ln -s \"$(command -v freshet)\" go/bin/")
	for i, pair := range r.env {
		if strings.HasPrefix(pair, "PATH=") {
			r.env[i] = "PATH=/usr/bin:/bin" // all that cron knows
		}
	}
	r.run(match[1])
}
