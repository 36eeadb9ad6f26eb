//go:build unix

package main_test

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/oauthtest"
)

// TestCronAndSystemdPage runs the crontab lines of docs/cron-and-systemd.md, and the command of Windows'
// Task Scheduler.
func TestCronAndSystemdPage(t *testing.T) {
	need(t, "bash")
	page := readDocument(t, "docs/cron-and-systemd.md")
	server := newServer(t, oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true})
	r := newReadmeShell(t)
	r.run("freshet login salesforce --port 0 --issuer " + server.URL() + " --client-id " + server.ClientID())
	if err := os.Mkdir(filepath.Join(r.home, "tokens"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(r.home, "tokens", "salesforce.json"), server.Document(), 0o600); err != nil {
		t.Fatal(err)
	}
	r.cron(page, 3)
	task := regexp.MustCompile(`/TR "C:\\tools\\freshet\.exe (.*)"`).FindStringSubmatch(page)
	if task == nil {
		t.Fatal("the page has no task")
	}
	r.run("freshet " + task[1])
}

// TestSystemdUnits lets systemd check the units of the page, if it is installed, and runs their
// commands. The commands of the shell name those units.
func TestSystemdUnits(t *testing.T) {
	need(t, "bash")
	page := readDocument(t, "docs/cron-and-systemd.md")
	server := newServer(t, oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true})
	r := newReadmeShell(t)
	r.run("freshet login salesforce --port 0 --issuer " + server.URL() + " --client-id " + server.ClientID())
	binary, err := freshetBinary()
	if err != nil {
		t.Fatal(err)
	}
	here := strings.NewReplacer("%h/go/bin/freshet", binary, "/usr/local/bin/freshet", binary)
	places := regexp.MustCompile("in `(\\S+/freshet\\.(?:service|timer))`").FindAllStringSubmatch(page, -1)
	units := codeBlocks(page, "ini")
	if len(units) != 3 || len(places) != 4 { // the last timer is the first one again
		t.Fatalf("%d units in %d places", len(units), len(places))
	}
	for _, set := range [][]int{{0, 1}, {2, 1}} {
		dir := t.TempDir()
		var files []string
		for i, unit := range set {
			file := filepath.Join(dir, path.Base(places[i][1]))
			if err := os.WriteFile(file, []byte(here.Replace(units[unit])+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
		if _, err := exec.LookPath("systemd-analyze"); err == nil { // else there is no systemd here
			r.run("systemd-analyze verify " + strings.Join(files, " "))
		}
		command := regexp.MustCompile(`(?m)^ExecStart=(.*)$`).FindStringSubmatch(here.Replace(units[set[0]]))
		r.run(command[1])
	}
	commands := strings.Join(codeBlocks(page, "sh"), "\n")
	lastWord := regexp.MustCompile(`(?m)^(?:systemctl|journalctl) .* (\S+)$`)
	for _, unit := range lastWord.FindAllStringSubmatch(commands, -1) {
		if name := unit[1]; name != "freshet.timer" && name != "freshet.service" && name != "daemon-reload" {
			t.Errorf("a command names %s", name)
		}
	}
}
