package cli

import (
	"strings"
	"testing"

	"github.com/freshet-dev/freshet"
)

func TestSimilarNames(t *testing.T) {
	for _, test := range []struct{ name, names, want string }{
		{"salesfroce", "google salesforce shopify", "salesforce"},
		{"SalesForce", "salesforce", "salesforce"},
		{"stat", "set status", "status"},
		{"org1", "org01 org02 org10", "org01"},
		{"org001", "org01 org1 org10", "org01 org1"},
		{"org0", "org00 org01", "org00"},
		{"prod", "acme-prod acme-test", "acme-prod"},
		{"stripe", "stripe stripe-apps", "stripe"},
		{"x1", "x y z", ""},
		{"sf", "x s", ""},
		{"ab", "ba cd", ""},
		{"acmee", "acma acme acmes acmex", "acme acmes acmex"},
		{"token", "status login", ""},
		{"", "acme", ""},
	} {
		if got := strings.Join(similarNames(test.name, strings.Fields(test.names)), " "); got != test.want {
			t.Errorf("similarNames(%q, %q) = %q, want %q", test.name, test.names, got, test.want)
		}
	}
}

func TestOtherNamesAreOfCommandsAndProviders(t *testing.T) {
	root := Command()
	for other, name := range commandsByOtherNames {
		if cmd, _, err := root.Find([]string{name}); err != nil || cmd == root {
			t.Errorf("%s stands for %s, which is no command", other, name)
		}
		if cmd, _, err := root.Find([]string{other}); err == nil && cmd != root {
			t.Errorf("%s is a command", other)
		}
	}
	for other, name := range providersByOtherNames {
		if err := checkProvider(freshet.Registration{Provider: name}); err != nil {
			t.Errorf("%s stands for %s: %v", other, name, err)
		}
	}
}
