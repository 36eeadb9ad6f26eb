package cli

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// Documents promise no flag that is not there.
func TestDocumentsNameFlagsThatExist(t *testing.T) {
	known := map[string]bool{"help": true}
	for _, cmd := range commands() {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { known[f.Name] = true })
	}
	for _, path := range []string{"README.md", "docs/from-chilkat.md", "docs/promises.md", "docs/json.md", "docs/samples/README.md", "SECURITY.md"} {
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
					t.Errorf("%s: there is no flag --%s: %s", path, match[1], strings.TrimSpace(line))
				}
			}
		}
	}
}
