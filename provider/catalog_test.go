package provider

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func testCatalog(files map[string]string) *catalog {
	dir := fstest.MapFS{}
	for name, text := range files {
		dir[name+".json"] = &fstest.MapFile{Data: []byte(text)}
	}
	return &catalog{userFiles: func() map[string]userFile { return readFiles(dir, "/home/user") }}
}

// A user's file replaces the built-in provider. A broken file is an error, not ignored.
func TestUserFilesReplaceBuiltIn(t *testing.T) {
	c := testCatalog(map[string]string{
		"acme":    `{ "name": "acme", "title": "Acme", "hosts": [".acme.example"] }`,
		"google":  `{ "name": "google", "title": "Our Google" }`,
		"broken":  `{ "name": "broken", `,
		"misname": `{ "name": "another", "title": "Another" }`,
		"No Name": `{}`,
		"MyCorp":  `{ "name": "mycorp", "title": "My Corp" }`,
		"empty":   "",
	})
	for name, want := range map[string]string{
		"acme": "Acme", "google": "Our Google", "salesforce": "Salesforce", "generic": "the provider",
	} {
		if p, err := c.lookup(name); err != nil || p.Title != want {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
	for name, want := range map[string]string{
		"broken":  "/home/user/broken.json: ",
		"misname": `"name" is "another"`,
		"mycorp":  "/home/user/MyCorp.json: rename it to mycorp.json",
	} {
		if _, err := c.lookup(name); err == nil || errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"unknown", "../google", "No Name", "empty", ""} {
		if _, err := c.lookup(name); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: %v", name, err)
		}
	}
	names := c.names()
	has := func(name string) bool { return slices.Contains(names, name) }
	if !has("acme") || !has("broken") || has("No Name") || !slices.IsSorted(names) {
		t.Error(names)
	}
	none := func(string) string { return "" }
	if p := c.recognize(none, "https://id.acme.example/token"); p.Name != "acme" {
		t.Errorf("recognized as %s", p.Name)
	}
}

// A user's file with the name of a built-in provider does not get that provider's hosts. Otherwise
// a token from such a host would be sent to the endpoint in the user's file.
func TestReplacedProviderLosesItsHosts(t *testing.T) {
	c := testCatalog(map[string]string{"github": `{
		"name": "github", "title": "Our GitHub", "hosts": ["github.corp.example"],
		"endpoints": { "token_endpoint": "https://github.corp.example/login/oauth/access_token" }
	}`})
	none := func(string) string { return "" }
	if p := c.recognize(none, "https://github.com/login/oauth/access_token"); slices.Contains(p.Hosts, "github.corp.example") {
		t.Errorf("a token of github.com is taken for one of %s", p.Title)
	}
	if p := c.recognize(none, "https://github.corp.example/login/oauth/access_token"); p.Title != "Our GitHub" {
		t.Errorf("recognized as %s", p.Title)
	}
}
