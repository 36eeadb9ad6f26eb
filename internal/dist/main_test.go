package main

import (
	"strings"
	"testing"
)

func TestArchivesHaveManualAndCompletions(t *testing.T) {
	t.Chdir("../..")
	files, err := documents()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, f := range files {
		found[f.name] = string(f.data)
	}
	for name, prefix := range map[string]string{
		"LICENSE": "", "README.md": "# freshet", "man/freshet.1": ".TH FRESHET 1", "man/freshet-login.1": ".TH FRESHET",
		"completions/freshet.bash": "# bash completion", "completions/_freshet": "#compdef freshet",
		"completions/freshet.fish": "# fish completion", "completions/freshet.ps1": "# powershell completion",
	} {
		if text, ok := found[name]; !ok || text == "" || !strings.HasPrefix(text, prefix) {
			t.Errorf("%s is missing, or does not start with %q", name, prefix)
		}
	}
}
