package provider_test

import (
	"testing"

	"github.com/freshet-dev/freshet/provider"
)

func member(members map[string]string) func(string) string {
	return func(name string) string { return members[name] }
}

func TestSalesforceTokenEndpoint(t *testing.T) {
	p, _ := provider.Lookup("salesforce")
	const path = "/services/oauth2/token"
	for id, want := range map[string]string{
		"https://login.salesforce.com/id/O/U":                 "https://login.salesforce.com" + path,
		"https://LOGIN.Salesforce.com/id/O/U":                 "https://login.salesforce.com" + path,
		"https://test.salesforce.com/id/O/U":                  "https://test.salesforce.com" + path,
		"https://acme.my.salesforce.com/id/O/U":               "https://acme.my.salesforce.com" + path,
		"https://acme--uat.sandbox.my.salesforce.com/id/O/U":  "https://acme--uat.sandbox.my.salesforce.com" + path,
		"https://acme.my.site.com/id/O/U":                     "https://acme.my.site.com" + path,
		"http://127.0.0.1:4711/id/O/U":                        "http://127.0.0.1:4711" + path,
		"http://[::1]:4711/id/O/U":                            "http://[::1]:4711" + path,
		"https://login.salesforce.com.evil.example/id/O/U":    "",
		"https://login.salesforce.com@evil.example/id/O/U":    "",
		"https://user@login.salesforce.com/id/O/U":            "",
		"https://evillogin.salesforce.com/id/O/U":             "",
		"https://evilmy.salesforce.com/id/O/U":                "",
		"https://.my.salesforce.com/id/O/U":                   "",
		"https://my.salesforce.com/id/O/U":                    "",
		"https://login.salesforce.com:8443/id/O/U":            "",
		"https://login.salesforce.com:443/id/O/U":             "",
		"https://login.salesforce.com./id/O/U":                "",
		"https://xn--lgin-5qa.my.salesforce.com/id/O/U":       "",
		"https://lоgin.salesforce.com/id/O/U":                 "", // a Cyrillic o
		"https://136.147.0.1/id/O/U":                          "",
		"http://login.salesforce.com/id/O/U":                  "",
		"ftp://127.0.0.1/id/O/U":                              "",
		"https://127.0.0.1.evil.example/id/O/U":               "",
		"https://login.salesforce.com%2f.evil.example/id/O/U": "",
		"https://login.salesforce.com\\.evil.example/id/O/U":  "",
		"//login.salesforce.com/id/O/U":                       "",
		"":                                                    "",
	} {
		got, err := p.TokenEndpoint(member(map[string]string{"id": id}))
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v, want %q", id, got, err, want)
		}
	}
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
