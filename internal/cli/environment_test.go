package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// names are the variables of a table, one by one.
func names(table []Variable) []string {
	var all []string
	for _, v := range table {
		all = append(all, strings.Split(v.Name, ", ")...)
	}
	return all
}

// No program of ours reads a variable that the table does not have.
func TestEveryVariableThatIsReadIsInTheTable(t *testing.T) {
	read := regexp.MustCompile(`(?:Getenv|LookupEnv|set)\("([A-Za-z_]+)"\)`)
	var found []string
	for _, dir := range []string{"../../filestore", "../../login", "../../oauth", "../../provider", "../../secret", "../../cmd", "."} {
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
	known := names(Environment())
	for _, name := range found {
		if !slices.Contains(known, name) {
			t.Errorf("%s is read, and not in the table", name)
		}
	}
	for _, name := range []string{"FRESHET_HOME", "XDG_RUNTIME_DIR", "DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "NO_COLOR"} {
		if !slices.Contains(found, name) {
			t.Errorf("nothing reads %s: the test does not see the sources", name)
		}
	}
}

// The README has the same tables.
func TestReadmeHasTheTablesOfVariables(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "\n## Environment\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var got []string
	for line := range strings.Lines(section) {
		if strings.HasPrefix(line, "| `") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	var want []string
	for _, v := range slices.Concat(Environment(), CommandEnvironment()) {
		want = append(want, "| `"+strings.ReplaceAll(v.Name, ", ", "`, `")+"` | "+v.Meaning+" |")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("README.md, section Environment (-want +got):\n%s", diff)
	}
}
