package provider

import (
	"net/url"
	"slices"
	"strings"
)

// Astray is a token that was sent to a host which does not serve it: a sandbox's to the host of production, or one org's to
// another's.
type Astray struct {
	Asked string // the host that the refresh token was sent to
	Org   string // the host that the token is of
	Home  string // the shared host at which that org's tokens are refreshed; "" when it is not known
}

// in fills the hosts into a text of the vendor's file.
func (a *Astray) in(text string) string {
	return strings.NewReplacer("{asked}", a.Asked, "{org}", a.Org, "{home}", a.Homes()).Replace(text)
}

// Homes are the hosts that can refresh the token, for people: "test.salesforce.com or acme--dev.sandbox.my.salesforce.com".
func (a *Astray) Homes() string {
	if a.Home == "" || a.Home == a.Org {
		return a.Org
	}
	return a.Home + " or " + a.Org
}

// Astray tells from a saved token, whose string members member returns, whether asked is a host that cannot refresh it. What
// is not certain is not said: of a host that the vendor's file does not mention nothing is known.
func (p *Provider) Astray(member func(name string) string, asked string) (Astray, bool) {
	if p.Identity == nil || len(p.Identity.Orgs) == 0 || !p.Owns(asked) {
		return Astray{}, false
	}
	asked = strings.ToLower(asked)
	issued := hostIn(member(p.Identity.Member))
	if p.isShared(asked) && p.isShared(issued) { // the identity says more than an org's name, whose shape has changed over the years
		return Astray{Asked: asked, Org: issued, Home: issued}, issued != asked
	}
	if len(p.API.Members) == 0 {
		return Astray{}, false
	}
	org := hostIn(member(p.API.Members[0]))
	a := Astray{Asked: asked, Org: org, Home: p.homeOf(org)}
	switch {
	case a.Home == "":
		return Astray{}, false
	case p.isShared(asked):
		return a, asked != a.Home
	default:
		return a, p.homeOf(asked) != "" && firstLabel(asked) != firstLabel(org)
	}
}

func (p *Provider) isShared(host string) bool {
	return slices.ContainsFunc(p.Identity.Orgs, func(o Orgs) bool { return o.Login == host })
}

// homeOf is the shared host for an org's own host, or "".
func (p *Provider) homeOf(org string) string {
	for _, o := range p.Identity.Orgs {
		if OneOf(o.Hosts, org) {
			return o.Login
		}
	}
	return ""
}

func hostIn(address string) string {
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
