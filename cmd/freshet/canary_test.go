//go:build unix

package main_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/internal/cli"
	"github.com/freshet-dev/freshet/internal/redact/redacttest"
	"github.com/freshet-dev/freshet/oauthtest"
)

// canaryRow has the command lines of a command. {conn} is a connection, {file} a token file,
// {flags} the flags for a token file, {proxy} the proxy and {issuer} the server.
type canaryRow struct {
	lines       [][]string
	hasRequests bool // the lines are also run with each fault of the server
	input       string
}

var canaryRows = map[string]canaryRow{
	"login": {lines: [][]string{
		{"{conn}", "--trace", "trace.txt", "--state", canaryState, "--timeout", "20s"},
		{"{conn}", "--trace", "trace.txt", "--json", "--scope", "openid offline_access", "--timeout", "20s"},
		{"{conn}", "--trace", "trace.txt", "--device", "--timeout", "1500ms"},
		{"{conn}", "--trace", "trace.txt", "--paste", "--timeout", "2s"},
	}, hasRequests: true, input: "http://127.0.0.1/callback?state=wrong&code=wrong&error=no\n"},
	"set": {lines: [][]string{
		{"{conn}", "--refresh-param", "more=" + canaryParam("refresh")},
		{"{conn}", "--refresh-header", "X-More=" + canaryParam("header")},
		{"{conn}", "--proxy", "{proxy}/\x7f"},
		{"{conn}", "--token-url", "http://op.example/" + canarySecret},
	}},
	"import": {lines: [][]string{
		{"copy", "{file}", "{flags}", "--force"},
		{"shared", "{file}", "--in-place", "{flags}", "--force", "--json"},
		{"bad", "broken.json"},
	}},
	"secret": {lines: [][]string{{"acme"}, {"acme", "--remove"}}, input: canarySecret + "\n"},
	"refresh": {lines: [][]string{
		{"{conn}", "--trace", "trace.txt", "--timeout", "300ms"},
		{"{conn}", "--dry-run"},
		{"{conn}", "--trace", "trace.txt", "--timeout", "300ms", "--json", "--force"},
		{"{file}", "{flags}", "--trace", "-", "--timeout", "300ms"},
		{"--all", "--trace", "trace.txt", "--timeout", "300ms"},
		{"--all", "--json", "--timeout", "300ms"},
	}, hasRequests: true},
	"token": {lines: [][]string{
		{"{conn}", "--trace", "trace.txt", "--timeout", "300ms"},
		{"{conn}", "--min-ttl", "9999h", "--json", "--timeout", "300ms"},
		{"{file}", "{flags}", "--auth-header", "--min-ttl", "9999h", "--timeout", "300ms"},
	}, hasRequests: true},
	"exec": {lines: [][]string{
		{"{conn}", "--trace", "trace.txt", "--min-ttl", "9999h", "--timeout", "300ms", "--", "true"},
		{"{file}", "{flags}", "--timeout", "300ms", "--", "env"},
	}, hasRequests: true},
	"status": {lines: [][]string{
		{"{conn}", "--json"}, {"{conn}"}, {}, {"--json"}, {"--within", "9999d"}, {"{file}"},
	}, hasRequests: true},
	"whoami": {lines: [][]string{
		{"{conn}", "--trace", "trace.txt", "--timeout", "300ms"},
		{"{conn}", "--json", "--timeout", "300ms"},
		{"{file}", "{flags}", "--userinfo-url", "{issuer}/userinfo", "--timeout", "300ms"},
	}, hasRequests: true},
	"introspect": {lines: [][]string{
		{"{conn}", "--trace", "trace.txt"},
		{"{conn}", "--json"},
		{"{file}", "{flags}", "--introspection-url", "{issuer}/introspect"},
	}, hasRequests: true},
	"revoke": {lines: [][]string{
		{"{conn}", "--json", "--trace", "trace.txt"},
		{"{conn}"},
		{"{file}", "{flags}", "--revocation-url", "{issuer}/revoke", "--trace", "trace.txt"},
	}, hasRequests: true},
	"logout": {lines: [][]string{
		{"{conn}", "--revoke", "--yes", "--trace", "trace.txt"}, {"{conn}"}, {"{conn}", "--yes"},
	}, hasRequests: true},
	"doctor": {lines: [][]string{
		{"{conn}", "--trace", "trace.txt"}, {"{conn}", "--json"}, {"{file}", "{flags}"}, {},
	}, hasRequests: true},
	"providers":   {lines: [][]string{{}, {"generic"}, {"--json"}}},
	"testserver":  {lines: [][]string{{"--addr", "192.0.2.1:1"}, {"--write-token", "{file}", "--fault", "none"}}},
	"demo":        {lines: [][]string{{}}},
	"version":     {lines: [][]string{{}}},
	"completion":  {lines: [][]string{{"bash"}}},
	"environment": {lines: [][]string{{}}},
	"exit-codes":  {lines: [][]string{{}}},
	"rename":      {lines: [][]string{{"{conn}", "acme2"}, {"acme2", "{conn}"}, {"{file}", "acme2"}}},
	"help":        {lines: [][]string{{"login"}}},
}

