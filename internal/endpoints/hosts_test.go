package endpoints_test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/internal/endpoints"
	"github.com/freshet-dev/freshet/internal/urls"
	"github.com/freshet-dev/freshet/provider"
)

func TestOwnsTakesHostNamesOnly(t *testing.T) {
	p, err := provider.Lookup("salesforce")
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]bool{
		"login.salesforce.com":                          true,
		"LOGIN.salesforce.com":                          true,
		"acme--dev.sandbox.my.salesforce.com":           true,
		"":                                              false,
		".":                                             false,
		".my.salesforce.com":                            false,
		"a..my.salesforce.com":                          false,
		".a.my.salesforce.com":                          false,
		"login.salesforce.com.":                         false,
		"a.my.salesforce.com.":                          false,
		"fe80::1%.my.salesforce.com":                    false, // Hostname of [fe80::1%25.my.salesforce.com]
		"::1%eth0.my.salesforce.com":                    false,
		"[::1].my.salesforce.com":                       false,
		"evil.example;.my.salesforce.com":               false,
		"evil.example,.my.salesforce.com":               false,
		"evil.example/.my.salesforce.com":               false,
		"evil.example\\.my.salesforce.com":              false,
		"evil.example?.my.salesforce.com":               false,
		"evil.example#.my.salesforce.com":               false,
		"evil.example@a.my.salesforce.com":              false,
		"user:word@login.salesforce.com":                false,
		"evil.example:443.my.salesforce.com":            false,
		"a.my.salesforce.com:443":                       false,
		"evil.example%2f.my.salesforce.com":             false,
		"evil.example\x00.my.salesforce.com":            false,
		"evil.example .my.salesforce.com":               false,
		" login.salesforce.com":                         false,
		"login.salesforce.com\n":                        false,
		"*.my.salesforce.com":                           false,
		"-a.my.salesforce.com":                          false,
		"a-.my.salesforce.com":                          false,
		"xn--lgin-5qa.my.salesforce.com":                false,
		"XN--lgin-5qa.my.salesforce.com":                false,
		"lоgin.my.salesforce.com":                       false, // a Cyrillic o
		strings.Repeat("a", 64) + ".my.salesforce.com":  false,
		strings.Repeat("a.", 140) + "my.salesforce.com": false,
	} {
		if got := endpoints.Owns(p, host); got != want {
			t.Errorf("%q: %t", host, got)
		}
	}
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)

// A host that the provider owns, however url.Parse found it, is one of its names or below one.
func FuzzOwns(f *testing.F) {
	for _, seed := range []string{
		"login.salesforce.com", "[fe80::1%25.my.salesforce.com]", "evil.example;.my.salesforce.com",
		"a..my.salesforce.com", "u@a.my.salesforce.com:443", "evil.example\x00.my.salesforce.com",
		"a.my.site.com.", "ſ.my.salesforce.com", "K.my.salesforce.com",
	} {
		f.Add(seed)
	}
	p, err := provider.Lookup("salesforce")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		hosts := []string{s}
		if u, err := url.Parse("https://" + s + "/id/O/U"); err == nil {
			hosts = append(hosts, u.Host, u.Hostname())
		}
		for _, host := range hosts {
			if !endpoints.Owns(p, host) {
				continue
			}
			if !hostName.MatchString(host) || len(host) > 253 {
				t.Errorf("%q is not a host name", host)
			}
			lower := strings.ToLower(host)
			if !slices.ContainsFunc(p.Hosts, func(own string) bool {
				return lower == own || strings.HasPrefix(own, ".") && strings.HasSuffix(lower, own)
			}) {
				t.Errorf("%q is not Salesforce's", host)
			}
		}
	})
}

