package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// readFlags are the flags whose file is only read.
var readFlags = []string{"client-secret-file", "ca-file", "allow-page", "deny-page", "rejected"}

// No flag that writes a file writes a token away. Each row is a command line; FILE stands for the file.
func TestFlagsSpareTokens(t *testing.T) {
	lines := []struct{ command, flag, args string }{
		{"login", "trace", "login acme --issuer https://as.example"},
		{"login", "response", "login acme --issuer https://as.example"},
		{"login", "redirect-request", "login acme --issuer https://as.example"},
		{"login", "token-file", "login new --issuer https://as.example"},
		{"set", "trace", "set acme --port 1"},
		{"token", "trace", "token t.json"},
		{"exec", "trace", "exec t.json --trace FILE -- true"},
		{"refresh", "trace", "refresh t.json"},
		{"refresh", "trace", "refresh t.json acme"},
		{"refresh", "trace", "refresh --all"},
		{"refresh", "response", "refresh t.json"},
		{"whoami", "trace", "whoami t.json"},
		{"introspect", "trace", "introspect t.json"},
		{"revoke", "trace", "revoke t.json --yes"},
		{"logout", "trace", "logout acme --revoke --yes"},
		{"doctor", "trace", "doctor t.json --offline"},
		{"testserver", "write-token", "testserver"},
	}
	files := map[string]string{ // and their content
		"t.json":                      `{"access_token":"a-1","refresh_token":"r-1"}`,
		"t.json.lock":                 ``,
		"other.json":                  `{"access_token":"a-2","refresh_token":"r-2"}`,
		"used.json":                   `{"access_token":"a-3","refresh_token":"r-3"}`,
		"used.json.lock":              ``,
		"shared.json":                 `{"access_token":"a-4","refresh_token":"r-4"}`,
		"copy.json":                   `{"name":"acme","token":{"access_token":"a-5","refresh_token":"r-5"}}`,
		"home/connections/acme.json":  `{"name":"acme","token":{"access_token":"a-6","refresh_token":"r-6"}}`,
		"home/connections/other.json": `{"name":"other","token_file":"shared.json"}`,
		"home/connections/none.json":  "", // does not exist
		"home/secrets/acme.1":         "hush",
	}
	spares := func(flag, args, file string) bool {
		switch flag {
		case "trace", "redirect-request":
			return !strings.HasPrefix(file, "t.json") || strings.Contains(args, "t.json") || file == "t.json"
		case "response": // an earlier response looks like a token
			return file != "other.json" && file != "copy.json" &&
				(!strings.HasPrefix(file, "t.json") || strings.Contains(args, "t.json") || file == "t.json")
		case "token-file":
			return strings.HasPrefix(file, "home/")
		default:
			return strings.HasSuffix(file, ".json") && file != "home/connections/none.json"
		}
	}
	for _, line := range lines {
		for file, content := range files {
			if !spares(line.flag, line.args, file) {
				continue
			}
			t.Run(line.args+" --"+line.flag+" "+file, func(t *testing.T) {
				dir := t.TempDir()
				t.Chdir(dir)
				t.Setenv("FRESHET_HOME", "home")
				for name, content := range files {
					content = strings.Replace(content, `"shared.json"`, `"`+filepath.Join(dir, "shared.json")+`"`, 1)
					if name != "home/connections/none.json" {
						writeTestFile(t, name, content)
					}
				}
				args := strings.Fields(strings.ReplaceAll(line.args, "FILE", file))
				if !slices.Contains(args, "--"+line.flag) {
					args = append(args, "--"+line.flag, file)
				}
				var out, stderr strings.Builder
				a := app{in: strings.NewReader(""), out: &out, err: &stderr}
				code := a.run(t.Context(), args)
				if code == exitDone || !strings.Contains(stderr.String(), "--"+line.flag) {
					t.Errorf("exit code %d: %s", code, &stderr)
				}
				data, err := os.ReadFile(file)
				switch {
				case file == "home/connections/none.json" && err == nil:
					t.Error("the file was created")
				case file != "home/connections/other.json" && string(data) != content:
					t.Errorf("the file is now %q", data)
				}
			})
		}
	}

	// Every flag with a FILE is in one of the two lists.
	for _, cmd := range commands() {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if name, _ := pflag.UnquoteUsage(f); name != "FILE" || slices.Contains(readFlags, f.Name) {
				return
			}
			if !slices.ContainsFunc(lines, func(l struct{ command, flag, args string }) bool {
				return l.command == cmd.Name() && l.flag == f.Name
			}) {
				t.Errorf("no row for %s --%s", cmd.Name(), f.Name)
			}
		})
	}
}

func writeTestFile(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
