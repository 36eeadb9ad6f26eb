package freshet

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// If each customer has a host below the provider's domain, an access token goes only to the
// customer's own host (promise 10).
func TestTokenGoesOnlyToOwnTenant(t *testing.T) {
	token, err := ParseToken([]byte(`{"access_token":"a","refresh_token":"r"}`))
	if err != nil {
		t.Fatal(err)
	}
	stated, err := ParseToken([]byte(`{"access_token":"a","refresh_token":"r","token_uri":"https://acme.okta.com/oauth2/default/v1/token"}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		connection     Connection
		own, neighbour string
	}{
		"Okta's domain": {
			Connection{
				Token:        token,
				Registration: Registration{Provider: "okta", Parts: map[string]string{"domain": "acme.okta.com"}},
			},
			"https://acme.okta.com/api/v1/users/me", "https://evil.okta.com/",
		},
		"Okta's issuer": {
			Connection{
				Token: token,
				Registration: Registration{
					Provider: "okta", Endpoints: oauth.Endpoints{Issuer: "https://acme.okta.com/oauth2/default"},
				},
			},
			"https://acme.okta.com/api/v1/users/me", "https://evil.okta.com/",
		},
		"the issuer of Okta's org, and what it publishes": {
			Connection{Token: token, Registration: Registration{
				Provider: "okta", Endpoints: oauth.Endpoints{
					Issuer: "https://acme.okta.com", Token: "https://acme.okta.com/oauth2/v1/token",
				},
			}},
			"https://acme.okta.com/api/v1/users/me", "https://evil.okta.com/",
		},
		"Okta's document": {
			Connection{Token: stated}, "https://acme.okta.com/api/v1/users/me", "https://evil.okta.com/",
		},
		"Auth0": {
			Connection{
				Token:        token,
				Registration: Registration{Provider: "auth0", Parts: map[string]string{"domain": "acme.eu.auth0.com"}},
			},
			"https://acme.eu.auth0.com/userinfo", "https://evil.eu.auth0.com/userinfo",
		},
		"a shop by its endpoint": {
			Connection{Token: token, Registration: Registration{
				Provider: "shopify", Endpoints: oauth.Endpoints{
					Token: "https://acme.myshopify.com/admin/oauth/access_token",
				},
			}},
			"https://acme.myshopify.com/admin/api/shop.json", "https://evil.myshopify.com/",
		},
		"Microsoft's global cloud": {
			Connection{Token: token, Registration: Registration{Provider: "microsoft"}},
			"https://graph.microsoft.com/v1.0/me", "https://graph.microsoft.us/v1.0/me",
		},
		"Microsoft's US government cloud": {
			Connection{
				Token: token,
				Registration: Registration{
					Provider: "microsoft", Parts: map[string]string{"host": "login.microsoftonline.us"},
				},
			},
			"https://graph.microsoft.us/v1.0/me", "https://graph.microsoft.com/v1.0/me",
		},
		"Microsoft's cloud in China by its endpoint": {
			Connection{Token: token, Registration: Registration{
				Endpoints: oauth.Endpoints{Token: "https://login.chinacloudapi.cn/acme/oauth2/v2.0/token"},
			}},
			"https://microsoftgraph.chinacloudapi.cn/v1.0/me", "https://login.microsoftonline.com/",
		},
		"a data centre of Zoho's": {
			Connection{
				Token:        token,
				Registration: Registration{Provider: "zoho", Parts: map[string]string{"host": "accounts.zoho.eu"}},
			},
			"https://www.zohoapis.eu/crm", "https://www.zohoapis.com.cn/crm",
		},
		"QuickBooks' sandbox": {
			Connection{
				Token:        token,
				Registration: Registration{Provider: "quickbooks", Parts: map[string]string{"environment": "sandbox"}},
			},
			"https://sandbox-quickbooks.api.intuit.com/v3", "https://quickbooks.api.intuit.com/v3",
		},
		"a tenant of GitHub Enterprise Cloud": {
			Connection{
				Token:        token,
				Registration: Registration{Provider: "github", Parts: map[string]string{"host": "acme.ghe.com"}},
			},
			"https://api.acme.ghe.com/user", "https://api.github.com/user",
		},
		"GitHub, and its tenants": {
			Connection{Token: token, Registration: Registration{Provider: "github"}},
			"https://api.github.com/user",
			"https://api.evil.ghe.com/user",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := test.connection
			shown := newPresentation(c.Token, c.ProviderInfo(), c.api(), c.isLocal(), nil)
			for address, want := range map[string]bool{test.own: true, test.neighbour: false} {
				u, err := url.Parse(address)
				if err != nil {
					t.Fatal(err)
				}
				if got := shown.allows(u, nil); got != want {
					t.Errorf("the token may go to %s: %t", address, got)
				}
			}
		})
	}
}

// How a token is presented depends on the provider, and for a token that is bound to a key on the
// request.
func TestHeader(t *testing.T) {
	for name, test := range map[string]struct {
		provider, token, want string
	}{
		"RFC 6750":          {"", `{"access_token":"a"}`, "Authorization: Bearer a"},
		"a token type":      {"", `{"access_token":"a","token_type":"MAC"}`, "Authorization: MAC a"},
		"Shopify's header":  {"shopify", `{"access_token":"a"}`, "X-Shopify-Access-Token: a"},
		"Zoho's scheme":     {"zoho", `{"access_token":"a"}`, "Authorization: Zoho-oauthtoken a"},
		"RFC 9449, no key":  {"", `{"access_token":"a","token_type":"DPoP"}`, ""},
		"no DPoP: a scheme": {"zoho", `{"access_token":"a","token_type":"DPoP"}`, ""},
	} {
		token, err := ParseToken([]byte(test.token))
		if err != nil {
			t.Fatal(err)
		}
		c := Connection{Name: "acme", Token: token, Registration: Registration{Provider: test.provider}}
		for method, address := range map[string]*url.URL{
			"": nil, http.MethodPost: {Scheme: "https", Host: "api.example.com"},
		} {
			header, err := c.Header(method, address)
			got := ""
			for name := range header {
				got = name + ": " + header.Get(name)
			}
			if got != test.want || len(header) > 1 {
				t.Errorf("%s: %v, want %q", name, header, test.want)
			}
			if p, ok := errors.AsType[*SetupError](err); (test.want == "") != ok || ok && p.Name != "acme" {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// A header of a provider's own may be for some of its hosts only. A redirect gets the one of its host.
func TestHeaderForSomeHosts(t *testing.T) {
	token, err := ParseToken([]byte(`{"access_token":"a","token_type":"bearer"}`))
	if err != nil {
		t.Fatal(err)
	}
	c := Connection{Name: "acme", Token: token, Registration: Registration{Provider: "amazon"}}
	for address, want := range map[string]http.Header{
		"": {"Authorization": {"Bearer a"}},
		"https://advertising-api.amazon.com/v2/profiles":         {"Authorization": {"Bearer a"}},
		"https://sellingpartnerapi-eu.amazon.com/orders/v0":      {"X-Amz-Access-Token": {"a"}},
		"https://SELLINGPARTNERAPI-EU.amazon.com/orders/v0":      {"X-Amz-Access-Token": {"a"}},
		"https://sellingpartnerapi-eu.amazon.com.example/orders": {"Authorization": {"Bearer a"}},
	} {
		var u *url.URL
		if address != "" {
			if u, err = url.Parse(address); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := c.Header(http.MethodGet, u); err != nil || !maps.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%s: %v, %v, want %v", address, got, err, want)
		}
	}
}

// Any program of any user may listen on a loopback address. Such an address in a document is used
// only as a test server: if the client has no secret, and the access token is from this machine.
func TestLoopbackHostInDocument(t *testing.T) {
	token, err := ParseToken([]byte(`{"access_token":"a","refresh_token":"r","client_id":"app","client_secret":"of the document",
		"id":"http://127.0.0.1:4711/id/O/U","instance_url":"http://127.0.0.1:4712"}`))
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := oauth.Endpoints{Token: "https://login.salesforce.com/services/oauth2/token"}
	for name, test := range map[string]struct {
		registration Registration
		asked        string // host; "": nothing is sent
		sent, local  bool   // the client secret; the access token to instance_url
	}{
		"a public client":     {Registration{Client: oauth.Client{ID: "app"}}, "127.0.0.1:4711", false, true},
		"a document's client": {Registration{}, "127.0.0.1:4711", false, true},
		"a secret":            {Registration{Client: oauth.Client{ID: "app", Secret: "s"}}, "", false, false},
		"a secret kept":       {Registration{Client: oauth.Client{ID: "app"}, SecretFrom: "env:S"}, "", false, false},
		"a key": {
			Registration{Client: oauth.Client{ID: "app"}, Key: ClientKey{From: "file:/key.pem"}}, "", false, false,
		},
		"a secret not sent": {
			Registration{Client: oauth.Client{ID: "app", Secret: "s", Auth: oauth.AuthNone}},
			"127.0.0.1:4711", false,
			true,
		},
		"Salesforce itself": {
			Registration{Client: oauth.Client{ID: "app", Secret: "s"}, Endpoints: elsewhere},
			"login.salesforce.com",
			true, false,
		},
		"its issuer": {
			Registration{
				Client: oauth.Client{ID: "app"}, Endpoints: oauth.Endpoints{Issuer: "https://test.salesforce.com"},
			},
			"test.salesforce.com", false, false,
		},
		"a named test server": {
			Registration{
				Client:    oauth.Client{ID: "app", Secret: "s"},
				Endpoints: oauth.Endpoints{Token: "http://127.0.0.1:1/token"},
			},
			"127.0.0.1:1", true, true,
		},
		"a named remote proxy": {
			Registration{
				Client: oauth.Client{ID: "app"}, Endpoints: oauth.Endpoints{Token: "https://op.example/token"},
			},
			"op.example", false, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := Connection{Token: token, Registration: test.registration}
			c.Provider = "salesforce"
			asked := ""
			r, err := c.Request()
			if u, parseErr := url.Parse(r.Endpoint); err == nil && parseErr == nil {
				asked = u.Host
			}
			if asked != test.asked || (err != nil) != (test.asked == "") {
				t.Errorf("asked %q, %v", asked, err)
			}
			if sent := r.Client.Secret == "s" && r.Client.Style() != oauth.AuthNone; sent != test.sent {
				t.Errorf("sends the secret: %t", sent)
			}
			instance := &url.URL{Scheme: "http", Host: "127.0.0.1:4712", Path: "/"}
			if got := newCachedToken(&c, 0, 0, time.Now()).presented().allows(instance, nil); got != test.local {
				t.Errorf("the access token goes to %s: %t", instance.Host, got)
			}
			if u := c.identityURL(); (u != "") != (test.asked == "127.0.0.1:4711") {
				t.Errorf("the access token goes to %q", u)
			}
		})
	}
}

// The userinfo endpoint of another cloud must not receive the access token.
func TestUserinfoIsInCloudOfToken(t *testing.T) {
	for endpoint, want := range map[string]string{
		"https://login.microsoftonline.com/acme/oauth2/v2.0/token": "https://graph.microsoft.com/oidc/userinfo",
		"https://login.microsoftonline.us/acme/oauth2/v2.0/token":  "https://graph.microsoft.us/oidc/userinfo",
		"https://login.chinacloudapi.cn/acme/oauth2/v2.0/token":    "https://microsoftgraph.chinacloudapi.cn/oidc/userinfo",
		"https://login.windows.net/acme/oauth2/v2.0/token":         "", // the file lists no endpoints of it
		"http://127.0.0.1:1/token":                                 "",
	} {
		c := Connection{Registration: Registration{Provider: "microsoft", Endpoints: oauth.Endpoints{Token: endpoint}}}
		if got := c.ResolvedEndpoints().Userinfo; got != want {
			t.Errorf("%s: %q, want %q", endpoint, got, want)
		}
	}
}

// The base of a provider's API is used only for tokens that the provider issued.
func TestProviderAPIBase(t *testing.T) {
	for endpoint, want := range map[string]string{
		"":                                      "https://api.hubapi.com/",
		"https://api.hubapi.com/oauth/v1/token": "https://api.hubapi.com/",
		"https://op.example/token":              "",
		"http://127.0.0.1:1/token":              "",
	} {
		c := Connection{Registration: Registration{Provider: "hubspot", Endpoints: oauth.Endpoints{Token: endpoint}}}
		if got := c.api().Base; got != want {
			t.Errorf("a token from %q: %q, want %q", endpoint, got, want)
		}
	}
	mine := Connection{Registration: Registration{Provider: "hubspot", API: API{Base: "https://op.example/"}}}
	if got := mine.api().Base; got != "https://op.example/" {
		t.Errorf("stated: %q", got)
	}
}
