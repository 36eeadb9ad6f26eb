package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestPromises checks that the tests named in docs/promises.md exist.
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
	if got := strings.Count(string(page), "\n## "); got != 12 {
		t.Errorf("%d sections, want the ten promises, where nothing is spent, and what is not promised", got)
	}
}

// TestThreats holds each row of the table in SECURITY.md to the tests that it names.
func TestThreats(t *testing.T) {
	page, err := os.ReadFile("../../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(page), "\n|---|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := strings.Split(table, "\n")
	if !found || len(rows) < 20 {
		t.Fatalf("the table of threats has %d rows", len(rows))
	}
	name := regexp.MustCompile("`([a-z/]+)\\.(Test\\w+)(?:/([\\w-]+))?`")
	for _, row := range rows {
		cells := strings.Split(row, "|")
		tests := name.FindAllStringSubmatch(cells[len(cells)-2], -1)
		if len(cells) != 6 || len(tests) == 0 || strings.Count(cells[len(cells)-2], "`") != 2*len(tests) {
			t.Errorf("this row names no test: %s", row)
		}
		for _, test := range tests {
			dir := filepath.Join("../..", strings.TrimPrefix("/"+test[1], "/freshet"))
			if !declares(t, dir, test[2]+"(") {
				t.Errorf("%s: there is no such test", test[0])
			}
			if test[3] != "" && !exists("../../testdata/script/"+test[3]+".txtar") {
				t.Errorf("%s: there is no such script", test[0])
			}
		}
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
