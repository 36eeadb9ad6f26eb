package freshet_test

import (
	"testing"

	"github.com/freshet-dev/freshet/internal/codeblocks"
)

// Every block of Go code in the README and in the package comments compiles.
func TestCodeInDocumentsCompiles(t *testing.T) {
	n := codeblocks.Test(t, codeblocks.Config{
		Dir: ".",
		Imports: []string{
			"context", "errors", "fmt", "net/http", "net/url", "os",
			"github.com/freshet-dev/freshet", "github.com/freshet-dev/freshet/filestore",
			"github.com/freshet-dev/freshet/login", "github.com/freshet-dev/freshet/oauth",
			"github.com/freshet-dev/freshet/oauthtest", "github.com/freshet-dev/freshet/secret",
		},
		Given: map[string]string{
			"ctx": "context.Context", "err": "error", "clientID": "string", "body": "[]byte",
			"mailToCustomer": "func(string, error)", "r": "*http.Request", "attempt": "login.Attempt",
			"w": "http.ResponseWriter", "session": "interface { Save(login.Attempt); Take() login.Attempt }",
			"refresher": "*freshet.Refresher", "keeper": "*freshet.Keeper", "registration": "freshet.Registration",
		},
	}, "README.md", "doc.go", "login/doc.go", "oauthtest/doc.go")
	if n < 7 {
		t.Errorf("%d blocks were found", n)
	}
}
