package filestore

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

const verbatim = "{\r\n\t\"access_token\" : \"a\\u002f\\/<&>\",\r\n\t" +
	"\"n\":1.50e+2, \"refresh_token\":\"r-0\",\"nested\":{\"b\":1,\"a\":[ ]}}"

func token(t testing.TB, document string) freshet.Token {
	t.Helper()
	token, err := freshet.ParseToken([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestDocumentKeepsTokenByteForByte(t *testing.T) {
	d := newDocument(freshet.Connection{
		Name: "acme", Token: token(t, verbatim),
		Registration: freshet.Registration{Client: oauth.Client{
			ID: "id", Secret: "hush",
		}, SecretFrom: "env:X", Policy: freshet.Policy{AssumeTTL: 2 * time.Hour}},
	})
	content, err := d.encode(nil)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(content, []byte(verbatim)) || !json.Valid(content) || bytes.Contains(content, []byte("hush")) {
		t.Errorf("%s", content)
	}
	c, err := parseDocument("acme", content)
	if err != nil || string(c.Token.Bytes()) != verbatim || c.Policy.AssumeTTL != 2*time.Hour {
		t.Errorf("%q, %+v, %v", c.Token.Bytes(), c.Policy, err)
	}
}

// A later version of freshet, or its user, may have added members to a document.
func TestDocumentKeepsUnknownMembers(t *testing.T) {
	previous := []byte(
		`{"name":"acme","note":"call \u003cJoe\u003e first","later":{"b":[1, 2]},"token":{"access_token":"old"}}`,
	)
	content, err := newDocument(freshet.Connection{
		Name: "acme", Token: token(t, `{"access_token":"new"}`),
	}).encode(previous)
	if err != nil {
		t.Fatal(err)
	}
	for _, member := range []string{
		`"note": "call \u003cJoe\u003e first"`, `"later": {"b":[1, 2]}`, `"access_token":"new"`,
	} {
		if !bytes.Contains(content, []byte(member)) {
			t.Errorf("%s is missing in\n%s", member, content)
		}
	}
	if bytes.Contains(content, []byte("old")) || !json.Valid(content) {
		t.Errorf("%s", content)
	}
}

func TestParseInvalidDocument(t *testing.T) {
	for content, says := range map[string]string{
		`{"name":"other"}`: `belongs to another connection: "other"`,
		`{"name":`:         "cannot be read",
		`{"name":"acme","token":{"access_token":"a","access_token":"b"}}`: "two members",
	} {
		if _, err := parseDocument("acme", []byte(content)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", content, err)
		}
	}
}

func TestCheckName(t *testing.T) {
	for name, ok := range map[string]bool{
		"acme": true, "A": true, "0": true, "me@acme.example+prod_1-x": true, strings.Repeat("A", 128): true,
		"": false, ".": false, "..": false, "-x": false, ".x": false, "a b": false, "a/b": false, "ä": false,
		"a.json": false, "a\n": false,
		"a:b": false, strings.Repeat("a", 129): false,
	} {
		if err := CheckName(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func FuzzFileNames(f *testing.F) {
	f.Add("acme", "Acme")
	f.Add("a!1", "A")
	f.Add(strings.Repeat("Z", 128), "z")
	f.Add("nul", "Com1.x")
	f.Fuzz(func(t *testing.T, a, b string) {
		if CheckName(a) != nil || CheckName(b) != nil {
			return
		}
		file := fileName(a)
		if name, ok := connectionName(file); !ok || name != a {
			t.Errorf("%q has the file %q, which is read as %q", a, file, name)
		}
		if a != b && strings.EqualFold(file, fileName(b)) {
			t.Errorf("%q and %q have the same file on a file system that ignores case", a, b)
		}
		if base, _, _ := strings.Cut(file, "."); isDevice(strings.ToLower(base)) {
			t.Errorf("%q has the file %q, which is a device on Windows", a, file)
		}
		if len(file)+len(".pending") > 255 {
			t.Errorf("%q needs a file name of %d bytes", a, len(file))
		}
	})
}

func TestConnectionsArePrivate(t *testing.T) {
	store := &Store{StateDir: filepath.Join(t.TempDir(), "state")}
	if err := store.Create(t.Context(), freshet.Connection{Name: "Acme", Token: token(t, verbatim)}); err != nil {
		t.Fatal(err)
	}
	path, err := store.Path("Acme")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]fs.FileMode{path: 0o600, filepath.Dir(path): 0o700, store.StateDir: 0o700} {
		info, err := os.Stat(path)
		if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", filepath.Base(path), info.Mode(), err)
		}
	}
	if names, err := store.Names(); err != nil || len(names) != 1 || names[0] != "Acme" {
		t.Errorf("%q, %v", names, err)
	}
}

// Saving a failure must not make the token look newer.
func TestFailureKeepsTimeOfSave(t *testing.T) {
	store := &Store{StateDir: t.TempDir()}
	saved := time.Now().Add(-time.Hour).UTC().Round(time.Second)
	c := freshet.Connection{Name: "acme", Token: token(t, verbatim), Saved: saved}
	if err := store.Create(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	fail(t, store, "acme")
	c, err := store.Get(t.Context(), "acme")
	if err != nil || !c.Saved.Equal(saved) || c.Health.Failures != 1 {
		t.Errorf("saved %v, %d failures, %v", c.Saved, c.Health.Failures, err)
	}
}

// A failure that is saved under the name of a connection is read under its token file's path, and
// the reverse.
func TestConnectionAndTokenFileShareHealth(t *testing.T) {
	dir := t.TempDir()
	store := &Store{StateDir: filepath.Join(dir, "state")}
	file := filepath.Join(dir, "t.json")
	if err := os.WriteFile(file, []byte(verbatim), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := store.Create(t.Context(), freshet.Connection{Name: "acme", TokenFile: file}); err != nil {
		t.Fatal(err)
	}
	fail(t, store, "acme")
	fail(t, store, file)
	for _, name := range []string{"acme", file} {
		if c, err := store.Get(t.Context(), name); err != nil || c.Health.Failures != 2 {
			t.Errorf("%s: %d failures, %v", name, c.Health.Failures, err)
		}
	}
	content, err := os.ReadFile(store.connectionsDir() + "/acme.json")
	if err != nil || !bytes.Contains(content, []byte(`"failures": 1`)) ||
		bytes.Contains(content, []byte("access_token\"")) {
		t.Errorf("the connection's own document: %s, %v", content, err)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != verbatim {
		t.Errorf("the token file: %s, %v", data, err)
	}
}

func fail(t *testing.T, store *Store, name string) {
	t.Helper()
	err := store.Update(t.Context(), name, func(_ context.Context, c freshet.Connection, save freshet.Save) error {
		c.Health.RefreshTokenHash = c.Token.RefreshTokenHash()
		c.Health.Failures++
		return save(c)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// encoding/json ignores case, so a member in another case could override the right one.
func TestDocumentRefusesRepeatedMembers(t *testing.T) {
	for _, content := range []string{
		`{"name":"acme","endpoints":{"token_endpoint":"https://a"},"Endpoints":{"token_endpoint":"https://b"}}`,
		`{"name":"acme","endpoints":{"token_endpoint":"https://a","Token_Endpoint":"https://b"}}`,
	} {
		if _, err := parseDocument("acme", []byte(content)); err == nil || !strings.Contains(err.Error(), "twice") {
			t.Errorf("%s: %v", content, err)
		}
	}
	content, err := newDocument(
		freshet.Connection{Name: "acme"},
	).encode([]byte(`{"name":"acme","Endpoints":{"token_endpoint":"https://b"}}`))
	if err != nil || bytes.Contains(content, []byte("https://b")) {
		t.Errorf("%s, %v", content, err)
	}
}
