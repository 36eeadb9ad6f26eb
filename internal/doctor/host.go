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
	if p.facts.identity == "" || asked == "" {
		return Finding{}, false
	}
	issued, instance := hostOf(p.Token.Member(p.facts.identity)), hostOf(p.Token.Member("instance_url"))
	origin := foreign(asked, issued, instance)
	return Finding{
		Check: tokenHost, Certainty: Likely,
		What:   fmt.Sprintf("this token came from %s, but %s to %s", origin, verb, asked),
		Remedy: "name the host that it came from in Endpoints.Token; if that is right already, log in again",
	}, origin != ""
}

// foreign returns the host that a token came from if that cannot be the one asked, else "". issued is the host of its identity
// URL, which is the login host of production or of the sandboxes even where a My Domain was asked; instance is where its API is.
func foreign(asked, issued, instance string) string {
	switch {
	case issued == "" || asked == issued || asked == instance:
		return ""
	case !isSalesforce(issued):
		return issued
	case !isSalesforce(asked):
		return "" // a custom address of the org, or a gateway
	case isSandbox(asked) != (isSandbox(issued) || isSandbox(instance)):
		return issued
	case isMyDomain(asked) && isMyDomain(instance):
		return instance
	}
	return ""
}

func isSalesforce(host string) bool {
	return strings.HasSuffix(host, ".salesforce.com") || strings.HasSuffix(host, ".my.site.com")
}

func isSandbox(host string) bool {
	return host == "test.salesforce.com" || strings.Contains(host, ".sandbox.my.")
}

func isMyDomain(host string) bool { return strings.HasSuffix(host, ".my.salesforce.com") }

// hostOf is the host of an address, with its port if it has one.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}
