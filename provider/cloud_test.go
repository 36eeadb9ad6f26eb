package provider_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/provider"
)

// A national cloud is isolated: what is for a token of one is nowhere in another.
func TestEndpointsStayInTheirCloud(t *testing.T) {
	const global, government, china = "login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"
	for _, test := range []struct {
		provider, userinfo string
		parts              map[string]string
		issuer             string
		hosts              string
	}{
		{provider: "microsoft", userinfo: "https://graph.microsoft.com/oidc/userinfo", hosts: "graph.microsoft.com management.azure.com outlook.office.com outlook.office365.com"},
		{provider: "microsoft", parts: map[string]string{"host": global}, userinfo: "https://graph.microsoft.com/oidc/userinfo", hosts: "graph.microsoft.com management.azure.com outlook.office.com outlook.office365.com"},
		{provider: "microsoft", parts: map[string]string{"host": government}, userinfo: "https://graph.microsoft.us/oidc/userinfo", hosts: "graph.microsoft.us dod-graph.microsoft.us"},
		{provider: "microsoft", parts: map[string]string{"host": china}, userinfo: "https://microsoftgraph.chinacloudapi.cn/oidc/userinfo", hosts: "microsoftgraph.chinacloudapi.cn"},
		{provider: "microsoft", issuer: "https://" + china + "/acme/v2.0", userinfo: "https://microsoftgraph.chinacloudapi.cn/oidc/userinfo", hosts: "microsoftgraph.chinacloudapi.cn"},
		{provider: "microsoft", issuer: "https://login.microsoftonline.example/acme/v2.0"},
		{provider: "microsoft", parts: map[string]string{"host": "login.microsoftonline.de"}},
		{provider: "quickbooks", userinfo: "https://accounts.platform.intuit.com/v1/openid_connect/userinfo", hosts: "quickbooks.api.intuit.com api.intuit.com accounts.platform.intuit.com"},
		{provider: "quickbooks", parts: map[string]string{"environment": "sandbox"}, userinfo: "https://sandbox-accounts.platform.intuit.com/v1/openid_connect/userinfo", hosts: "sandbox-quickbooks.api.intuit.com sandbox.api.intuit.com sandbox-accounts.platform.intuit.com"},
		{provider: "zoho", parts: map[string]string{"host": "accounts.zoho.com.cn"}, hosts: ".zohoapis.com.cn .zoho.com.cn"},
		{provider: "github", hosts: "github.com api.github.com uploads.github.com"},
		{provider: "github", parts: map[string]string{"host": "Acme.ghe.com"}, hosts: "acme.ghe.com api.acme.ghe.com uploads.acme.ghe.com"},
	} {
		p, err := provider.Lookup(test.provider)
		if err != nil {
			t.Fatal(err)
		}
		e := p.EndpointsAt(test.issuer, test.parts)
		if e.Userinfo != test.userinfo {
			t.Errorf("%s, %v %s: the userinfo endpoint is %q, want %q", test.provider, test.parts, test.issuer, e.Userinfo, test.userinfo)
		}
		if hosts := strings.Join(p.HostsFor(e.Token, test.parts), " "); hosts != test.hosts {
			t.Errorf("%s, %v %s: the hosts are %q, want %q", test.provider, test.parts, test.issuer, hosts, test.hosts)
		}
	}
}

// It holds for every file: with two values of a part in the token endpoint's host, no endpoint and no host is in both.
func TestNoAddressIsOfTwoClouds(t *testing.T) {
	for _, name := range provider.Names() {
		p, err := provider.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		for part, values := range twoValues(p) {
			t.Run(name+"/"+part, func(t *testing.T) {
				one, other := addressesWith(p, part, values[0]), addressesWith(p, part, values[1])
				if len(one) == 0 || len(other) == 0 {
					t.Fatal("no addresses")
				}
				for _, host := range one {
					if provider.OneOf(other, strings.TrimPrefix(host, ".")) || slices.Contains(other, host) {
						t.Errorf("%s is a host of %s and of %s", host, values[0], values[1])
					}
				}
			})
		}
	}
}

