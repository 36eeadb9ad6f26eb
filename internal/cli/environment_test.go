package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func variableNames(table []Variable) []string {
	var all []string
	for _, v := range table {
		all = append(all, strings.Split(v.Name, ", ")...)
	}
	return all
}

func TestEnvironmentListsEveryVariable(t *testing.T) {
	read := regexp.MustCompile(`(?:Getenv|LookupEnv|set)\("([A-Za-z_]+)"\)`)
	var found []string
	dirs := []string{"../filestore", "../../login", "../../oauth", "../../provider", "../../secret", "../../cmd", "."}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			for _, match := range read.FindAllStringSubmatch(string(source), -1) {
				found = append(found, match[1])
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	known := variableNames(Environment())
	for _, name := range found {
		if !slices.Contains(known, name) {
			t.Errorf("%s is read, but not in the table", name)
		}
	}
	for _, name := range []string{"FRESHET_HOME", "XDG_RUNTIME_DIR", "DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "NO_COLOR"} {
		if !slices.Contains(found, name) {
			t.Errorf("nothing reads %s: the test does not see the sources", name)
		}
	}
}
