package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// etc/deps.sh installs the programs that the tests need. Here it finds none of them.
func TestMissingPrograms(t *testing.T) {
	const (
		succeeds = "exit 0"
		fails    = "exit 1"
	)
	for name, tt := range map[string]struct {
		uid       string
		sudo, apt string // scripts; "" if the program does not exist
		env       string
		code      int
		want      []string
		installed bool
	}{
		"root": {
			uid: "0", apt: succeeds,
			want: []string{"missing: gcc (package gcc), for the race detector\n", "installing: gcc "}, installed: true,
		},
		"sudo": {
			uid: "1000", sudo: `exec "$@"`, apt: succeeds,
			want: []string{"installing: gcc "}, installed: true,
		},
		"no sudo": {
			uid: "1000", apt: succeeds, code: 1,
			want: []string{
				"there is no sudo, so an administrator must run:\n    apt-get update && apt-get install -q -y " +
					"--no-install-recommends gcc ",
				"NO_INSTALL=1 make test\n",
			},
		},
		"sudo refuses": {
			uid: "1000", sudo: fails, apt: succeeds, code: 1,
			want: []string{"sudo does not let this user become root, so an administrator must run:\n    apt-get update && "},
		},
		"no apt-get": {
			uid: "0", code: 1,
			want: []string{"this system's own package manager", "NO_INSTALL=1 make test\n"},
		},
		"NO_INSTALL": {
			uid: "1000", apt: succeeds, env: "NO_INSTALL=1",
			want: []string{"missing: curl (package curl)", "the tests that need it are skipped\n"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, program := range []string{"cat", "ls", "env"} {
				path, err := exec.LookPath(program)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.Symlink(path, filepath.Join(dir, program)); err != nil {
					t.Fatal(err)
				}
			}
			log := filepath.Join(dir, "log")
			for program, body := range map[string]string{
				"uname": "echo Linux", "id": "echo " + tt.uid, "true": succeeds, "sudo": tt.sudo, "apt-get": tt.apt,
			} {
				if body == "" {
					continue
				}
				script := "#!/bin/sh\necho " + program + ` "$@" >>` + log + "\n" + body + "\n"
				if err := os.WriteFile(filepath.Join(dir, program), []byte(script), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.Command("/bin/sh", "../../etc/deps.sh")
			cmd.Env = []string{"PATH=" + dir, tt.env}
			out, _ := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			for _, want := range tt.want {
				if !strings.Contains(string(out), want) {
					t.Errorf("no %q in:\n%s", want, out)
				}
			}
			ran, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			if installed := strings.Contains(string(ran), "apt-get install "); installed != tt.installed {
				t.Errorf("it ran:\n%s", ran)
			}
		})
	}
}