// twoValues are two of each part that stands in the host of the token endpoint.
func twoValues(p *provider.Provider) map[string][2]string {
	all := map[string][2]string{}
	template := p.Endpoints.Token
	if strings.HasPrefix(template, "/") {
		template = p.Issuer + template
	}
	host, _, _ := strings.Cut(strings.TrimPrefix(template, "https://"), "/")
	for name, part := range p.Parts {
		switch {
		case !strings.Contains(host, "{"+name+"}"):
		case len(part.Values) > 0:
			all[name] = [2]string{part.Values[0], part.Values[len(part.Values)-1]}
		default:
			all[name] = [2]string{"one.example", "two.example"}
		}
	}
	return all
}

// addressesWith are the hosts that a token of a cloud may go to.
func addressesWith(p *provider.Provider, part, value string) []string {
	parts := map[string]string{part: value}
	e := p.EndpointsAt("", parts)
	hosts := p.HostsFor(e.Token, parts)
	for _, address := range []string{e.Token, e.Device, e.Revocation, e.Introspection, e.Userinfo, e.JWKS, e.Authorization, p.APIBase(parts)} {
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			hosts = append(hosts, u.Hostname())
		}
	}
	return hosts
}

func TestCloudsAreChecked(t *testing.T) {
	const file = `{ "name": "acme", "title": "Acme", "hosts": ["eu.acme.com", "us.acme.com"],
		"parts": { "host": { "values": ["eu.acme.com", "us.acme.com"], "hint": "where", "clouds": [
			{ "values": ["eu.acme.com"], "endpoints": { "userinfo_endpoint": "https://api.eu.acme.com/me" }, "api_hosts": [".eu.acme.com"] },
			{ "values": ["us.acme.com"], "api_hosts": ["api.us.acme.com"] } ] } },
		"endpoints": { "token_endpoint": "https://{host}/token", "jwks_uri": "https://{host}/keys" } }`
	if p, err := provider.Parse([]byte(file)); err != nil || !p.HostSpecific() {
		t.Fatal(err)
	}
	for was, is := range map[string]string{
		`"https://{host}/keys"`:                             `"https://eu.acme.com/keys"`,
		`"api_hosts": ["api.us.acme.com"]`:                  `"api_hosts": ["api.eu.acme.com"]`,
		`"api_hosts": ["api.us.acme.com"] `:                 `"api_hosts": [".acme.com"] `,
		`"api_hosts": ["api.us.acme.com"] }`:                `"api_hosts": ["api.us.acme.com/x"] }`,
		`"https://api.eu.acme.com/me"`:                      `"https://api.us.acme.com/me"`,
		`"https://api.eu.acme.com/me" `:                     `"http://api.eu.acme.com/me" `,
		`{ "values": ["us.acme.com"]`:                       `{ "values": ["eu.acme.com"]`,
		`{ "values": ["us.acme.com"],`:                      `{ "values": ["jp.acme.com"],`,
		`"jwks_uri":`:                                       `"userinfo_endpoint": "https://{host}/me", "jwks_uri":`,
		`"endpoints": { "token_endpoint"`:                   `"api": { "hosts": ["api.acme.com"] }, "endpoints": { "token_endpoint"`,
		`"endpoints": { "token_endpoint":`:                  `"api": { "base": "https://api.acme.com/" }, "endpoints": { "token_endpoint":`,
		`"hint": "where", "clouds"`:                         `"hint": "where", "Clouds": null, "clouds"`,
		`"endpoints": { "token_endpoint": "https://{host}/`: `"api": { "hosts": ["{shop}.acme.com"] }, "endpoints": { "token_endpoint": "https://{host}/`,
	} {
		changed := strings.Replace(file, was, is, 1)
		if changed == file {
			t.Fatalf("%s is not in the file", was)
		}
		if _, err := provider.Parse([]byte(changed)); err == nil {
			t.Errorf("%s is taken", is)
		}
	}
}
