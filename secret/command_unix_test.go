//go:build unix

package secret_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/freshet-dev/freshet/secret"
)

// A command that reads its standard input gets nothing, instead of waiting or taking freshet's
// input.
func TestCommandHasNoStandardInput(t *testing.T) {
	if got, err := secret.Read(t.Context(), "command:cat; echo hush"); err != nil || string(got) != "hush" {
		t.Errorf("%q, %v", string(got), err)
	}
}

// No more is kept of what is read than the limit.
func TestReadBytesIsLimited(t *testing.T) {
	big := filepath.Join(t.TempDir(), "big")
	if err := os.WriteFile(big, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{"file:" + big, "command:cat " + big, "command:head -c 1000000 /dev/zero"} {
		if got, err := secret.ReadBytes(t.Context(), from); err != nil || len(got) != 64<<10 {
			t.Errorf("%s: %d bytes, %v", from, len(got), err)
		}
	}
}
