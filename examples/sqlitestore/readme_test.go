package sqlitestore_test

import (
	"testing"

	"github.com/freshet-dev/freshet/internal/codeblocks"
)

func TestREADMECompiles(t *testing.T) {
	n := codeblocks.Test(t, codeblocks.Config{
		Dir: ".",
		Imports: []string{
			"context", "log", "github.com/freshet-dev/freshet", "github.com/freshet-dev/freshet/examples/sqlitestore",
			"github.com/freshet-dev/freshet/oauth",
		},
		Given: map[string]string{
			// Package secret needs modules that this one does not.
			"secret": "struct{ Read func(context.Context, string) (oauth.Secret, error) }",
		},
	}, "README.md")
	if n != 1 {
		t.Errorf("the README has %d blocks of Go code", n)
	}
}
