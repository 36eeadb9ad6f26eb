package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is linked is start-up time, size and trust. A new line here needs a reason.
var linked = []string{
	"github.com/freshet-dev/freshet",
	"github.com/spf13/cobra",
	"github.com/spf13/pflag",
	"github.com/tailscale/hujson",
	"golang.org/x/sys",
}

func TestLinkedModules(t *testing.T) {
	for goos, extra := range map[string][]string{
		"linux":   nil,
		"darwin":  nil,
		"windows": {"github.com/inconshreveable/mousetrap"}, // of cobra
	} {
		t.Run(goos, func(t *testing.T) {
			t.Parallel()
			want := slices.Sorted(slices.Values(slices.Concat(linked, extra)))
			if diff := cmp.Diff(want, linkedModules(t, goos)); diff != "" {
				t.Errorf("modules linked into freshet for %s (-want +got):\n%s", goos, diff)
			}
		})
	}
}

func linkedModules(t *testing.T, goos string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", ".")
	cmd.Env = append(cmd.Environ(), "GOOS="+goos, "CGO_ENABLED=0")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, stderr.String())
	}
	return slices.Compact(slices.Sorted(strings.FieldsSeq(string(out))))
}
