package main_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestRemediesLeadOn runs the scripts, and collects the commands and flags in the remedies of failed
// commands. Then it runs each script again up to such a failure, follows the remedy in a copy of the
// directory, and repeats the command that failed. The situation must have changed: a remedy that leads
// to the same message again leads in a circle.
func TestRemediesLeadOn(t *testing.T) {
	found := collectRemedies(t)
	if len(found) < 20 {
		t.Fatalf("only %d remedies were found", len(found))
	}
	for _, shape := range slices.Sorted(maps.Keys(found)) {
		r := found[shape]
		t.Run(strings.NewReplacer(" ", "_", "/", "|").Replace(shape), func(t *testing.T) {
			dir := t.TempDir()
			before, after := cutScript(t, r.script, r.line)
			writeFile(t, filepath.Join(dir, "remedy.txtar"), before+"followremedy\n"+after)
			params := scriptParams()
			params.Dir = dir
			params.Cmds["mark"] = func(*testscript.TestScript, bool, []string) {}
			params.Cmds["followremedy"] = command(func(p *script, ts *testscript.TestScript, _ []string) { p.follow(ts, r) })
			testscript.Run(t, params)
		})
	}
}

// foundRemedy is a step of a remedy, and where it was printed.
type foundRemedy struct {
	script string
	line   int
	step   string // a command, or flags to add to the one that failed
}

var (
	remedyLine  = regexp.MustCompile(`(?m)^ +→ (.*)$`)
	stepPattern = regexp.MustCompile(`(?:run |\()(freshet (?:login|refresh|set|logout|token|introspect|secret)\b(?: [^ ;,:()]+)*)|pass ((?:--[a-z-]+(?: [A-Za-z_=.]+)?)(?: --[a-z-]+ [A-Za-z_=.]+)*)`)
	sentence    = regexp.MustCompile(` (and|or|first|before|again|with|as|in|if|that) .*| (first|again|before)$`)
	particular  = regexp.MustCompile(`(refresh|login|set|logout|token|introspect|--token-file) [^- ][^ ]*`)
)

// leadNowhere are steps that need not change what the same command says, with the reason.
var leadNowhere = map[string]string{
	"freshet refresh X --force": "it sends a refused token again, which may be refused again",
}

// collectRemedies runs all scripts, and returns one step of each shape.
func collectRemedies(t *testing.T) map[string]foundRemedy {
	dir := t.TempDir()
	paths, err := filepath.Glob("../../testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, filepath.Base(path)), marked(string(data)))
	}
	var mu sync.Mutex
	found := map[string]foundRemedy{}
	params := scriptParams()
	params.Dir = dir
	params.Cmds["mark"] = command(func(p *script, ts *testscript.TestScript, args []string) {
		for _, line := range remedyLine.FindAllStringSubmatch(ts.ReadFile("stderr"), -1) {
			for _, m := range stepPattern.FindAllStringSubmatch(line[1], -1) {
				r := foundRemedy{script: ts.Name(), step: strings.TrimSpace(m[1] + m[2])}
				r.step = sentence.ReplaceAllString(r.step, "")
				fmt.Sscan(args[0], &r.line)
				shape := particular.ReplaceAllString(r.step, "$1 X")
				mu.Lock()
				if old, ok := found[shape]; !ok || r.script+fmt.Sprint(r.line) < old.script+fmt.Sprint(old.line) {
					found[shape] = r
				}
				mu.Unlock()
			}
		}
	})
	t.Run("scripts", func(t *testing.T) { testscript.Run(t, params) })
	return found
}

var failingLine = regexp.MustCompile(`^((?:\[[^\]]*\] )*)exits [1-9]\d* freshet `)

// marked returns the script with a mark after each command that must fail.
func marked(script string) string {
	comment, files := splitFiles(script)
	var out strings.Builder
	for i, line := range strings.Split(comment, "\n") {
		out.WriteString(line + "\n")
		if m := failingLine.FindStringSubmatch(line); m != nil && !strings.HasSuffix(line, "&") {
			fmt.Fprintf(&out, "%smark %d\n", m[1], i)
		}
	}
	return out.String() + files
}

