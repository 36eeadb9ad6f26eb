package cli

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// A connection with its own token has the health in its document. A token file has a health file.
func TestPlanNamesTheHealthFileOfASharedToken(t *testing.T) {
	t.Setenv("FRESHET_HOME", t.TempDir())
	document := []byte(`{"access_token":"a","refresh_token":"r"}`)
	path := filepath.Join(t.TempDir(), "t.json")
	token, err := freshet.ParseToken(document)
	a := &app{err: io.Discard}
	registration := freshet.Registration{Client: oauth.Client{ID: "c"}, Endpoints: oauth.Endpoints{Token: "https://op.example/token"}}
	own := freshet.Connection{Name: "own", Token: token, Registration: registration}
	shared := freshet.Connection{Name: "shared", Token: token, Registration: registration, TokenFile: path}
	if err = errors.Join(err, os.WriteFile(path, document, 0o600), a.store().Create(t.Context(), own), a.store().Create(t.Context(), shared)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []freshet.Connection{own, shared} {
		var messages bytes.Buffer
		a.err = &messages
		if err := a.printPlan(c); err != nil {
			t.Fatal(err)
		}
		if got, want := strings.Contains(messages.String(), "health"), c.TokenFile != ""; got != want {
			t.Errorf("%s:\n%s", c.Name, messages.String())
		}
	}
}

func TestPlanNamesEveryAuthStyle(t *testing.T) {
	t.Setenv("FRESHET_HOME", t.TempDir())
	document := []byte(`{"access_token":"a","refresh_token":"r"}`)
	path := filepath.Join(t.TempDir(), "t.json")
	token, err := freshet.ParseToken(document)
	if err = errors.Join(err, os.WriteFile(path, document, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, style := range []oauth.AuthStyle{oauth.AuthNone, oauth.AuthBody, oauth.AuthBasic, oauth.AuthSecretAsUser} {
		var messages bytes.Buffer
		a := &app{err: &messages}
		if err := a.printPlan(freshet.Connection{Name: path, Token: token, Registration: freshet.Registration{
			Client: oauth.Client{ID: "c", Secret: "s", Auth: style}, Endpoints: oauth.Endpoints{Token: "https://op.example/token"},
		}}); err != nil {
			t.Fatal(err)
		}
		_, after, _ := strings.Cut(messages.String(), "authenticated")
		if how, _, _ := strings.Cut(after, "\n"); strings.TrimSpace(how) == "" {
			t.Errorf("%s:\n%s", style, messages.String())
		}
	}
}
