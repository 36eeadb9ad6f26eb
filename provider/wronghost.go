package provider

import (
	"net/url"
	"slices"
	"strings"
)

// Astray describes a token that was sent to the wrong host, such as a sandbox's token to the host
// of production, or one org's to another org's host.
type Astray struct {
	Asked string // the host that the refresh token was sent to
	Org   string // the host of the token's org
	Home  string // the shared login host that refreshes the org's tokens; "" if unknown
}

// Homes returns the hosts that can refresh the token, for people: "test.salesforce.com or
// acme--dev.sandbox.my.salesforce.com".
func (a *Astray) Homes() string {
	if a.Home == "" || a.Home == a.Org {
		return a.Org
	}
	return a.Home + " or " + a.Org
}

// fill fills the hosts into a cause or a remedy.
func (a *Astray) fill(text string) string {
	return strings.NewReplacer("{asked}", a.Asked, "{org}", a.Org, "{home}", a.Homes()).Replace(text)
}

// Astray reports whether the host asked cannot refresh the saved token, whose string members member
// returns. If that is uncertain, it reports false: for example if the provider's file does not list
// the token's host.
func (p *Provider) Astray(member func(name string) string, asked string) (Astray, bool) {
	if p.Identity == nil || len(p.Identity.Orgs) == 0 || !p.Owns(asked) {
		return Astray{}, false
	}
	asked = strings.ToLower(asked)
	issuer := hostname(member(p.Identity.Member))
	if p.isShared(asked) && p.isShared(issuer) {
		// More reliable than the name of the org's host, whose form has changed over the years.
		return Astray{Asked: asked, Org: issuer, Home: issuer}, issuer != asked
	}
	if len(p.API.Members) == 0 {
		return Astray{}, false
	}
	org := hostname(member(p.API.Members[0]))
	a := Astray{Asked: asked, Org: org, Home: p.sharedHost(org)}
	switch {
	case a.Home == "":
		return Astray{}, false
	case p.isShared(asked):
		return a, asked != a.Home
	default:
		return a, p.sharedHost(asked) != "" && firstLabel(asked) != firstLabel(org)
	}
}

// isShared reports whether the customers of several hosts log in at host.
func (p *Provider) isShared(host string) bool {
	return slices.ContainsFunc(p.Identity.Orgs, func(o Orgs) bool { return o.Login == host })
}

// sharedHost returns the shared login host for an org's own host, or "" if unknown.
func (p *Provider) sharedHost(org string) string {
	for _, o := range p.Identity.Orgs {
		if OneOf(o.Hosts, org) {
			return o.Login
		}
	}
	return ""
}

func hostname(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

func firstLabel(host string) string {
	label, _, _ := strings.Cut(host, ".")
	return label
}
