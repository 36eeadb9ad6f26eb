// Package program builds and finds the programs that the tests run.
package program

import (
	"fmt"
	"os"
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

// Browser is the environment variable of a copy of the test program that is the browser.
const Browser = "FRESHET_TEST_BROWSER"

// Main runs the tests, or in a copy of the test program opens an address with browse.
func Main(m *testing.M, browse func(address string) error) {
	if os.Getenv(Browser) == "" {
		os.Exit(m.Run())
	}
	if err := browse(os.Args[len(os.Args)-1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
