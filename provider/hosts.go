package provider

import (
	"cmp"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/oauth"
)

// Owns reports whether host, without a port, belongs to the provider. It is false for every IP
// address and every name that is not ASCII.
func (p *Provider) Owns(host string) bool { return OneOf(p.Hosts, host) }

// OneOf reports whether host, without a port, is one of names or, for a name with a leading dot, is
// below it. It is false for anything that is not a host name: url.Parse accepts hosts such as
// "[fe80::1%25.example.com]" and "evil.example;.example.com".
func OneOf(names []string, host string) bool {
	if !isHostName(host) {
		return false
	}
	host = strings.ToLower(host)
	return slices.ContainsFunc(names, func(name string) bool {
		if strings.HasPrefix(name, ".") {
			return len(host) > len(name) && strings.HasSuffix(host, name)
		}
		return host == name
	})
}

// isHostName reports whether host consists of labels of ASCII letters, digits and hyphens (RFC 1123
// §2.1), and no label is an A-label, which stands for other characters (RFC 5890 §2.3.1).
func isHostName(host string) bool {
	if len(host) > 253 {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		switch {
		case label == "", len(label) > 63, strings.Trim(label, "-") != label:
			return false
		case strings.HasPrefix(strings.ToLower(label), "xn--"):
			return false
		case strings.ContainsFunc(label, func(r rune) bool { return !isLetterOrDigit(r) && r != '-' }):
			return false
		}
	}
	return true
}

// Cloud is one of the isolated clouds, data centres or environments of a provider. A token of a
// cloud is for the cloud's endpoints and hosts only.
type Cloud struct {
	Values []string `json:"values"` // the values of the part that select this cloud
	// Endpoints are the endpoints that differ in every cloud. A cloud without one of them has no
	// such endpoint.
	Endpoints oauth.Endpoints `json:"endpoints,omitzero"`
	// Hosts are the hosts of the cloud's APIs, as in [API.Hosts].
	Hosts []string `json:"api_hosts"`
}

// cloud returns the cloud that the parts select, or the zero Cloud if the provider has none.
func (p *Provider) cloud(parts map[string]string) Cloud {
	for name, part := range p.Parts {
		value := cmp.Or(parts[name], part.Default)
		for _, c := range part.Clouds {
			if slices.Contains(c.Values, value) {
				return c
			}
		}
	}
	return Cloud{}
}

// HostSpecific reports whether a token is for some of the provider's hosts only.
func (p *Provider) HostSpecific() bool {
	for _, part := range p.Parts {
		if len(part.Clouds) > 0 {
			return true
		}
	}
	hasPart := func(host string) bool { return strings.Contains(host, "{") }
	return len(p.API.Members) > 0 || hasPart(p.API.Base) || slices.ContainsFunc(p.API.Hosts, hasPart)
}

// HostsFor returns the API hosts for a token from the endpoint, if the provider is
// [Provider.HostSpecific]: those of its cloud, and those with the same parts. It returns none if
// the endpoint does not match the provider's.
func (p *Provider) HostsFor(tokenEndpoint string, given map[string]string) []string {
	parts := given
	if p.Varies() {
		read, ok := p.parseParts(p.tokenEndpoint(), tokenEndpoint)
		if !ok {
			return nil
		}
		parts = overlay(given, read)
	}
	hosts := slices.Clone(p.cloud(parts).Hosts)
	for _, host := range p.API.Hosts {
		if strings.Contains(host, "{") {
			if host = p.fill(host, parts); host != "" {
				hosts = append(hosts, strings.ToLower(host))
			}
		}
	}
	return hosts
}
