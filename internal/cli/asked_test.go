package cli

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"
)

// watchedInput is standard input, which must not be read: a person would have typed for nothing.
type watchedInput struct{ read bool }

func (w *watchedInput) Read([]byte) (int, error) {
	w.read = true
	return 0, io.EOF
}

// Whatever prevents saving is found before a person types, pastes or logs in.
func TestNothingIsAskedThatCannotBeSaved(t *testing.T) {
	const (
		server   = " --authorize-url https://as.example/a --token-url https://as.example/t --client-id c"
		document = `{"name":"acme","client":{"id":"c"},"token":{"access_token":"a","refresh_token":"r"},` +
			`"endpoints":{"authorization_endpoint":"https://as.example/a","token_endpoint":"https://as.example/t"}}`
	)
	noKeyring := func(*testing.T) { keyring.MockInitWithError(errors.New("no keyring")) }
	blocked := func(t *testing.T) { writeTestFile(t, "home/connections", "not a directory") }
	noSecrets := func(t *testing.T) { writeTestFile(t, "home/secrets", "not a directory") }
	linked := func(t *testing.T) {
		if err := os.Link("home/connections/acme.json", "another-name"); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		args  string
		spoil func(t *testing.T)
		want  string
	}{
		{"secret acme", noKeyring, "could not store the client secret in the keyring (acme)"},
		{"login new --client-secret-file -" + server, blocked, "cannot create connections in "},
		{"login new --client-secret-file -" + server, noSecrets, "cannot save the client secret: "},
		{"login new --no-browser" + server, blocked, "cannot create connections in "},
		{"login new --paste" + server, blocked, "cannot create connections in "},
		{"login new --paste --token-file file/t.json" + server, nil, "cannot create the token file: "},
		{"login new --no-browser --token-file file/t.json" + server, nil, "cannot create the token file: "},
		{"login acme --client-secret-file -", linked, "hard link"},
		{"login acme --paste", linked, "hard link"},
		{"login acme --no-browser", linked, "hard link"},
		{"set acme --client-secret-file -", linked, "hard link"},
		{"set acme --client-secret-file -", noSecrets, "cannot save the client secret: "},
		{"set missing --client-secret-file -", nil, "no such connection"},
		{"import new -", blocked, "cannot create connections in "},
		{"import acme -", nil, "a connection of this name exists already"},
		{"refresh missing.json --client-secret-file -", nil, "no such file"},
		{"token missing.json --client-secret-file -", nil, "no such file"},
	} {
		t.Run(test.args+" "+test.want, func(t *testing.T) {
			t.Chdir(t.TempDir())
			t.Setenv("FRESHET_HOME", "home")
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
			writeTestFile(t, "file", "not a directory")
			if !strings.Contains(test.want, "create connections") {
				writeTestFile(t, "home/connections/acme.json", document)
			}
			if test.spoil != nil {
				test.spoil(t)
			}
			var out, stderr strings.Builder
			in := new(watchedInput)
			a := app{in: in, out: &out, err: &stderr}
			if code := a.run(t.Context(), strings.Fields(test.args)); code == exitDone ||
				!strings.Contains(stderr.String(), test.want) {
				t.Errorf("exit code %d: %s", code, &stderr)
			}
			if in.read || strings.Contains(stderr.String(), "open this address") {
				t.Errorf("a person was asked first: %s", &stderr)
			}
		})
	}
}