// National clouds are isolated: a token of one must not be sent to a host of another.
func TestEndpointsStayInTheirCloud(t *testing.T) {
	const (
		global     = "login.microsoftonline.com"
		government = "login.microsoftonline.us"
		china      = "login.partner.microsoftonline.cn"

		globalUserinfo = "https://graph.microsoft.com/oidc/userinfo"
		chinaUserinfo  = "https://microsoftgraph.chinacloudapi.cn/oidc/userinfo"
		globalHosts    = "graph.microsoft.com management.azure.com outlook.office.com outlook.office365.com " +
			".dynamics.com .sharepoint.com api.powerbi.com .analysis.windows.net"
		chinaHosts = "microsoftgraph.chinacloudapi.cn .dynamics.cn .sharepoint.cn"
	)
	for _, test := range []struct {
		provider, userinfo string
		parts              map[string]string
		issuer             string
		hosts              string
	}{
		{provider: "microsoft", userinfo: globalUserinfo, hosts: globalHosts},
		{provider: "microsoft", parts: map[string]string{"host": global}, userinfo: globalUserinfo, hosts: globalHosts},
		{
			provider: "microsoft", parts: map[string]string{"host": government},
			userinfo: "https://graph.microsoft.us/oidc/userinfo",
			hosts: "graph.microsoft.us dod-graph.microsoft.us management.usgovcloudapi.net outlook.office365.us " +
				".microsoftdynamics.us .appsplatform.us .sharepoint.us .sharepoint-mil.us",
		},
		{
			provider: "microsoft", parts: map[string]string{"host": china},
			userinfo: chinaUserinfo, hosts: chinaHosts,
		},
		{
			provider: "microsoft", issuer: "https://" + china + "/acme/v2.0",
			userinfo: chinaUserinfo, hosts: chinaHosts,
		},
		{provider: "microsoft", issuer: "https://login.microsoftonline.example/acme/v2.0"},
		{provider: "microsoft", parts: map[string]string{"host": "login.microsoftonline.de"}},
		{
			provider: "quickbooks",
			userinfo: "https://accounts.platform.intuit.com/v1/openid_connect/userinfo",
			hosts:    "quickbooks.api.intuit.com api.intuit.com accounts.platform.intuit.com",
		},
		{
			provider: "quickbooks", parts: map[string]string{"environment": "sandbox"},
			userinfo: "https://sandbox-accounts.platform.intuit.com/v1/openid_connect/userinfo",
			hosts:    "sandbox-quickbooks.api.intuit.com sandbox.api.intuit.com sandbox-accounts.platform.intuit.com",
		},
		{
			provider: "zoho", parts: map[string]string{"host": "accounts.zoho.com.cn"},
			hosts: ".zohoapis.com.cn .zoho.com.cn",
		},
		{provider: "ebay", hosts: "api.ebay.com apiz.ebay.com"},
		{
			provider: "ebay", parts: map[string]string{"host": "api.sandbox.ebay.com"},
			hosts: "api.sandbox.ebay.com apiz.sandbox.ebay.com",
		},
		{
			provider: "paypal", parts: map[string]string{"host": "api-m.sandbox.paypal.com"},
			hosts: "api-m.sandbox.paypal.com api.sandbox.paypal.com",
		},
		{
			provider: "hmrc", parts: map[string]string{"host": "test-api.service.hmrc.gov.uk"},
			hosts: "test-api.service.hmrc.gov.uk",
		},
		{
			provider: "docusign", parts: map[string]string{"host": "account-d.docusign.com"},
			userinfo: "https://account-d.docusign.com/oauth/userinfo", hosts: "account-d.docusign.com demo.docusign.net",
		},
		{
			provider: "amazon", parts: map[string]string{"host": "api.amazon.co.uk"},
			userinfo: "https://api.amazon.co.uk/user/profile", hosts: "api.amazon.co.uk advertising-api-eu.amazon.com",
		},
		{provider: "github", hosts: "github.com api.github.com uploads.github.com"},
		{
			provider: "github", parts: map[string]string{"host": "Acme.ghe.com"},
			hosts: "acme.ghe.com api.acme.ghe.com uploads.acme.ghe.com",
		},
	} {
		p, err := provider.Lookup(test.provider)
		if err != nil {
			t.Fatal(err)
		}
		e := endpoints.At(p, test.issuer, test.parts)
		if e.Userinfo != test.userinfo {
			t.Errorf("%s, %v %s: the userinfo endpoint is %q, want %q",
				test.provider, test.parts, test.issuer, e.Userinfo, test.userinfo)
		}
		if hosts := strings.Join(endpoints.Hosts(p, e.Token, test.parts), " "); hosts != test.hosts {
			t.Errorf("%s, %v %s: the hosts are %q, want %q",
				test.provider, test.parts, test.issuer, hosts, test.hosts)
		}
	}
}

