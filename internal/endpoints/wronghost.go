package endpoints

import (
	"net/url"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/internal/urls"
	"github.com/freshet-dev/freshet/provider"
)

// WrongHost describes a token that was sent to the wrong host, such as a sandbox's token to the
// host of production, or one org's to another org's host.
type WrongHost struct {
	Asked string // the host that the refresh token was sent to
	Org   string // the host of the token's org
	Home  string // the shared login host that refreshes the org's tokens; "" if unknown
}

// Homes returns the hosts that can refresh the token, for people: "test.salesforce.com or
// acme--dev.sandbox.my.salesforce.com".
func (w *WrongHost) Homes() string {
	if w.Home == "" || w.Home == w.Org {
		return w.Org
	}
	return w.Home + " or " + w.Org
}

// Fill fills the hosts into a cause or a remedy.
func (w *WrongHost) Fill(text string) string {
	return strings.NewReplacer("{asked}", w.Asked, "{org}", w.Org, "{home}", w.Homes()).Replace(text)
}

// CheckHost reports whether the host asked cannot refresh the saved token, whose string members
// member returns. If that is uncertain, it reports false: for example if the provider's file does
// not list the token's host.
func CheckHost(p *provider.Provider, member func(name string) string, asked string) (WrongHost, bool) {
	if p.Identity == nil || len(p.Identity.Orgs) == 0 || !Owns(p, asked) {
		return WrongHost{}, false
	}
	asked = strings.ToLower(asked)
	issuer := hostname(member(p.Identity.Member))
	if isShared(p, asked) && isShared(p, issuer) {
		// More reliable than the name of the org's host, whose form has changed over the years.
		return WrongHost{Asked: asked, Org: issuer, Home: issuer}, issuer != asked
	}
	if len(p.API.Members) == 0 {
		return WrongHost{}, false
	}
	org := hostname(member(p.API.Members[0]))
	w := WrongHost{Asked: asked, Org: org, Home: sharedHost(p, org)}
	switch {
	case w.Home == "":
		return WrongHost{}, false
	case isShared(p, asked):
		return w, asked != w.Home
	default:
		return w, sharedHost(p, asked) != "" && firstLabel(asked) != firstLabel(org)
	}
}

// isShared reports whether the customers of several hosts log in at host.
func isShared(p *provider.Provider, host string) bool {
	return slices.ContainsFunc(p.Identity.Orgs, func(o provider.Orgs) bool { return o.Login == host })
}

// sharedHost returns the shared login host for an org's own host, or "" if unknown.
func sharedHost(p *provider.Provider, org string) string {
	for _, o := range p.Identity.Orgs {
		if urls.MatchHost(org, o.Hosts) {
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
