// Package codeblocks compiles the Go code in documents: the blocks of a Markdown file, and those of a
// package comment.
package codeblocks

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Config says what the code in the documents may use.
type Config struct {
	Dir     string            // of a module; the documents are named from there
	Imports []string          // paths of packages; each block imports those that it names
	Given   map[string]string // variables that the text around a block introduces, with their types
}

// Test compiles each block of the documents as the body of a function, in which the names that are
// given are variables. It returns how many there are. An unused variable is no error.
func Test(t *testing.T, c Config, documents ...string) int {
	t.Helper()
	dir, origins, n := t.TempDir(), map[string]string{}, 0
	args := []string{"build", "-gcflags=-e", "-o", os.DevNull}
	for _, document := range documents {
		text, err := os.ReadFile(filepath.Join(c.Dir, document))
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range blocks(t, document, string(text)) {
			n++
			name := fmt.Sprintf("block%d.go", n)
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, []byte(c.file(n, block)), 0o600); err != nil {
				t.Fatal(err)
			}
			origins[name], args = document+":\n"+block, append(args, path)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = c.Dir
	out, err := cmd.CombinedOutput()
	if err == nil {
		return n
	}
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "#") || strings.Contains(line, ": declared and not used: ") {
			continue
		}
		name := regexp.MustCompile(`block\d+\.go`).FindString(line)
		t.Errorf("%sin %s", line, origins[name])
	}
	return n
}

// file returns a file with one function, whose body is the block.
func (c Config) file(n int, block string) string {
	var imports, parameters strings.Builder
	for _, path := range c.Imports {
		name := path[strings.LastIndex(path, "/")+1:]
		if regexp.MustCompile(`\b` + name + `\.`).MatchString(block + fmt.Sprint(c.Given)) {
			fmt.Fprintf(&imports, "import %q\n", path)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Given)) {
		fmt.Fprintf(&parameters, "%s %s, ", name, c.Given[name])
	}
	// The inner block lets the code declare a name that is given.
	return fmt.Sprintf("package blocks\n%s\nfunc _%d(%s) {\n{\n%s\n}\n}\n", imports.String(), n, parameters.String(), block)
}

func blocks(t *testing.T, document, text string) []string {
	t.Helper()
	if !strings.HasSuffix(document, ".go") {
		var found []string
		for _, match := range regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(text, -1) {
			found = append(found, match[1])
		}
		return found
	}
	file, err := parser.ParseFile(token.NewFileSet(), document, text, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil || file.Doc == nil {
		t.Fatalf("%s: no package comment (%v)", document, err)
	}
	return commentBlocks(file.Doc)
}

// commentBlocks returns the code of a doc comment: lines that begin with a tab. A table has no
// assignment.
func commentBlocks(doc *ast.CommentGroup) []string {
	var found []string
	for _, block := range regexp.MustCompile(`(?m)(^\t.*\n|^\n)+`).FindAllString(doc.Text(), -1) {
		if strings.Contains(block, ":=") || strings.Contains(block, "err = ") {
			found = append(found, block)
		}
	}
	return found
}
