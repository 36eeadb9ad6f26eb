package freshet_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/freshet-dev/freshet"

// mayImport lists which of our packages each package may import; "." is the root. Imports run
// downwards: cmd → internal/cli → login, secret, internal/filestore, oauthtest → root →
// internal/replies, internal/endpoints → provider → oauth → internal/jsonobject, internal/text. A new
// package needs a line here.
var mayImport = map[string][]string{
	"oauth": {
		"internal/urls", "internal/proxy", "internal/jsonobject", "internal/text", "internal/redact", "internal/syntax",
		"internal/lazyregexp",
	},
	"provider": {"oauth", "internal/urls", "internal/jsonobject", "internal/text"},
	".": {
		"provider", "internal/endpoints", "internal/replies", "internal/urls", "internal/idtoken", "internal/proxy",
		"oauth", "internal/jsonobject",
		"internal/text", "internal/redact", "internal/syntax", "internal/timestamp", "internal/wallclock",
	},
	"oauthtest": {},
	"storetest": {".", "provider", "oauth", "oauthtest"},
	"filestore": {".", "oauth", "internal/filestore", "internal/redact"}, // oauth: its tests
	"secret":    {".", "oauth", "internal/syntax"},
	"key":       {".", "oauth", "secret", "internal/redact"},
	"login": {
		".", "internal/endpoints", "internal/replies", "internal/urls", "internal/idtoken", "provider", "oauth",
		"internal/text",
		"internal/redact",
	},
	"xoauth2": {".", "oauth"},

	"internal/jsonobject":        {},
	"internal/syntax":            {},
	"internal/wallclock":         {},
	"internal/timestamp":         {"internal/jsonobject", "internal/lazyregexp"},
	"internal/lazyregexp":        {},
	"internal/urls":              {"internal/text"},
	"internal/proxy":             {"internal/urls"},
	"internal/idtoken":           {"internal/urls", "internal/jsonobject", "internal/text"},
	"internal/endpoints":         {"provider", "internal/urls", "oauth"},
	"internal/replies":           {"provider", "internal/endpoints", "internal/jsonobject", "internal/syntax", "oauth"},
	"internal/osfile":            {},
	"internal/text":              {"internal/lazyregexp"},
	"internal/redact":            {"internal/lazyregexp"},
	"internal/redact/redacttest": {},
	"internal/codeblocks":        {},
	"internal/filestore": {
		".", "provider", "oauth", "internal/jsonobject", "internal/osfile", "internal/redact", "internal/text",
	},
	"internal/doctor": {
		"internal/filestore", ".", "provider", "internal/endpoints", "internal/urls", "oauth", "internal/redact",
		"internal/text",
	},

	"internal/detach": {"internal/filestore", ".", "oauth", "key"},
	"internal/importer": {
		".", "provider", "internal/endpoints", "internal/replies", "internal/jsonobject", "internal/syntax",
		"internal/lazyregexp", "oauth",
	},

	"internal/cli": {
		"internal/detach", "internal/importer", "internal/doctor", "login", "secret", "key", "internal/filestore", "oauthtest", ".",
		"provider", "internal/endpoints", "internal/urls", "oauth", "internal/syntax", "internal/text", "internal/redact",
	},
	"cmd/freshet": {"internal/cli", ".", "oauth"}, // its tests fill what the root can save

	"examples/query":   {".", "filestore", "oauthtest", "oauth"},
	"examples/service": {".", "filestore", "login", "secret", "oauthtest", "oauth"},

	// Tools that build and test.
	"internal/dist":         {},
	"internal/providergen":  {"provider"},
	"internal/man":          {"internal/cli"},
	"internal/providerpage": {"internal/cli", "provider"},
	"internal/noskip":       {},
	"internal/simulation":   {".", "oauth"},
	"internal/printing": {
		".", "provider", "oauth", "filestore", "internal/filestore", "key", "login", "storetest", "oauthtest",
	},
}

// testsMayImport lists what test files may import in addition, and the tested package itself. The
// root's examples are programs with a store.
var testsMayImport = []string{
	"oauthtest", "storetest", "filestore", "internal/filestore", "internal/redact/redacttest", "internal/codeblocks",
	"internal/replies",
}

// It reads the sources, and so sees the imports of every operating system and build tag.
func TestImportsRunOneWay(t *testing.T) {
	seen := map[string]bool{}
	for _, file := range goFiles(t) {
		importer := path.Dir(file)
		seen[importer] = true
		allowed, known := mayImport[importer]
		if !known {
			t.Errorf("%s: the package %s is missing from the table of this test", file, importer)
			continue
		}
		if strings.HasSuffix(file, "_test.go") {
			allowed = slices.Concat(allowed, testsMayImport, []string{importer})
		}
		for _, imported := range ourImports(t, file) {
			if !slices.Contains(allowed, imported) {
				t.Errorf("%s: %s must not import %s", file, importer, imported)
			}
		}
	}
	for importer := range mayImport {
		if !seen[importer] {
			t.Errorf("the table has a line for %s, which does not exist", importer)
		}
	}
}

func TestArchitectureNamesFilesThatExist(t *testing.T) {
	page, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range regexp.MustCompile(`[\w/]+\.go\b`).FindAllString(string(page), -1) {
		if _, err := os.Stat(name); err != nil {
			t.Error(err)
		}
	}
}

// goFiles lists this module's Go files, relative to its root.
func goFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." &&
			(isModule(name) || strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return fs.SkipDir
		case path.Ext(name) == ".go":
			files = append(files, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// ourImports lists the packages of this module that the file imports, relative to its root.
func ourImports(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var ours []string
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if imported == module {
			ours = append(ours, ".")
		} else if below, ok := strings.CutPrefix(imported, module+"/"); ok {
			ours = append(ours, below)
		}
	}
	return ours
}
