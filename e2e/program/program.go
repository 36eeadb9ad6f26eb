// Package program builds the programs that the tests run.
package program

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// Freshet builds the freshet command of the module above and returns its path. The name of the file is freshet, so that its
// directory can be put into a PATH.
func Freshet(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "freshet")
	build := exec.CommandContext(t.Context(), "go", "build", "-C", "../..", "-o", path, "./cmd/freshet")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	return path
}
