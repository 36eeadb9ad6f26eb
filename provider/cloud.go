package provider

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/oauth"
)

// Cloud is what differs in one of a provider's isolated clouds, data centres or environments. A token of one is for its own
// endpoints and hosts, and for no other's.
type Cloud struct {
	Values []string `json:"values"` // of the part, which mean this cloud
	// Endpoints are those that are another in every cloud. No page of a cloud without one is asked in its place.
	Endpoints oauth.Endpoints `json:"endpoints,omitzero"`
	// Hosts are those of the cloud's APIs, as [API.Hosts] has them.
	Hosts []string `json:"api_hosts"`
}

// cloud returns the one that the parts mean. It is the zero Cloud where the provider has none.
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

// HostSpecific reports whether the provider's data say which of its hosts a token is for: not all of them.
func (p *Provider) HostSpecific() bool {
	hasPart := func(host string) bool { return strings.Contains(host, "{") }
	return len(p.API.Members) > 0 || hasPart(p.API.Base) || slices.ContainsFunc(p.API.Hosts, hasPart) || p.hasClouds()
}

func (p *Provider) hasClouds() bool {
	for _, part := range p.Parts {
		if len(part.Clouds) > 0 {
			return true
		}
	}
	return false
}

// HostsFor returns the API hosts of a provider that is [Provider.HostSpecific] for a token from the endpoint: those of its cloud,
// and those whose name follows from the parts. There are none where the endpoint does not tell the parts.
func (p *Provider) HostsFor(tokenEndpoint string, given map[string]string) []string {
	parts, known := given, true
	if p.Varies() {
		var read map[string]string
		read, known = p.partsOf(p.tokenEndpoint(), tokenEndpoint)
		parts = over(read, given)
	}
	if !known {
		return nil
	}
	hosts := slices.Clone(p.cloud(parts).Hosts)
	for _, host := range p.API.Hosts {
		if strings.Contains(host, "{") {
			if host = p.filled(host, parts); host != "" {
				hosts = append(hosts, strings.ToLower(host))
			}
		}
	}
	return hosts
}

// checkClouds holds that no address of one cloud is another's.
func (p *Provider) checkClouds() error {
	var broken []error
	fault := func(format string, a ...any) { broken = append(broken, fmt.Errorf(format, a...)) }
	with := 0
	for name, part := range p.Parts {
		if len(part.Clouds) == 0 {
			continue
		}
		with++
		at := fmt.Sprintf("parts.%s.clouds", name)
		for _, value := range part.Values {
			if !slices.ContainsFunc(part.Clouds, func(c Cloud) bool { return slices.Contains(c.Values, value) }) {
				fault("none of %q is for %q", at, value)
			}
		}
		for i, c := range part.Clouds {
			others := slices.Concat(part.Clouds[:i], part.Clouds[i+1:])
			for _, value := range c.Values {
				if !slices.Contains(part.Values, value) || slices.ContainsFunc(others, func(o Cloud) bool { return slices.Contains(o.Values, value) }) {
					fault(`"%s.%d" is for %q: it must be one of "parts.%s.values", and no other cloud's`, at, i, value, name)
				}
			}
			for _, host := range c.Hosts {
				if !isHost(host) {
					fault("%q is not a host in lower case, with a dot before it for everything below", host)
				}
				if slices.ContainsFunc(others, func(o Cloud) bool { return overlap(o.Hosts, host) }) {
					fault(`"%s.%d" has %s, which is another cloud's`, at, i, host)
				}
			}
			if c.Endpoints.Issuer != "" {
				fault(`"%s.%d.endpoints.issuer" is not read: "issuer" has the part in it`, at, i)
			}
			for member, address := range addressesOf(c.Endpoints) {
				u, err := oauth.ParseEndpoint(address)
				switch {
				case err != nil || u.Scheme != "https" || !OneOf(c.Hosts, u.Hostname()):
					fault(`"%s.%d.endpoints.%s" is %q: it must be an https address on one of the cloud's "api_hosts"`, at, i, member, address)
				case addressesOf(p.Endpoints)[member] != "":
					fault(`"endpoints.%s" is for all clouds, and "%s.%d" has another`, member, at, i)
				}
			}
		}
	}
	if with > 1 {
		fault(`"clouds" may be in one part only`)
	}
	if with > 0 && len(p.API.Hosts) > 0 {
		fault(`"api.hosts" are for all clouds: put each into the "api_hosts" of its own`)
	}
	return errors.Join(append(broken, p.checkHostParts())...)
}

// overlap reports whether one of the names, or what is below it, is below host or is host itself.
func overlap(names []string, host string) bool {
	return OneOf(names, strings.TrimPrefix(host, ".")) ||
		slices.ContainsFunc(names, func(name string) bool { return name == host || OneOf([]string{host}, strings.TrimPrefix(name, ".")) })
}

// checkHostParts holds that a token whose endpoint has a part in its host goes to no host without it: that would be the same one for
// every tenant, data centre or cloud.
func (p *Provider) checkHostParts() error {
	var parts []string
	for _, part := range pieces(hostTemplate(p.tokenEndpoint())) {
		if part != "" {
			parts = append(parts, "{"+part+"}")
		}
	}
	hosts := map[string]string{}
	for name, address := range p.addresses() {
		if strings.HasPrefix(address, "https://") {
			hosts[name] = hostTemplate(address)
		}
	}
	for i, host := range p.API.Hosts {
		hosts[fmt.Sprintf("api.hosts.%d", i)] = host
	}
	var broken []error
	for name, host := range hosts {
		for _, part := range parts {
			if !strings.Contains(host, part) {
				broken = append(broken, fmt.Errorf(
					`%q is on %s for every %s: it must have that part, or stand in "clouds" of the part`, name, host, part))
			}
		}
	}
	return errors.Join(broken...)
}

// hostTemplate is the host of an address that may have parts in it.
func hostTemplate(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	return host
}
