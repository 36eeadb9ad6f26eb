package doctor

import (
	"testing"

	"github.com/freshet-dev/freshet/provider"
)

// What the doctor warns of is what the refusal will be explained by: one judgement of which host a token is of.
func TestTokenHostAgreesWithTheProvider(t *testing.T) {
	salesforce, err := provider.Lookup("salesforce")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ asked, issued, instance string }{
		{"login.salesforce.com", "test.salesforce.com", "acme--dev.sandbox.my.salesforce.com"},
		{"other--dev.sandbox.my.salesforce.com", "test.salesforce.com", "acme--dev.sandbox.my.salesforce.com"},
		{"other.my.salesforce.com", "login.salesforce.com", "acme.my.salesforce.com"},
		{"other.my.site.com", "login.salesforce.com", "acme.my.salesforce.com"},
		{"acme.my.site.com", "login.salesforce.com", "acme.my.salesforce.com"},
		{"acme.my.salesforce.com", "login.salesforce.com", "acme.my.salesforce.com"},
		{"other.my.salesforce.com", "login.salesforce.com", "acme.my.site.com"},
		{"test.salesforce.com", "", "acme.my.salesforce.com"},
	} {
		members := map[string]string{"id": "https://" + c.issued + "/id/1/2", "instance_url": "https://" + c.instance}
		_, astray := salesforce.Astray(func(name string) string { return members[name] }, c.asked)
		if warned := foreign(c.asked, c.issued, c.instance) != ""; warned != astray {
			t.Errorf("%+v: the doctor warns: %v, the provider explains: %v", c, warned, astray)
		}
	}
}
