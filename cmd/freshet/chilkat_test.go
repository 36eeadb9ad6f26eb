package main_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	flagPattern = regexp.MustCompile("`(?:freshet [^`]*)?(--[a-z-]+)")
	goName      = regexp.MustCompile("`((?:[a-z0-9]+\\.)?[A-Z][A-Za-z]*(?:\\.[A-Z][A-Za-z]*)*)[`(]")
)

// TestChilkatPage checks that the script runs each row of the page: it has a section for the row, which
// runs freshet and uses the flags of the row. The names of the third column are those of the library.
func TestChilkatPage(t *testing.T) {
	read := func(path string) string {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	sections := map[string]string{}
	script, _, _ := strings.Cut(read("../../testdata/script/from-chilkat.txtar"), "\n-- ")
	for section := range strings.SplitSeq(script, "\n# ROW ") {
		row, commands, _ := strings.Cut(section, "\n")
		sections[row] = commands
	}
	api := read("../../api.txt")
	rows := 0
	for line := range strings.Lines(read("../../docs/from-chilkat.md")) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if len(cells) != 3 || !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| Chilkat") {
			continue
		}
		rows++
		row := strings.ReplaceAll(strings.TrimPrefix(cells[0], "| "), "`", "")
		commands, ok := sections[row]
		if !ok || !strings.Contains(commands, "freshet ") {
			t.Errorf("no section of the script runs the row %q", row)
		}
		for _, flag := range flagPattern.FindAllStringSubmatch(cells[1], -1) {
			if !strings.Contains(commands, flag[1]+" ") && !strings.Contains(commands, flag[1]+"\n") {
				t.Errorf("%s: the script does not use %s", row, flag[1])
			}
		}
		for _, name := range goName.FindAllStringSubmatch(cells[2], -1) {
			if !isExported(api, name[1]) {
				t.Errorf("%s: the library has no %s", row, name[1])
			}
		}
		delete(sections, row)
	}
	if rows < 40 {
		t.Errorf("the page has only %d rows", rows)
	}
	delete(sections, strings.SplitN(script, "\n", 2)[0]) // the head of the script
	for row := range sections {
		t.Errorf("the page has no row %q", row)
	}
}

// isExported reports whether api.txt has the name: package.Name, or Name of package freshet, with or
// without a field or a method.
func isExported(api, name string) bool {
	pkg := "freshet"
	if first, rest, ok := strings.Cut(name, "."); ok && strings.ToLower(first) == first {
		pkg, name = first, rest
	}
	owner, member, isMember := strings.Cut(name, ".")
	if !isMember {
		return regexp.MustCompile(`(?m)^` + pkg + `: (type|func|const|var) ` + owner + `\b`).MatchString(api)
	}
	return regexp.MustCompile(`(?m)^` + pkg + `: (field ` + owner + `\.` + member + `|method \(\*?` + owner + `\) ` + member + `)\b`).
		MatchString(api)
}
