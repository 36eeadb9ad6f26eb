package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestPromises holds docs/promises.md to the tests that it names.
func TestPromises(t *testing.T) {
	page, err := os.ReadFile("../../docs/promises.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile(`(?m)^go test (\S+) -(?:run|fuzz) (\S+)`).FindAllStringSubmatch(string(page), -1)
	if len(commands) < 30 {
		t.Fatalf("only %d commands", len(commands))
	}
	for _, command := range commands {
		if !declares(t, filepath.Join("../..", command[1]), command[2]) {
			t.Errorf("%s: there is no such test", command[0])
		}
	}
	if got := strings.Count(string(page), "\n## "); got != 11 {
		t.Errorf("%d chapters, want the ten promises and what is not promised", got)
	}
}

func declares(t *testing.T, dir, test string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(source), "\nfunc "+test) {
			return true
		}
	}
	return false
}
