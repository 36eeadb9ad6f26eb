package provider_test

import (
	"testing"

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

func TestEndpointsHaveParts(t *testing.T) {
	p, err := provider.Parse([]byte(contoso))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		issuer           string
		parts            map[string]string
		token, revoke    string
		userinfoLeftOut  bool
		followsFromIsser bool
	}{
		{token: "https://login.contoso.com/common/token"},
		{parts: map[string]string{"tenant": "acme", "region": "eu"}, token: "https://login.contoso.com/acme/token", revoke: "https://eu.contoso.com/revoke"},
		{issuer: "https://login.contoso.com/acme/v2", token: "https://login.contoso.com/acme/token", followsFromIsser: true},
		{issuer: "https://login.contoso.com/acme/v2/", token: "https://login.contoso.com/acme/token", followsFromIsser: true},
		{issuer: "https://elsewhere.example"}, // that one must say itself where its endpoints are
		{parts: map[string]string{"tenant": "a/../evil"}},
		{parts: map[string]string{"tenant": "evil.example#"}},
		{parts: map[string]string{"region": "eu.evil.example/", "tenant": "t"}, token: "https://login.contoso.com/t/token"},
	} {
		got := p.EndpointsAt(test.issuer, test.parts)
		if got.Token != test.token || got.Revocation != test.revoke || got.Userinfo != "https://login.contoso.com/me" {
			t.Errorf("%q, %v: %+v", test.issuer, test.parts, got)
		}
		if follows := p.FollowsFrom(test.issuer); follows != test.followsFromIsser {
			t.Errorf("%q: follows %t", test.issuer, follows)
		}
	}
}

// A saved token that states its token endpoint says which customer's it is, and cannot lead anywhere else.
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
		if got := p.StatedEndpoint(stated, nil); got != want {
			t.Errorf("%q: %q, want %q", stated, got, want)
		}
	}
}

func TestMissingPart(t *testing.T) {
	p, err := provider.Parse([]byte(contoso))
	if err != nil {
		t.Fatal(err)
	}
	if name, hint, missing := p.MissingPart(nil); !missing || name != "region" || hint != "where the data are" {
		t.Errorf("%s, %s, %t", name, hint, missing)
	}
	if _, _, missing := p.MissingPart(map[string]string{"region": "eu"}); missing {
		t.Error("nothing is missing")
	}
	for part, value := range map[string]string{"shop": "x", "region": "mars", "tenant": "-x"} {
		if err := p.CheckParts(map[string]string{part: value}); err == nil {
			t.Errorf("%s=%s is taken", part, value)
		}
	}
}

// Okta's org authorization server has another issuer than its custom ones, and its endpoints elsewhere below it.
func TestPathsAreOnAnIssuerOfTheVendorsShape(t *testing.T) {
	for name, issuers := range map[string]map[string]string{
		"okta": {
			"https://acme.okta.com/oauth2/default":   "https://acme.okta.com/oauth2/default/v1/token",
			"https://login.acme.example/oauth2/aus1": "https://login.acme.example/oauth2/aus1/v1/token",
			"https://acme.okta.com":                  "", // which says itself where they are
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
			if got := p.EndpointsAt(issuer, nil).Token; got != want || p.FollowsFrom(issuer) != (want != "") {
				t.Errorf("%s: %q, follows %t; want %q", issuer, got, p.FollowsFrom(issuer), want)
			}
		}
	}
}

// Where any issuer will do, a part that some other endpoint has is no reason to leave the paths out.
func TestPathsAreOnAnyIssuerOfAVendorWithoutAShape(t *testing.T) {
	p, err := provider.Parse([]byte(`{ "name": "acme", "title": "Acme", "parts": { "region": { "hint": "where" } }, "issuer": "https://id.acme.com",
		"endpoints": { "token_endpoint": "/token", "userinfo_endpoint": "https://{region}.acme.com/me" } }`))
	if err != nil {
		t.Fatal(err)
	}
	const issuer = "https://id.acme.example"
	if got := p.EndpointsAt(issuer, map[string]string{"region": "eu"}); got.Token != issuer+"/token" || got.Userinfo != "" || !p.FollowsFrom(issuer) {
		t.Errorf("%+v, follows %t", got, p.FollowsFrom(issuer))
	}
}
