package endpoints_test

import (
	"testing"

	"github.com/freshet-dev/freshet/internal/endpoints"
	"github.com/freshet-dev/freshet/provider"
)

const contoso = `{
  "name": "contoso", "title": "Contoso", "hosts": ["login.contoso.com"],
  "parts": {
    "tenant": { "default": "common", "hint": "the directory" },
    "region": { "values": ["eu", "us"], "hint": "where the data are" },
  },
  "issuer": "https://login.contoso.com/{tenant}/v2",
  "endpoints": {
    "token_endpoint": "https://login.contoso.com/{tenant}/token",
    "revocation_endpoint": "https://{region}.contoso.com/revoke",
    "userinfo_endpoint": "https://login.contoso.com/me",
  },
}`

func TestEndpointsAtFillsParts(t *testing.T) {
	p, err := provider.Parse([]byte(contoso))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		issuer        string
		parts         map[string]string
		token, revoke string
		follows       bool
	}{
		{token: "https://login.contoso.com/common/token"},
		{
			parts: map[string]string{"tenant": "acme", "region": "eu"},
			token: "https://login.contoso.com/acme/token", revoke: "https://eu.contoso.com/revoke",
		},
		{issuer: "https://login.contoso.com/acme/v2", token: "https://login.contoso.com/acme/token", follows: true},
		{issuer: "https://login.contoso.com/acme/v2/", token: "https://login.contoso.com/acme/token", follows: true},
		{issuer: "https://elsewhere.example"},
		{parts: map[string]string{"tenant": "a/../evil"}},
		{parts: map[string]string{"tenant": "evil.example#"}},
		{
			parts: map[string]string{"region": "eu.evil.example/", "tenant": "t"},
			token: "https://login.contoso.com/t/token",
		},
	} {
		got := endpoints.At(p, test.issuer, test.parts)
		if got.Token != test.token || got.Revocation != test.revoke || got.Userinfo != "https://login.contoso.com/me" {
			t.Errorf("%q, %v: %+v", test.issuer, test.parts, got)
		}
		if follows := endpoints.FollowFrom(p, test.issuer); follows != test.follows {
			t.Errorf("%q: follows %t", test.issuer, follows)
		}
	}
}

// The token endpoint that a saved token states selects the customer. It cannot select another host
// or path.
func TestStatedEndpoint(t *testing.T) {
	p, err := provider.Parse([]byte(contoso))
	if err != nil {
		t.Fatal(err)
	}
	for stated, want := range map[string]string{
		"https://login.contoso.com/acme/token":              "https://login.contoso.com/acme/token",
		"https://LOGIN.contoso.com/acme/token":              "https://login.contoso.com/acme/token",
		"https://login.contoso.com/pages/acme/token":        "",
		"https://login.contoso.com/acme/token?x=1":          "",
		"https://login.contoso.com.evil.example/acme/token": "",
		"http://login.contoso.com/acme/token":               "",
		"https://login.contoso.com:8443/acme/token":         "",
		"": "",
	} {
		if got := endpoints.Stated(p, stated, nil); got != want {
			t.Errorf("%q: %q, want %q", stated, got, want)
		}
	}
}

func TestMissingPart(t *testing.T) {
	p, err := provider.Parse([]byte(contoso))
	if err != nil {
		t.Fatal(err)
	}
	if name, hint, missing := endpoints.MissingPart(p, nil); !missing || name != "region" || hint != "where the data are" {
		t.Errorf("%s, %s, %t", name, hint, missing)
	}
	if _, _, missing := endpoints.MissingPart(p, map[string]string{"region": "eu"}); missing {
		t.Error("a part is missing although all are given")
	}
	for part, value := range map[string]string{"shop": "x", "region": "mars", "tenant": "-x"} {
		if err := endpoints.CheckParts(p, map[string]string{part: value}); err == nil {
			t.Errorf("%s=%s was accepted", part, value)
		}
	}
}

// Okta's org authorization server has an issuer without a path, and other endpoints than its custom
// authorization servers.
func TestEndpointsAtCustomIssuer(t *testing.T) {
	for name, issuers := range map[string]map[string]string{
		"okta": {
			"https://acme.okta.com/oauth2/default":   "https://acme.okta.com/oauth2/default/v1/token",
			"https://login.acme.example/oauth2/aus1": "https://login.acme.example/oauth2/aus1/v1/token",
			"https://acme.okta.com":                  "", // has a discovery document
			"http://127.0.0.1:8080":                  "",
			"http://127.0.0.1:8080/oauth2/default":   "http://127.0.0.1:8080/oauth2/default/v1/token",
		},
		"auth0": {
			"https://login.acme.example/":      "https://login.acme.example/oauth/token",
			"https://login.acme.example:8443/": "https://login.acme.example:8443/oauth/token",
			"http://127.0.0.1:8080":            "http://127.0.0.1:8080/oauth/token",
		},
		"salesforce": {"https://acme.my.site.com/partners": "https://acme.my.site.com/partners/services/oauth2/token"},
	} {
		p, err := provider.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		for issuer, want := range issuers {
			if got := endpoints.At(p, issuer, nil).Token; got != want || endpoints.FollowFrom(p, issuer) != (want != "") {
				t.Errorf("%s: %q, follows %t; want %q", issuer, got, endpoints.FollowFrom(p, issuer), want)
			}
		}
	}
}

// If the provider's issuer has no parts, paths are on any issuer, even if another endpoint has a
// part.
func TestEndpointsAtAnyIssuer(t *testing.T) {
	p, err := provider.Parse([]byte(`{ "name": "acme", "title": "Acme", "issuer": "https://id.acme.com",
		"parts": { "region": { "hint": "where" } },
		"endpoints": { "token_endpoint": "/token", "userinfo_endpoint": "https://{region}.acme.com/me" } }`))
	if err != nil {
		t.Fatal(err)
	}
	const issuer = "https://id.acme.example"
	got := endpoints.At(p, issuer, map[string]string{"region": "eu"})
	if got.Token != issuer+"/token" || got.Userinfo != "" || !endpoints.FollowFrom(p, issuer) {
		t.Errorf("%+v, follows %t", got, endpoints.FollowFrom(p, issuer))
	}
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
		got, err := endpoints.OfToken(p, member(map[string]string{"id": id}))
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v, want %q", id, got, err, want)
		}
	}
}
