package browser

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	readmeServer  = "127.0.0.1:8080"
	readmeSection = "README.md's section \"From nothing to a token\""
)

// This runs the commands of the README's section "From nothing to a token", and clicks as a user does.
func TestFromNothingToAToken(t *testing.T) {
	serve, commands := fromNothing(t)
	m, b := newMachine(t), newTab(t)
	server := m.testserver(strings.Fields(strings.ReplaceAll(serve, readmeServer, serverAddress()))[2:]...)

	results := map[string]result{}
	for line := range strings.Lines(strings.ReplaceAll(commands, readmeServer, server)) {
		args := strings.Fields(line)[1:]
		var r result
		if args[0] == "login" {
			r = allow(m, b, args[1:])
		} else {
			r = m.run(args...)
		}
		if r.code != 0 {
			t.Fatalf("%sexit %d: %s", line, r.code, r.stderr)
		}
		results[args[0]] = r
	}
	for command, want := range map[string]string{
		"login":  `(?m)^logged in: salesforce \(\w+ at salesforce\); valid until about .* \(assumed\); refresh token saved$`,
		"status": `(?m)^salesforce +salesforce +\w+ +fresh +`,
		"token":  `^\S+\n$`,
		"whoami": `user@example\.com`,
	} {
		r, ok := results[command]
		if !ok {
			t.Errorf("%s has no freshet %s", readmeSection, command)
		} else if !regexp.MustCompile(want).MatchString(r.stdout + r.stderr) {
			t.Errorf("freshet %s printed, instead of %s:\n%s%s", command, want, r.stdout, r.stderr)
		}
	}
}

// allow logs in, and takes pictures of the pages.
func allow(m machine, b tab, args []string) result {
	m.t.Helper()
	l := m.login(args...)
	b.open(l.address)
	if got := b.title(); got != "Allow access? · test server" {
		m.t.Errorf("the title of the consent page is %q", got)
	}
	b.picture("login-consent.png")
	b.click("#allow")
	if got := b.read("main"); !strings.HasPrefix(got, "You are logged in\n") {
		m.t.Errorf("the last page says %q", got)
	}
	b.picture("login-allowed.png")
	return l.end()
}

// serverAddress is a free port. For pictures it is a fixed one, because they show it.
func serverAddress() string {
	if pictures != "" {
		return readmeServer
	}
	return "127.0.0.1:0"
}

// fromNothing returns the commands of the README's two terminals.
func fromNothing(t *testing.T) (serve, commands string) {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "\n## From nothing to a token\n")
	section, _, _ = strings.Cut(section, "\n## ")
	blocks := regexp.MustCompile("(?s)\n```sh\n(.*?)```").FindAllStringSubmatch(section, 2)
	if len(blocks) != 2 || !strings.HasPrefix(blocks[0][1], "freshet testserver ") {
		t.Fatalf("%s does not start with a test server and then its commands", readmeSection)
	}
	return blocks[0][1], blocks[1][1]
}
