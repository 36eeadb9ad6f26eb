package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

var documents = []string{
	"README.md", "docs/from-chilkat.md", "docs/promises.md", "docs/json.md", "docs/samples/README.md",
	"docs/providers.md", "docs/containers.md", "docs/cron-and-systemd.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md",
}

func TestDocumentsNameFlagsThatExist(t *testing.T) {
	known := map[string]bool{"help": true}
	for _, other := range []string{"rm", "user", "stop-signal", "stop-timeout", "init", "from", "now"} { // of docker and systemctl
		known[other] = true
	}
	for _, cmd := range commands() {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { known[f.Name] = true })
	}
	for _, path := range documents {
		document, err := os.ReadFile("../../" + path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(document)) {
			if !strings.Contains(line, "`") && !strings.Contains(line, "freshet ") {
				continue
			}
			for _, match := range regexp.MustCompile(`(?:^|[\s`+"`"+`(])--([a-z][a-z-]+)`).FindAllStringSubmatch(line, -1) {
				if !known[match[1]] {
					t.Errorf("%s: no command has a flag --%s: %s", path, match[1], strings.TrimSpace(line))
				}
			}
		}
	}
}

func TestDocumentsNameVariablesThatExist(t *testing.T) {
	variable := regexp.MustCompile(`FRESHET_[A-Z_]*[A-Z]`)
	known := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, name := range variable.FindAllString(string(source), -1) {
			known[name] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range documents {
		document, err := os.ReadFile("../../" + path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range variable.FindAllString(string(document), -1) {
			if !known[name] {
				t.Errorf("%s: no code reads the variable %s", path, name)
			}
		}
	}
}

func TestJSONIsDocumented(t *testing.T) {
	document, err := os.ReadFile("../../docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	for section, output := range map[string]reflect.Type{
		"token":                        reflect.TypeFor[tokenJSON](),
		"refresh":                      reflect.TypeFor[refreshJSON](),
		"refresh --all":                reflect.TypeFor[refreshAllJSON](),
		"status TARGET":                reflect.TypeFor[statusJSON](),
		"status, of all or of several": reflect.TypeFor[connectionJSON](),
		"login":                        reflect.TypeFor[loginJSON](),
		"import":                       reflect.TypeFor[importJSON](),
		"revoke":                       reflect.TypeFor[revokeJSON](),
		"whoami":                       reflect.TypeFor[whoamiJSON](),
		"providers":                    reflect.TypeFor[providerJSON](),
	} {
		_, text, _ := strings.Cut(string(document), "\n## "+section+"\n")
		text, _, _ = strings.Cut(text, "\n## ")
		for _, member := range members(output) {
			if !strings.Contains(text, "`"+member+"`") {
				t.Errorf("docs/json.md: %s has no %s", section, member)
			}
		}
	}
}

func members(t reflect.Type) []string {
	var names []string
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous:
			names = append(names, members(field.Type)...)
		case name != "":
			names = append(names, name)
		}
	}
	return names
}
