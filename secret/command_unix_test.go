//go:build unix

package secret_test

import (
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
