package provider

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func testCatalog(files map[string]string) *catalog {
	own := fstest.MapFS{}
	for name, text := range files {
		own[name+".json"] = &fstest.MapFile{Data: []byte(text)}
	}
	return &catalog{own: func() map[string]ownFile { return readFiles(own, "/home/user") }}
}

// What the user says of a vendor replaces what is built in; a file that is broken is said to be, and not passed by.
func TestUsersFilesComeFirst(t *testing.T) {
	c := testCatalog(map[string]string{
		"acme":    `{ "name": "acme", "title": "Acme", "hosts": [".acme.example"] }`,
		"google":  `{ "name": "google", "title": "Our Google" }`,
		"broken":  `{ "name": "broken", `,
		"misname": `{ "name": "another", "title": "Another" }`,
		"No Name": `{}`,
		"MyCorp":  `{ "name": "mycorp", "title": "My Corp" }`,
		"empty":   "",
	})
	for name, want := range map[string]string{"acme": "Acme", "google": "Our Google", "salesforce": "Salesforce", "generic": "the provider"} {
		if p, err := c.lookup(name); err != nil || p.Title != want {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
	for name, want := range map[string]string{"broken": "/home/user/broken.json: ", "misname": `its "name" is "another"`, "mycorp": "/home/user/MyCorp.json: it must be called mycorp.json"} {
		if _, err := c.lookup(name); err == nil || errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"nobody", "../google", "No Name", "empty", ""} {
		if _, err := c.lookup(name); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: %v", name, err)
		}
	}
	names := c.names()
	if !slices.Contains(names, "acme") || !slices.Contains(names, "broken") || slices.Contains(names, "No Name") || !slices.IsSorted(names) {
		t.Error(names)
	}
	none := func(string) string { return "" }
	if p := c.recognize(none, "https://id.acme.example/token"); p.Name != "acme" {
		t.Errorf("recognized as %s", p.Name)
	}
}

// A user's file that has a built-in vendor's name is of the hosts that it lists, and not of those that it replaced: a token of
// the vendor's own host must not be taken for one of the user's server, to whose endpoint it would be sent.
func TestAReplacedVendorsHostsAreNotTheUsers(t *testing.T) {
	c := testCatalog(map[string]string{"github": `{
		"name": "github", "title": "Our GitHub", "hosts": ["github.corp.example"],
		"endpoints": { "token_endpoint": "https://github.corp.example/login/oauth/access_token" }
	}`})
	none := func(string) string { return "" }
	if p := c.recognize(none, "https://github.com/login/oauth/access_token"); p.Owns("github.corp.example") {
		t.Errorf("GitHub's token is recognized as one of %s, and would be refreshed at %s", p.Title, p.EndpointsAt("", nil).Token)
	}
	if p := c.recognize(none, "https://github.corp.example/login/oauth/access_token"); p.Title != "Our GitHub" {
		t.Errorf("recognized as %s", p.Title)
	}
}