// For every built-in provider: two values of a part in the host of the token endpoint have no
// endpoint and no host in common.
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
					if urls.MatchHost(strings.TrimPrefix(host, "."), other) || slices.Contains(other, host) {
						t.Errorf("%s is a host of %s and of %s", host, values[0], values[1])
					}
				}
			})
		}
	}
}

// twoValues returns two values of each part in the host of the token endpoint.
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

// addressesWith returns the hosts that a token of a cloud may be sent to.
func addressesWith(p *provider.Provider, part, value string) []string {
	parts := map[string]string{part: value}
	e := endpoints.At(p, "", parts)
	hosts := endpoints.Hosts(p, e.Token, parts)
	for _, address := range []string{
		e.Token, e.Device, e.Revocation, e.Introspection, e.Userinfo, e.JWKS, e.Authorization, endpoints.APIBase(p, parts),
	} {
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			hosts = append(hosts, u.Hostname())
		}
	}
	return hosts
}

func TestParseChecksClouds(t *testing.T) {
	const file = `{ "name": "acme", "title": "Acme", "hosts": ["eu.acme.com", "us.acme.com"],
		"parts": { "host": { "values": ["eu.acme.com", "us.acme.com"], "hint": "where", "clouds": [
			{ "values": ["eu.acme.com"], "endpoints": { "userinfo_endpoint": "https://api.eu.acme.com/me" },
				"api_hosts": [".eu.acme.com"] },
			{ "values": ["us.acme.com"], "api_hosts": ["api.us.acme.com"] } ] } },
		"endpoints": { "token_endpoint": "https://{host}/token", "jwks_uri": "https://{host}/keys" } }`
	if p, err := provider.Parse([]byte(file)); err != nil || !endpoints.HostSpecific(p) {
		t.Fatal(err)
	}
	for _, test := range []struct{ old, new string }{
		{`"https://{host}/keys"`, `"https://eu.acme.com/keys"`},
		{`"api_hosts": ["api.us.acme.com"]`, `"api_hosts": ["api.eu.acme.com"]`},
		{`"api_hosts": ["api.us.acme.com"] `, `"api_hosts": [".acme.com"] `},
		{`"api_hosts": ["api.us.acme.com"] }`, `"api_hosts": ["api.us.acme.com/x"] }`},
		{`"https://api.eu.acme.com/me"`, `"https://api.us.acme.com/me"`},
		{`"https://api.eu.acme.com/me" `, `"http://api.eu.acme.com/me" `},
		{`{ "values": ["us.acme.com"]`, `{ "values": ["eu.acme.com"]`},
		{`{ "values": ["us.acme.com"],`, `{ "values": ["jp.acme.com"],`},
		{`"jwks_uri":`, `"userinfo_endpoint": "https://{host}/me", "jwks_uri":`},
		{`"endpoints": { "token_endpoint"`, `"api": { "hosts": ["api.acme.com"] }, "endpoints": { "token_endpoint"`},
		{
			`"endpoints": { "token_endpoint":`,
			`"api": { "base": "https://api.acme.com/" }, "endpoints": { "token_endpoint":`,
		},
		{`"hint": "where", "clouds"`, `"hint": "where", "Clouds": null, "clouds"`},
		{`"endpoints": { "token_endpoint": "https://{host}/`, `"api": { "hosts": ["{shop}.acme.com"] },
			"endpoints": { "token_endpoint": "https://{host}/`},
	} {
		changed := strings.Replace(file, test.old, test.new, 1)
		if changed == file {
			t.Fatalf("%s is not in the file", test.old)
		}
		if _, err := provider.Parse([]byte(changed)); err == nil {
			t.Errorf("%s was accepted", test.new)
		}
	}
}