// canaryOrder returns the commands in the order in which to run them. Those that end the grant are
// last.
func canaryOrder(t *testing.T) []string {
	t.Helper()
	root := cli.Command()
	root.InitDefaultHelpCmd()
	var names []string
	for _, command := range root.Commands() {
		if _, ok := canaryRows[command.Name()]; !ok {
			t.Errorf("the command %s has no row, so its output is not checked", command.Name())
		}
		names = append(names, command.Name())
	}
	for name := range canaryRows {
		if !slices.Contains(names, name) {
			t.Errorf("the row %s is of no command", name)
		}
	}
	last := []string{"status", "doctor", "revoke", "logout"}
	slices.SortStableFunc(names, func(a, b string) int { return slices.Index(last, a) - slices.Index(last, b) })
	return names
}

// connect creates a connection with a canary in each setting that may be secret, and a token file.
func (a *canaryTest) connect() {
	a.t.Helper()
	self, err := os.Executable()
	if err != nil {
		a.t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(a.dir, "browser")); err != nil { // see TestMain
		a.t.Fatal(err)
	}
	got := a.run("", "login", "acme", "--issuer", a.url, "--client-id", a.server.ClientID(),
		"--client-secret-from", "env:CANARY_SECRET", "--auth", "basic", "--scope", "openid offline_access",
		"--state", canaryState, "--proxy", a.proxy, "--trace", "trace.txt",
		"--authorize-param", "custom="+canaryParam("authorize"), "--code-param", "custom="+canaryParam("code"),
		"--refresh-param", "custom="+canaryParam("refresh"), "--refresh-header", "X-Api-Key="+canaryParam("header"))
	wantExit(a.t, got, 0, "logged in: acme")
	document := a.server.Document()
	a.noteReply(document)
	if err := os.WriteFile(filepath.Join(a.dir, "token.json"), document, 0o600); err != nil {
		a.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(a.dir, "broken.json"), document[:len(document)/2], 0o600); err != nil {
		a.t.Fatal(err)
	}
}

// runLines runs command lines of a command.
func (a *canaryTest) runLines(command string, lines [][]string) {
	a.t.Helper()
	flags := []string{
		"--client-id", a.server.ClientID(), "--client-secret-from", "env:CANARY_SECRET", "--auth", "basic",
		"--token-url", a.server.TokenEndpoint(), "--proxy", a.proxy,
	}
	fill := strings.NewReplacer("{conn}", "acme", "{file}", "./token.json", "{proxy}", a.proxy, "{issuer}", a.url)
	for _, line := range lines {
		args := []string{command}
		for _, arg := range line {
			if arg == "{flags}" {
				args = append(args, flags...)
			} else {
				args = append(args, fill.Replace(arg))
			}
		}
		a.run(canaryRows[command].input, args...)
	}
}

// runRequests runs the commands that make requests; with -short one line of each.
func (a *canaryTest) runRequests() {
	a.t.Helper()
	for _, command := range canaryOrder(a.t) {
		if row := canaryRows[command]; row.hasRequests {
			a.runLines(command, row.lines[:unlessShort(len(row.lines), 1)])
		}
	}
}

func TestNoCommandShowsASecret(t *testing.T) {
	t.Parallel()
	a := newCanaryTest(t)
	a.connect()
	for _, command := range canaryOrder(t) {
		a.runLines(command, canaryRows[command].lines)
		a.wantClean()
	}
}

// Each fault of the test server applies to all further replies.
func TestNoCommandShowsASecretAfterAFault(t *testing.T) {
	t.Parallel()
	for _, name := range oauthtest.FaultNames() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newCanaryTest(t)
			a.connect()
			a.cut = name == "slow" // otherwise it takes half a minute
			repeated := []string{canarySecret, canaryPassword}
			if strings.HasPrefix(name, "authorize-error") { // the authorization request has only this secret
				repeated = []string{canaryParam("authorize")}
			}
			text := ""
			for _, echo := range redacttest.Encodings {
				for _, secret := range repeated {
					text += " " + echo(secret)
				}
			}
			a.server.Fail(oauthtest.Fault{Name: strings.ReplaceAll(name, "=TEXT", "="+text)})
			a.runRequests()
			a.wantClean()
		})
	}
}

// The server refuses each request and repeats its secrets in one of the encodings.
func TestNoCommandShowsASecretThatAServerRepeats(t *testing.T) {
	t.Parallel()
	for encoding, echo := range redacttest.Encodings {
		t.Run(encoding, func(t *testing.T) {
			t.Parallel()
			a := newCanaryTest(t)
			a.connect()
			a.mu.Lock()
			a.echo = echo
			a.mu.Unlock()
			a.runRequests()
			a.wantClean()
		})
	}
}

// The tests above are only as good as the search.
func TestCanariesAreFound(t *testing.T) {
	a := &canaryTest{t: t, secrets: map[string]string{}}
	a.note("client secret", canarySecret)
	for encoding, echo := range redacttest.Encodings {
		text := "x " + echo(canarySecret) + " y"
		if len(a.found(text)) != 1 || len(a.found(text, "client secret")) != 0 {
			t.Errorf("not found in encoding %s", encoding)
		}
	}
	if found := a.found(canarySecret[:10]); len(found) > 0 {
		t.Errorf("%q", found)
	}
}
