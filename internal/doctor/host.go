package doctor

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/freshet-dev/freshet"
)

const tokenHost = "token-host"

// wrongHost compares where the token came from, as far as it says, with where it is sent. What and Certainty are for a warning.
func (p *patient) wrongHost() (Finding, bool) { return p.sentTo("is sent", hostOf(p.endpoint)) }

func (p *patient) afterWrongHost(f freshet.Failure, _ []time.Time) (Finding, bool) {
	return p.sentTo("was sent", cmp.Or(p.failedEntry(f).Host, hostOf(p.endpoint)))
}

func (p *patient) sentTo(verb, asked string) (Finding, bool) {
	origin, homes := p.foreign(asked)
	return Finding{
		Check: tokenHost, Certainty: Likely,
		What:   fmt.Sprintf("this token came from %s, but %s to %s", origin, verb, asked),
		Remedy: fmt.Sprintf("refresh it at %s: name that address in Endpoints.Token; if it is refused there, too, log in again", homes),
	}, origin != ""
}

// foreign returns the host that the token came from if that cannot be the one asked, else "", and where it can be refreshed.
func (p *patient) foreign(asked string) (origin, homes string) {
	if p.facts.identity == "" || asked == "" {
		return "", ""
	}
	vendor := p.Vendor()
	if astray, ok := vendor.Astray(p.Token.Member, asked); ok {
		return astray.Org, astray.Homes()
	}
	issued, instance := hostOf(p.Token.Member(p.facts.identity)), hostOf(p.Token.Member("instance_url"))
	if issued == "" || asked == issued || asked == instance || vendor.Owns(issued) {
		return "", ""
	}
	return issued, issued // of a server that is not the vendor's own: a test's
}

// hostOf is the host of an address, with its port if it has one.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}
