package main

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
)

// completions are the files that the shells look for, and how freshet calls the shells.
var completions = [][2]string{
	{"freshet.bash", "bash"},
	{"_freshet", "zsh"},
	{"freshet.fish", "fish"},
	{"freshet.ps1", "powershell"},
}

// texts are what every archive has beside the program: the manual's pages, in man, and the shells' scripts, in completions.
func texts() ([]file, error) {
	pages, err := filepath.Glob("docs/man/*.1")
	if err != nil {
		return nil, err
	}
	var files []file
	for _, name := range append([]string{"LICENSE", "README.md"}, pages...) {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if filepath.Ext(name) == ".1" {
			name = path.Join("man", filepath.Base(name))
		}
		files = append(files, file{name, 0o644, data})
	}
	for _, c := range completions {
		script, err := exec.Command("go", "run", "./cmd/freshet", "completion", c[1]).Output()
		if err != nil {
			return nil, fmt.Errorf("making the completion for %s: %w", c[1], err)
		}
		files = append(files, file{path.Join("completions", c[0]), 0o644, script})
	}
	return files, nil
}
