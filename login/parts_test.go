package login_test

import (
	"strings"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/login"
	"github.com/freshet-dev/freshet/oauth"
)

// A tenant, a shop or a data centre is a part of the vendor's addresses; what has no default must be given, and nothing else
// can be put in its place.
func TestPartsOfAddresses(t *testing.T) {
	for _, test := range []struct {
		provider string
		parts    map[string]string
		issuer   string
		url      string // how the address of the login begins
		problem  string
	}{
		{provider: "microsoft", url: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?"},
		{provider: "microsoft", parts: map[string]string{"tenant": "contoso.com"}, url: "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/authorize?"},
		{provider: "microsoft", issuer: "https://login.microsoftonline.com/contoso/v2.0", url: "https://login.microsoftonline.com/contoso/oauth2/v2.0/authorize?"},
		{provider: "shopify", parts: map[string]string{"shop": "acme"}, url: "https://acme.myshopify.com/admin/oauth/authorize?"},
		{provider: "shopify", problem: "a part of Shopify's addresses is not known: the shop"},
		{provider: "shopify", parts: map[string]string{"shop": "evil.example/"}, problem: `the part "shop" cannot be "evil.example/"`},
		{provider: "okta", parts: map[string]string{"domain": "acme.okta.com"}, url: "https://acme.okta.com/oauth2/default/v1/authorize?"},
		{provider: "okta", issuer: "https://acme.okta.com/oauth2/aus1", url: "https://acme.okta.com/oauth2/aus1/v1/authorize?"},
		{provider: "zoho", parts: map[string]string{"host": "accounts.zoho.eu"}, url: "https://accounts.zoho.eu/oauth/v2/auth?"},
		{provider: "zoho", parts: map[string]string{"host": "accounts.zoho.example"}, problem: "and may be one of accounts.zoho.com"},
		{provider: "salesforce", issuer: "https://acme--dev.sandbox.my.salesforce.com", url: "https://acme--dev.sandbox.my.salesforce.com/services/oauth2/authorize?"},
		{provider: "salesforce", issuer: "https://acme.my.site.com/portal", url: "https://acme.my.site.com/portal/services/oauth2/authorize?"},
	} {
		reg := freshet.Registration{
			Provider: test.provider, Client: oauth.Client{ID: "client"}, Parts: test.parts, Endpoints: oauth.Endpoints{Issuer: test.issuer},
		}
		a, err := login.Begin(reg, login.Options{RedirectURI: "http://localhost:8484/callback"})
		if test.problem != "" {
			wantProblem(t, err, oauth.Misconfigured, test.problem)
		} else if err != nil || !strings.HasPrefix(a.URL, test.url) {
			t.Errorf("%s, %v: %s, %v", test.provider, test.parts, a.URL, err)
		}
	}
}

// A saved token is refreshed at the address that its parts give.
func TestARefreshGoesToTheParts(t *testing.T) {
	for vendor, test := range map[string]struct {
		parts    map[string]string
		endpoint string
	}{
		"auth0":     {map[string]string{"domain": "acme.eu.auth0.com"}, "https://acme.eu.auth0.com/oauth/token"},
		"okta":      {map[string]string{"domain": "acme.okta.com"}, "https://acme.okta.com/oauth2/default/v1/token"},
		"microsoft": {map[string]string{"tenant": "contoso.com"}, "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token"},
		"shopify":   {map[string]string{"shop": "acme"}, "https://acme.myshopify.com/admin/oauth/access_token"},
		"google":    {nil, "https://oauth2.googleapis.com/token"},
	} {
		token, err := freshet.ParseToken([]byte(`{"access_token":"a","refresh_token":"r"}`))
		if err != nil {
			t.Fatal(err)
		}
		c := freshet.Connection{Token: token, Registration: freshet.Registration{
			Provider: vendor, Parts: test.parts, Client: oauth.Client{ID: "client"},
		}}
		if request, err := c.Request(); err != nil || request.Endpoint != test.endpoint {
			t.Errorf("%s: %s, %v, want %s", vendor, request.Endpoint, err, test.endpoint)
		}
		c.Parts = map[string]string{"domain": "evil.example/", "tenant": "../x", "shop": "evil.example#"}
		if request, err := c.Request(); err == nil {
			t.Errorf("%s: a request to %s", vendor, request.Endpoint)
		}
	}
}
