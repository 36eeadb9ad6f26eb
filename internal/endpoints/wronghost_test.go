package endpoints_test

import (
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/internal/endpoints"
	"github.com/freshet-dev/freshet/internal/replies"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

func member(members map[string]string) func(string) string {
	return func(name string) string { return members[name] }
}

func TestRecognize(t *testing.T) {
	for _, test := range []struct {
		id, endpoint, want string
	}{
		{"https://login.salesforce.com/id/O/U", "", "salesforce"},
		{"http://127.0.0.1:1/id/O/U", "", "salesforce"},
		{"", "https://acme.my.salesforce.com/services/oauth2/token", "salesforce"},
		{"", "https://oauth2.googleapis.com/token", "google"},
		{"", "https://op.example/token", "generic"},
		{"", "https://notgoogleapis.com/token", "generic"},
		{"42", "", "generic"},
	} {
		if got := provider.Recognize(member(map[string]string{"id": test.id}), test.endpoint); got.Name != test.want {
			t.Errorf("%+v: %s", test, got.Name)
		}
	}
}

func TestWrongHost(t *testing.T) {
	p, err := provider.Lookup("salesforce")
	if err != nil {
		t.Fatal(err)
	}
	const (
		acme    = "https://acme.my.salesforce.com"
		sandbox = "https://acme--dev.sandbox.my.salesforce.com"
		scratch = "https://acme-dev-ed.scratch.my.salesforce.com"
		login   = "https://login.salesforce.com/id/O/U"
		test    = "https://test.salesforce.com/id/O/U"
	)
	for _, c := range []struct{ id, instance, asked, home string }{
		{login, acme, "login.salesforce.com", ""},
		{login, acme, "acme.my.salesforce.com", ""},
		{login, acme, "acme.my.site.com", ""},
		{test, sandbox, "test.salesforce.com", ""},
		{test, sandbox, "acme--dev.sandbox.my.salesforce.com", ""},
		// an old host, which the file does not list
		{
			login, "https://na139.salesforce.com", "login.salesforce.com", "",
		},
		{login, acme, "127.0.0.1", ""},
		{"", "", "login.salesforce.com", ""},
		{test, scratch, "test.salesforce.com", ""}, // scratch orgs log in where sandboxes do
		{"", scratch, "test.salesforce.com", ""},
		{test, "https://acme--dev.my.salesforce.com", "test.salesforce.com", ""}, // a sandbox without enhanced domains

		{test, sandbox, "login.salesforce.com", "test.salesforce.com"},
		{"", sandbox, "login.salesforce.com", "test.salesforce.com or acme--dev.sandbox.my.salesforce.com"},
		{login, acme, "test.salesforce.com", "login.salesforce.com"},
		{"", acme, "other.my.salesforce.com", "login.salesforce.com or acme.my.salesforce.com"},
		{"", scratch, "login.salesforce.com", "test.salesforce.com or acme-dev-ed.scratch.my.salesforce.com"},
		{"", sandbox, "acme.my.salesforce.com", "test.salesforce.com or acme--dev.sandbox.my.salesforce.com"},
	} {
		wrong, ok := endpoints.CheckHost(p, member(map[string]string{"id": c.id, "instance_url": c.instance}), c.asked)
		if ok != (c.home != "") {
			t.Errorf("%+v: %+v", c, wrong)
		}
		if !ok {
			continue
		}
		refused := &oauth.Error{Code: "invalid_grant", Description: "expired access/refresh token", Status: 400}
		r := replies.Explain(p, refused, replies.Request{WrongHost: &wrong})
		if r.Kind != oauth.LoginRequired || !strings.Contains(r.Cause, c.asked+" does not know it") ||
			!strings.Contains(r.Remedy.String(), "refresh it at "+c.home+":") {
			t.Errorf("%+v: %s; %s", c, r.Cause, r.Remedy)
		}
	}
}