// cutScript returns the script up to the line, and its files.
func cutScript(t *testing.T, name string, line int) (before, files string) {
	data, err := os.ReadFile("../../testdata/script/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	comment, files := splitFiles(string(data))
	return strings.Join(strings.Split(comment, "\n")[:line+1], "\n") + "\n", files
}

func splitFiles(script string) (comment, files string) {
	if i := strings.Index(script, "\n-- "); i >= 0 {
		return script[:i], script[i+1:]
	}
	return script, ""
}

// follow follows the remedy of the command that just failed, and repeats that command.
func (p *script) follow(ts *testscript.TestScript, r foundRemedy) {
	work, failed := ts.Getenv("WORK"), p.last
	before := ts.ReadFile("stderr")
	there, err := os.MkdirTemp("", "freshet-remedy-")
	ts.Check(err)
	ts.Defer(func() { os.RemoveAll(there) })
	ts.Check(os.CopyFS(there, os.DirFS(work)))
	secret := filepath.Join(there, "client-secret.txt")
	ts.Check(os.WriteFile(secret, []byte(ts.Getenv("CLIENT_SECRET")), 0o600))
	fill := func(arg string) string {
		filled := map[string]string{
			"ID": ts.Getenv("CLIENT_ID"), "FILE": secret, "URL": ts.Getenv("TOKEN_ENDPOINT"), "SCOPE": "openid", "NAME": "new",
			"SOURCE": "file:" + secret, "URI": "http://127.0.0.1/callback", "N": "0", "tenant=VALUE": "tenant=blue",
		}[arg]
		if filled != "" {
			return filled
		}
		return strings.ReplaceAll(arg, work, there)
	}
	run := func(args []string) (code int, output string) {
		for i, arg := range args {
			args[i] = fill(arg)
		}
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = there
		if cd, err := filepath.Rel(work, ts.MkAbs(".")); err == nil {
			cmd.Dir = filepath.Join(there, cd)
		}
		for _, name := range []string{"PATH", "TMPDIR", "FRESHET_CLIENT_ID", "FRESHET_CLIENT_SECRET", "HTTPS_PROXY", "XDG_CONFIG_HOME"} {
			if value := ts.Getenv(name); value != "" {
				cmd.Env = append(cmd.Env, name+"="+strings.ReplaceAll(value, work, there))
			}
		}
		cmd.Env = append(cmd.Env, "HOME="+there, "FRESHET_HOME="+strings.ReplaceAll(ts.Getenv("FRESHET_HOME"), work, there),
			"FRESHET_BROWSER=curl -sL -o page.html")
		var stderr strings.Builder
		cmd.Stderr = &stderr
		_ = cmd.Run()
		return cmd.ProcessState.ExitCode(), strings.ReplaceAll(stderr.String(), there, work)
	}
	again := slices.Clone(failed)
	var log string
	switch {
	case strings.HasPrefix(r.step, "--"):
		again = append(again, strings.Fields(r.step)...)
	default:
		args := strings.Fields(r.step)
		if args[1] == "logout" {
			args = append(args, "--yes")
		}
		code, said := run(args)
		log = fmt.Sprintf("%s: exit code %d\n%s", strings.Join(args, " "), code, said)
		if code == 2 {
			ts.Fatalf("the remedy is no valid command: %s", log)
		}
	}
	code, after := run(again)
	ts.Logf("%s%s: exit code %d\n%s", log, strings.Join(again, " "), code, after)
	if digits := regexp.MustCompile(`\d+`); digits.ReplaceAllString(after, "") == digits.ReplaceAllString(before, "") {
		if reason := leadNowhere[particular.ReplaceAllString(r.step, "$1 X")]; reason == "" {
			ts.Fatalf("after %q, the command fails as before", r.step)
		}
	}
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
