package sqlstore_test

import (
	"testing"

	"github.com/freshet-dev/freshet/internal/codeblocks"
)

func TestREADMECompiles(t *testing.T) {
	n := codeblocks.Test(t, codeblocks.Config{
		Dir: ".",
		Imports: []string{
			"context", "net/http", "github.com/jackc/pgx/v5/pgxpool", "github.com/freshet-dev/freshet",
			"github.com/freshet-dev/freshet/examples/sqlstore", "github.com/freshet-dev/freshet/oauth",
		},
		Given: map[string]string{
			"pool": "*pgxpool.Pool", "locks": "*pgxpool.Pool", "request": "*http.Request",
			// Package secret needs modules that this one does not.
			"secret": "struct{ Read func(context.Context, string) (oauth.Secret, error) }",
		},
	}, "README.md")
	if n != 1 {
		t.Errorf("the README has %d blocks of Go code", n)
	}
}
