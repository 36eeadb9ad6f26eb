package main_test

import (
	"cmp"
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
	if len(found) < 5 {
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
	steps  []string // commands, or flags to add to the one that failed
}

var (
	remedyLine  = regexp.MustCompile(`(?m)^ +→ (.*)$`)
	stepPattern = regexp.MustCompile(`(?:run |\()(freshet (?:login|refresh|set|logout|token|introspect|secret)\b(?: [^ ;,:()]+)*)|pass ((?:--[a-z-]+(?: [A-Za-z0-9_=.:]+)?)(?: --[a-z-]+ [A-Za-z0-9_=.:]+)*)|(remove the file)`)
	sentence    = regexp.MustCompile(` (and|or|first|before|again|with|as|in|if|that|to|instead|so)( .*)?$`)
	particular  = regexp.MustCompile(`(refresh|login|set|logout|token|introspect|--token-file) [^- ][^ ]*`)
)

// leadNowhere are steps that need not change what the same command says, with the reason.
var leadNowhere = map[string]string{
	"freshet refresh X --force":                           "it sends a refused token again, which may be refused again",
	"freshet set X --auth basic":                          "one of two that may be the cause; in the script it is the secret",
	"freshet set X --auth body":                           "likewise",
	"freshet set X --provider NAME and freshet refresh X": "a person writes the provider's file first",
}

// collectRemedies runs all scripts, and returns one step of each shape.
func collectRemedies(t *testing.T) map[string]foundRemedy {
	dir := t.TempDir()
	pattern := "*"
	if testing.Short() {
		pattern = "[a-d]*"
	}
	paths, err := filepath.Glob("../../testdata/script/" + pattern + ".txtar")
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
			for _, steps := range stepsOf(line[1]) {
				r := foundRemedy{script: ts.Name(), steps: steps}
				fmt.Sscan(args[0], &r.line)
				mu.Lock()
				if old, ok := found[r.shape()]; !ok || r.script+fmt.Sprint(r.line) < old.script+fmt.Sprint(old.line) {
					found[r.shape()] = r
				}
				mu.Unlock()
			}
		}
	})
	t.Run("scripts", func(t *testing.T) { testscript.Run(t, params) })
	return found
}

// stepsOf returns the alternatives of a remedy. Each is one step, or several that "and" joins.
func stepsOf(remedy string) (alternatives [][]string) {
	end := 0
	for _, m := range stepPattern.FindAllStringSubmatchIndex(remedy, -1) {
		step, between := remedy[m[0]:m[1]], remedy[end:m[0]]
		step = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(step, "("), "run "), "pass ")
		target := strings.Join(strings.Fields(step)[:min(3, len(strings.Fields(step)))], " ") // it may be called again
		step, end = target+sentence.ReplaceAllString(strings.TrimPrefix(step, target), ""), m[1]
		if n := len(alternatives); n > 0 && strings.Contains(between, " and ") {
			alternatives[n-1] = append(alternatives[n-1], step)
			continue
		}
		alternatives = append(alternatives, []string{step})
	}
	return alternatives
}

// shape returns the steps without the names in them.
func (r foundRemedy) shape() string {
	return particular.ReplaceAllString(strings.Join(r.steps, " and "), "$1 X")
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
	work, failed, before := ts.Getenv("WORK"), p.last, ts.ReadFile("stderr")
	there, err := os.MkdirTemp("", "freshet-remedy-")
	ts.Check(err)
	ts.Defer(func() { os.RemoveAll(there) })
	ts.Check(ts.Exec("cp", "-a", work+"/.", there)) // also a pipe
	ts.Check(ts.Exec("env"))
	environment := strings.ReplaceAll(ts.ReadFile("stdout"), work, there)
	cd, err := filepath.Rel(work, ts.MkAbs("."))
	ts.Check(err)
	run := func(args []string) (code int, said string) {
		args = p.filled(ts, args, there)
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = filepath.Join(there, cd)
		cmd.Env = append(strings.Split(environment, "\n"), "FRESHET_BROWSER=browser")
		var stderr strings.Builder
		cmd.Stderr = &stderr
		_ = cmd.Run()
		ts.Logf("%s: exit code %d\n%s", strings.Join(args, " "), cmd.ProcessState.ExitCode(), &stderr)
		return cmd.ProcessState.ExitCode(), strings.ReplaceAll(stderr.String(), there, work)
	}
	again, answered := slices.Clone(failed), false
	for _, step := range r.steps {
		if strings.HasPrefix(step, "--") {
			again = append(again, strings.Fields(step)...)
			continue
		}
		if step == "remove the file" {
			i := slices.IndexFunc(failed, func(arg string) bool { return filepath.Ext(arg) != "" })
			ts.Check(os.Remove(filepath.Join(there, cd, failed[i])))
			continue
		}
		code, said := run(strings.Fields(step))
		if code == 2 && (strings.Contains(said, "usage: ") || strings.Contains(said, "unexpected argument")) {
			ts.Fatalf("the step %q is no valid command", step)
		}
		answered = code == 0 && said != before && strings.HasPrefix(step, "freshet introspect") // it only asks
	}
	_, after := run(again)
	number := regexp.MustCompile(`\d+`)
	if !answered && number.ReplaceAllString(after, "") == number.ReplaceAllString(before, "") && leadNowhere[r.shape()] == "" {
		ts.Fatalf("after %q, the command fails as before", r.steps)
	}
}

// filled returns the arguments of a command in the directory there, as a person completes them.
func (p *script) filled(ts *testscript.TestScript, args []string, there string) []string {
	secret := filepath.Join(there, "client-secret.txt")
	ts.Check(os.WriteFile(secret, []byte(cmp.Or(ts.Getenv("CLIENT_SECRET"), "another secret")), 0o600))
	values := map[string]string{
		"--client-id": ts.Getenv("CLIENT_ID"), "--client-secret-file": secret, "--client-secret-from": "file:" + secret,
		"--token-url": ts.Getenv("TOKEN_ENDPOINT"), "--scope": "refresh_token", "--part": "tenant=blue", "--provider": "salesforce",
		"--redirect-uri": "http://127.0.0.1/callback", "--port": "0", "--name": "new", "login": "salesforce", "import": "FILE",
	}
	if p.server != nil {
		values["--issuer"], values["--authorize-url"] = p.server.URL(), p.server.AuthorizationEndpoint()
		values["--device-url"], values["--userinfo-url"] = p.server.DeviceEndpoint(), p.server.URL()
		values["--introspection-url"], values["--revocation-url"] = p.server.URL(), p.server.URL()
	}
	placeholder := regexp.MustCompile(`^[A-Z]+$|=VALUE$`)
	for i, arg := range args {
		args[i] = strings.ReplaceAll(arg, ts.Getenv("WORK"), there)
		if i > 0 && placeholder.MatchString(arg) && values[args[i-1]] != "" {
			args[i] = values[args[i-1]]
		}
	}
	switch args[1] {
	case "logout":
		args = append(args, "--yes")
	case "login":
		if slices.Contains(args, "client-credentials") {
			break
		}
		args = append(args, "--timeout", "3s") // the server may show an error in the browser
		if args[2] == "salesforce" && p.server != nil && !slices.Contains(args, "--issuer") {
			args = append(args, "--issuer", p.server.URL())
		}
	}
	return args
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
