// Package program builds and finds the programs that the tests run.
package program

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// Freshet builds the freshet command and returns its path. The file is named freshet, so that its
// directory can be in PATH.
func Freshet(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "freshet")
	build := exec.CommandContext(t.Context(), "go", "build", "-C", "../..", "-o", path, "./cmd/freshet")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	return path
}

// Need skips the test if one of the programs is not installed.
func Need(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("needs %s: etc/deps.sh names its package", name)
		}
	}
}
