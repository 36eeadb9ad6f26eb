package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// linked are the linked modules. Each costs start-up time, size and trust: a new one needs a
// reason.
var linked = []string{
	"github.com/cli/browser",
	"github.com/coreos/go-oidc/v3",
	"github.com/freshet-dev/freshet",
	"github.com/go-jose/go-jose/v4",
	"github.com/spf13/cobra",
	"github.com/spf13/pflag",
	"github.com/tailscale/hujson",
	"github.com/zalando/go-keyring",
	"golang.org/x/oauth2", // of go-oidc
	"golang.org/x/sys",
	"golang.org/x/term",
}

// A template calls methods by name, so the linker would keep every method. The program would be
// half as large again.
func TestNoTemplatesAreLinked(t *testing.T) {
	for _, pkg := range linkedBy(t, "linux", "{{.ImportPath}}") {
		if pkg == "html/template" { // cobra imports text/template, but the linker drops it
			t.Errorf("%s is linked into freshet", pkg)
		}
	}
}

func TestLinkedModules(t *testing.T) {
	for goos, extra := range map[string][]string{
		"linux":   {"github.com/godbus/dbus/v5"},
		"darwin":  {},
		"windows": {"github.com/danieljoos/wincred", "github.com/inconshreveable/mousetrap"}, // the second one of cobra
	} {
		t.Run(goos, func(t *testing.T) {
			t.Parallel()
			want := slices.Sorted(slices.Values(slices.Concat(linked, extra)))
			if diff := cmp.Diff(want, linkedBy(t, goos, "{{with .Module}}{{.Path}}{{end}}")); diff != "" {
				t.Errorf("modules linked into freshet for %s (-want +got):\n%s", goos, diff)
			}
		})
	}
}

func linkedBy(t *testing.T, goos, format string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", format, ".")
	cmd.Env = append(cmd.Environ(), "GOOS="+goos, "CGO_ENABLED=0")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, stderr.String())
	}
	return slices.Compact(slices.Sorted(strings.FieldsSeq(string(out))))
}
