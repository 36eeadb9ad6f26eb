//go:build unix

package secret_test

import (
	"testing"

	"github.com/freshet-dev/freshet/secret"
)

// A command that waits for somebody who is not there must not wait for ever, and has no part in our standard input.
func TestACommandGetsNoInput(t *testing.T) {
	if got, err := secret.Read(t.Context(), "command:cat; echo hush"); err != nil || string(got) != "hush" {
		t.Errorf("%q, %v", string(got), err)
	}
}
