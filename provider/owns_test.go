package provider_test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

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
		if got := p.Owns(host); got != want {
			t.Errorf("%q: %t", host, got)
		}
	}
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)

// Whatever url.Parse takes for a host: if the provider owns it, it is one of the provider's names or a name below one.
func FuzzOwns(f *testing.F) {
	for _, seed := range []string{
		"login.salesforce.com", "[fe80::1%25.my.salesforce.com]", "evil.example;.my.salesforce.com", "a..my.salesforce.com",
		"u@a.my.salesforce.com:443", "evil.example\x00.my.salesforce.com", "a.my.site.com.", "ſ.my.salesforce.com", "K.my.salesforce.com",
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
			if !p.Owns(host) {
				continue
			}
			if !hostName.MatchString(host) || len(host) > 253 {
				t.Errorf("%q is no host name", host)
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
