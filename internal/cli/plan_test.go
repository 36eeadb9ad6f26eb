package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// A dry run says how the client would authenticate, in whatever way it does.
func TestAPlanSaysHowTheClientAuthenticates(t *testing.T) {
	t.Setenv("FRESHET_HOME", t.TempDir())
	document := []byte(`{"access_token":"a","refresh_token":"r"}`)
	path := filepath.Join(t.TempDir(), "t.json")
	token, err := freshet.ParseToken(document)
	if err = errors.Join(err, os.WriteFile(path, document, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, style := range []oauth.AuthStyle{oauth.AuthNone, oauth.AuthBody, oauth.AuthBasic, oauth.AuthSecretAsUser} {
		var said bytes.Buffer
		a := &app{err: &said}
		if err := a.printPlan(freshet.Connection{Name: path, Token: token, Registration: freshet.Registration{
			Client: oauth.Client{ID: "c", Secret: "s", Auth: style}, Endpoints: oauth.Endpoints{Token: "https://op.example/token"},
		}}); err != nil {
			t.Fatal(err)
		}
		_, after, _ := strings.Cut(said.String(), "authenticated")
		if how, _, _ := strings.Cut(after, "\n"); strings.TrimSpace(how) == "" {
			t.Errorf("%s:\n%s", style, said.String())
		}
	}
}
