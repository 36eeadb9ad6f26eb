package cli

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

var update = flag.Bool("update", false, "write testdata/remedies.txt")

// remediesOf returns the constant remedies in the files of a package, and the formats of those with
// arguments. With all of them it type-checks the package, so that none is missed.
func remediesOf(t *testing.T, dir string, exports map[string]string) []oauth.Remedy {
	t.Helper()
	files := token.NewFileSet()
	var parsed []*ast.File
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
	}
	info := types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	config := types.Config{
		Importer: importer.ForCompiler(files, "gc", func(path string) (io.ReadCloser, error) {
			return os.Open(exports[path])
		}),
		Error: func(error) {}, // files of other systems define the same names
	}
	_, _ = config.Check(dir, files, parsed, &info)
	found := map[oauth.Remedy]bool{}
	isRemedy := func(e ast.Expr) bool {
		named, ok := info.Types[e].Type.(*types.Named)
		return ok && named.Obj().Name() == "Remedy"
	}
	add := func(e ast.Expr) bool {
		value := info.Types[e].Value
		if value == nil || value.Kind() != constant.String {
			return false
		}
		if text := constant.StringVal(value); strings.Contains(text, " ") || strings.Contains(text, "{") {
			found[oauth.Remedy(text)] = true
		}
		return true
	}
	for _, file := range parsed {
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				name := ""
				switch f := call.Fun.(type) {
				case *ast.SelectorExpr:
					name = f.Sel.Name
				case *ast.Ident:
					name = f.Name
				}
				if name == "Remedyf" {
					add(call.Args[0])
					return true
				}
			}
			e, ok := n.(ast.Expr)
			return !ok || !isRemedy(e) || !add(e)
		})
	}
	return slices.Sorted(maps.Keys(found))
}

// exportData returns the files with the compiled packages that this module imports.
func exportData(t *testing.T) map[string]string {
	t.Helper()
	list := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", "./...")
	list.Dir, list.Stderr = "../..", os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	exports := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if path, file, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			exports[path] = file
		}
	}
	return exports
}

// allRemedies returns the remedies of the module and of the providers, by their place.
func allRemedies(t *testing.T) map[string][]oauth.Remedy {
	t.Helper()
	exports, all := exportData(t), map[string][]oauth.Remedy{}
	for _, dir := range []string{
		".", "filestore", "internal/filestore", "key", "login", "secret", "xoauth2", "provider", "internal/detach",
		"internal/replies", "internal/endpoints",
		"internal/doctor", "internal/importer", "internal/cli",
	} {
		if found := remediesOf(t, filepath.Join("../..", dir), exports); len(found) > 0 {
			all[dir] = found
		}
	}
	for _, name := range provider.Names() {
		p, err := provider.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range p.Errors {
			all[name+".json"] = append(all[name+".json"], e.Remedy)
		}
		slices.Sort(all[name+".json"])
		all[name+".json"] = slices.Compact(all[name+".json"])
	}
	return all
}

var (
	// goNames are names that only a program can use, flags those that only a user can.
	goNames = regexp.MustCompile(`\b(Client\.(ID|Secret|Auth)|Endpoints\.|Options\.|Keeper\.|Refresher\.` +
		`|Store\.|Requests\.|Login\.|RedirectURI|CallbackURL|SecretFrom|xoauth2|oauth2\.|Key\.[A-Z]|(secret|key)\.[A-Z])`)
	flags = regexp.MustCompile(`--[a-z]|\bfreshet (token|login|refresh|set|logout|status|import|secret)\b|FRESHET_`)
)

// onlyInPrograms matches remedies of functions that the command line does not call: Transport, Create
// and those of package xoauth2.
var onlyInPrograms = regexp.MustCompile(`Keeper\.Client|(secret|key)\.Read|xoauth2\.`)

// TestRemedies compares every remedy, in both languages, with testdata/remedies.txt. The file is for
// reading: each line must make sense to a user.
func TestRemedies(t *testing.T) {
	connection := subject{connection: "acme"}
	file := subject{file: "t.json", ownFlags: true, look: func() (string, string) { return "", "salesforce" }}
	login := subject{connection: "acme", ownFlags: true, repeat: true}
	var out bytes.Buffer
	all := allRemedies(t)
	for _, place := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&out, "# %s\n", place)
		// Only the command line shows those of the other internal packages.
		isOurs := strings.HasPrefix(place, "internal/") &&
			!slices.Contains([]string{"internal/filestore", "internal/replies", "internal/endpoints"}, place)
		for _, r := range all[place] {
			isFilledLater := strings.Contains(string(r), "{home}") || strings.Contains(string(r), "%s}")
			if err := r.Check(); err != nil && !isFilledLater {
				t.Errorf("%s: %v", place, err)
			}
			text := r.String()
			fmt.Fprintf(&out, "go          %s\n", text)
			if flags.MatchString(text) && !isOurs {
				t.Errorf("%s: %q names a flag or command", place, text)
			}
			before := text
			for _, s := range []struct {
				name    string
				subject subject
			}{{"connection", connection}, {"file", file}, {"login", login}} {
				words := r.Words(s.subject.words)
				if goNames.MatchString(words) && !onlyInPrograms.MatchString(words) {
					t.Errorf("%s: %q has a name of Go", place, words)
				}
				if words != before {
					fmt.Fprintf(&out, "%-11s %s\n", s.name, words)
				}
			}
		}
	}
	const golden = "testdata/remedies.txt"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, out.Bytes()) {
		t.Errorf("%s is out of date: run go test ./internal/cli -run TestRemedies -update, and read what changed",
			golden)
	}
}
