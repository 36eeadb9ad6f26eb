package endpoints

import (
	"cmp"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/internal/urls"
	"github.com/freshet-dev/freshet/provider"
)

// Owns reports whether host, without a port, belongs to the provider. It is false for every IP
// address and every name that is not ASCII.
func Owns(p *provider.Provider, host string) bool { return urls.MatchHost(host, p.Hosts) }

// cloud returns the cloud that the parts select, or the zero provider.Cloud if the provider has
// none.
func cloud(p *provider.Provider, parts map[string]string) provider.Cloud {
	for name, part := range p.Parts {
		value := cmp.Or(parts[name], part.Default)
		for _, c := range part.Clouds {
			if slices.Contains(c.Values, value) {
				return c
			}
		}
	}
	return provider.Cloud{}
}

// HostSpecific reports whether a token is for some of the provider's hosts only.
func HostSpecific(p *provider.Provider) bool {
	for _, part := range p.Parts {
		if len(part.Clouds) > 0 {
			return true
		}
	}
	hasPart := func(host string) bool { return strings.Contains(host, "{") }
	return len(p.API.Members) > 0 || hasPart(p.API.Base) || slices.ContainsFunc(p.API.Hosts, hasPart)
}

// Hosts returns the API hosts for a token from the endpoint, if the provider is [HostSpecific]:
// those of its cloud, and those with the same parts. It returns none if the endpoint does not match
// the provider's.
func Hosts(p *provider.Provider, endpoint string, given map[string]string) []string {
	parts := given
	if Vary(p) {
		read, ok := parseParts(p, tokenEndpoint(p), endpoint)
		if !ok {
			return nil
		}
		parts = overlay(given, read)
	}
	hosts := slices.Clone(cloud(p, parts).Hosts)
	for _, host := range p.API.Hosts {
		if strings.Contains(host, "{") {
			if host = fill(p, host, parts); host != "" {
				hosts = append(hosts, strings.ToLower(host))
			}
		}
	}
	return hosts
}
