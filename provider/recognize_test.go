package provider

import (
	"strings"
	"testing"
)

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

// A token's word alone decides no host: whoever is recognized by a member has a token endpoint that follows from it.
func TestAnIdentityGoesWithAPath(t *testing.T) {
	for name, identity := range map[string]string{
		"an endpoint of its own": `"identity": { "member": "id", "path_prefix": "/id/" }, "endpoints": { "token_endpoint": "https://sso.corp.example/token" }`,
		"no path":                `"identity": { "member": "id", "path_prefix": "" }, "endpoints": { "token_endpoint": "/token" }`,
		"no member":              `"identity": { "member": "", "path_prefix": "/id/" }, "endpoints": { "token_endpoint": "/token" }`,
	} {
		_, err := Parse([]byte(`{ "name": "corp", "title": "Corp", "hosts": ["sso.corp.example"], ` + identity + `}`))
		if err == nil || !strings.Contains(err.Error(), "identity") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
