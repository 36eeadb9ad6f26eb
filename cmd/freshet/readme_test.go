//go:build unix

package main_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
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

// TestREADME types the README's shell commands from top to bottom in one terminal, in a fresh home. The
// test server runs in another.
func TestREADME(t *testing.T) {
	need(t, "bash", "curl")
	readme := readDocument(t, "README.md")
	r := newReadmeShell(t)
	port := freePort(t)
	here := strings.NewReplacer(":8080", ":"+port)
	var script strings.Builder
	var printed, login string
	for _, block := range codeBlocks(readme, "sh") {
		for line := range strings.Lines(here.Replace(block)) {
			line, _, _ = strings.Cut(strings.TrimSpace(line), "     #")
			switch {
			case notRun[line] != "":
			case strings.HasPrefix(line, "freshet testserver "):
				printed = r.serve(line)
			case strings.HasPrefix(line, "freshet login "):
				login = line
				fmt.Fprintln(&script, line, "--port 0") // the usual port may be in use
			case strings.HasPrefix(line, "freshet logout "):
				fmt.Fprintf(&script, "curl -fsS 127.0.0.1:%s/testserver/stats\n%s\n", port, line)
			case strings.HasPrefix(line, "go run "):
				fmt.Fprintf(&script, "(cd %q && %s)\n", checkout(t), line)
			default:
				fmt.Fprintln(&script, line)
			}
		}
	}
	if !strings.Contains(printed, "\n  "+login+"\n") || !strings.HasSuffix(printed, "\nCtrl-C ends it\n") {
		t.Errorf("the test server printed another login than the README's:\n%s", printed)
	}
	out := r.run(script.String())
	for _, want := range []string{
		`(?m)^logged in: salesforce \(`,
		`(?m)^` + regexp.QuoteMeta(resultOf(t, readme, "refreshed salesforce.json:")),
		`"label":.*\n?.*"label":`, // both ways of calling the API
		`"refreshes":2,.*"reuses":0`,
		`(?m)^deleted salesforce: its grant was revoked$`,
	} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("nothing printed matches %s:\n%s", want, out)
		}
	}
	r.checkIgnored(readme)
}

// TestREADMESession runs the commands of the README's first block and compares what they print, then
// the crontab lines.
func TestREADMESession(t *testing.T) {
	need(t, "bash", "curl")
	readme := readDocument(t, "README.md")
	server := newServer(t, oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true})
	r := newReadmeShell(t)
	r.session(readme, server)
	r.cron(readme, 2)
}

func readDocument(t *testing.T, name string) string {
	t.Helper()
	document, err := os.ReadFile(filepath.Join(checkout(t), name))
	if err != nil {
		t.Fatal(err)
	}
	return string(document)
}

func checkout(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// codeBlocks returns the document's code blocks of the language.
func codeBlocks(document, language string) []string {
	var blocks []string
	fenced := regexp.MustCompile("(?s)\n```" + language + "\n(.*?)\n```")
	for _, match := range fenced.FindAllStringSubmatch(document, -1) {
		blocks = append(blocks, match[1])
	}
	return blocks
}

// resultOf returns the beginning of the line that the document shows as the result of a command, up
// to the time.
func resultOf(t *testing.T, document, beginning string) string {
	t.Helper()
	_, line, found := strings.Cut(document, "\n"+beginning)
	if !found {
		t.Fatalf("the document shows no %s", beginning)
	}
	line, _, _ = strings.Cut(line, " about ")
	return beginning + line
}

// readmeShell runs commands as a new user would.
type readmeShell struct {
	*testing.T
	home string
	env  []string
}

func newReadmeShell(t *testing.T) *readmeShell {
	t.Helper()
	binary, err := freshetBinary()
	if err != nil {
		t.Fatal(err)
	}
	return &readmeShell{T: t, home: t.TempDir(), env: []string{
		"PATH=" + filepath.Dir(binary) + string(os.PathListSeparator) + os.Getenv("PATH"),
		"GOCACHE=" + output(t, "go", "env", "GOCACHE"), "GOMODCACHE=" + output(t, "go", "env", "GOMODCACHE"),
		"FRESHET_BROWSER=browser", // presses Allow; the tests in e2e use a real one
	}}
}

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func (r *readmeShell) shell(ctx context.Context, script string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "bash", "-euvo", "pipefail", "-c", script)
	cmd.Dir, cmd.Env = r.home, append(r.env, "HOME="+r.home)
	return cmd
}

// run runs a script that stops at the first command that fails, and returns what it printed.
func (r *readmeShell) run(script string) string {
	r.Helper()
	out, err := r.shell(r.Context(), script).CombinedOutput()
	if err != nil {
		r.Fatalf("%v after\n%s", err, out)
	}
	return string(out)
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
		out := r.run(here.Replace(command))
		want := regexp.QuoteMeta(strings.TrimSuffix(strings.TrimSpace(printed), "..."))
		want = regexp.MustCompile("[0-9]{2}:[0-9]{2}").ReplaceAllString(want, "[0-9:]{5}")
		if printed == "" || !regexp.MustCompile("(?m)^"+want).MatchString(out) {
			r.Errorf("%s printed\n%s\nwant\n%s", command, out, want)
		}
	}
}

// serve starts a server, which is interrupted at the end of the test, and returns what it printed.
func (r *readmeShell) serve(line string) string {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	cmd := r.shell(ctx, "exec "+line)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		r.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // it was interrupted
	})
	var printed strings.Builder
	lines := bufio.NewScanner(pipe)
	for !strings.HasSuffix(printed.String(), "Ctrl-C ends it\n") {
		if !lines.Scan() {
			r.Fatalf("%s ended after\n%s", line, printed.String())
		}
		fmt.Fprintln(&printed, lines.Text())
	}
	return printed.String()
}

// checkIgnored checks that git ignores the token file and every file next to it.
func (r *readmeShell) checkIgnored(readme string) {
	blocks := codeBlocks(readme, "gitignore")
	if len(blocks) != 1 {
		r.Fatalf("the README has %d blocks for .gitignore", len(blocks))
	}
	files, err := filepath.Glob(filepath.Join(r.home, "salesforce*"))
	if err != nil || len(files) < 2 {
		r.Fatal(files, err)
	}
	for _, file := range files {
		ignored := slices.ContainsFunc(strings.Fields(blocks[0]), func(pattern string) bool {
			matched, err := filepath.Match(pattern, filepath.Base(file))
			return err == nil && matched
		})
		if !ignored {
			r.Errorf("git does not ignore %s", file)
		}
	}
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

// cron runs the commands of the document's crontab lines, with the environment of cron.
func (r *readmeShell) cron(document string, want int) {
	crontab := regexp.MustCompile(`(?m)^[0-9]+ [0-9*]+ \* \* \* +(.*)$`)
	lines := crontab.FindAllStringSubmatch(document, -1)
	if len(lines) != want {
		r.Fatalf("the document has %d crontab lines, want %d", len(lines), want)
	}
	r.run(`mkdir -p go/bin && ln -s "$(command -v freshet)" go/bin/`)
	inCron := readmeShell{r.T, r.home, []string{"PATH=/usr/bin:/bin"}}
	for _, line := range lines {
		inCron.run(line[1])
	}
}
