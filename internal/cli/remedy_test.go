package cli

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/provider"
)

// libraryTexts returns the string literals of the public packages, and the texts of the provider
// files, by their places.
func libraryTexts(t *testing.T) map[string]string {
	t.Helper()
	texts, files := map[string]string{}, token.NewFileSet()
	for _, dir := range []string{".", "provider", "login", "internal/filestore"} {
		paths, err := filepath.Glob(filepath.Join("../..", dir, "*.go"))
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: no sources (%v)", dir, err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
					text, err := strconv.Unquote(literal.Value)
					if err != nil {
						t.Fatal(err)
					}
					texts[files.Position(literal.Pos()).String()] = text
				}
				return true
			})
		}
	}
	for _, name := range provider.Names() {
		p, err := provider.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		texts[name+".json, login.hint"], texts[name+".json, client.hint"] = p.Login.Hint, p.Client.Hint
		for i, e := range p.Errors {
			place := fmt.Sprintf("%s.json, errors.%d.", name, i)
			texts[place+"cause"], texts[place+"remedy"] = e.Cause, e.Remedy
		}
	}
	return texts
}

// Programs that use the library have no flags and commands of freshet.
func TestLibraryNamesNoFlagsOrCommands(t *testing.T) {
	a := &app{out: io.Discard, err: io.Discard}
	var commands []string
	for _, c := range a.rootCommand("").Commands() {
		commands = append(commands, c.Name())
	}
	ofCLI := regexp.MustCompile(`--[a-z]|\bfreshet (` + strings.Join(commands, "|") + `)\b|FRESHET_\w+\W|\WFRESHET_`)
	for _, text := range []string{"pass --client-id", "then freshet refresh acme", "or set FRESHET_HOME"} {
		if !ofCLI.MatchString(text) {
			t.Errorf("%q is not recognized", text)
		}
	}
	for place, text := range libraryTexts(t) {
		if ofCLI.MatchString(text) {
			t.Errorf("%s: %q", place, text)
		}
	}
}

func TestReplacedNamesAreInTheLibrary(t *testing.T) {
	texts := libraryTexts(t)
	for i := 0; i < len(flagsForNames); i += 2 {
		found := false
		for _, text := range texts {
			found = found || strings.Contains(withoutEntries(text, i), flagsForNames[i])
		}
		if !found {
			t.Errorf("nothing in the library says %q", flagsForNames[i])
		}
	}
}

// withoutEntries returns text without what the entries before i replace.
func withoutEntries(text string, i int) string {
	for j := 0; j < i; j += 2 {
		text = strings.ReplaceAll(text, flagsForNames[j], "")
	}
	return text
}

func TestRemediesHaveNoGoNames(t *testing.T) {
	names := regexp.MustCompile(`\b(Client\.(ID|Secret|Auth)|Endpoints\.|Options\.|Keeper\.(Refresh|Create)|Store\.)|\b(RedirectURI|CallbackURL|SecretFrom)\b`)
	for place, text := range libraryTexts(t) {
		if remedy := withFlags("acme", text); strings.Contains(text, " ") && names.MatchString(remedy) {
			t.Errorf("%s: %q", place, remedy)
		}
	}
}

func TestRemediesOnTheCommandLine(t *testing.T) {
	for _, test := range []struct{ name, remedy, want string }{
		{"acme", "wait", "wait"},
		{"", "set Client.ID; it is the consumer key", "pass --client-id or set FRESHET_CLIENT_ID; it is the consumer key"},
		{"", "set Client.Secret or SecretFrom", "pass --client-secret-file or set FRESHET_CLIENT_SECRET"},
		{"acme", "log in again with another SecretFrom", "log in again with another --client-secret-from"},
		{"acme", "set Client.Auth to none", "pass --auth none"},
		{"acme", "make room, or call Keeper.Refresh", "make room, or run freshet refresh acme"},
		{"./t.json", "make room, or call Keeper.Refresh", "make room, or run freshet refresh"},
		{"acme", "or forget the connection with Store.Delete", "or forget the connection: freshet logout acme"},
	} {
		if got := withFlags(test.name, test.remedy); got != test.want {
			t.Errorf("%s, %q: %q, want %q", test.name, test.remedy, got, test.want)
		}
	}
}
