package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/internal/urls"
	"github.com/freshet-dev/freshet/oauth"
)

// isHost reports whether s is a host as files write it.
func isHost(s string) bool {
	name, isSuffix := strings.CutPrefix(s, ".")
	return urls.IsHost(name) && s == strings.ToLower(s) && (!isSuffix || strings.Contains(name, "."))
}

// addresses returns the issuer, the endpoints and the API's base, by member. Empty ones are left
// out.
func (p *Provider) addresses() map[string]string {
	all := map[string]string{"issuer": p.Issuer, "api.base": p.API.Base}
	for member, address := range endpointsByMember(p.Endpoints) {
		all["endpoints."+member] = address
	}
	maps.DeleteFunc(all, func(_, address string) bool { return address == "" })
	return all
}

func endpointsByMember(e oauth.Endpoints) map[string]string {
	all := map[string]string{
		"authorization_endpoint":        e.Authorization,
		"token_endpoint":                e.Token,
		"device_authorization_endpoint": e.Device,
		"revocation_endpoint":           e.Revocation,
		"introspection_endpoint":        e.Introspection,
		"userinfo_endpoint":             e.Userinfo,
		"jwks_uri":                      e.JWKS,
	}
	maps.DeleteFunc(all, func(_, address string) bool { return address == "" })
	return all
}

// checkAddresses checks that every address is https, or a path on the issuer, and on a host of the
// provider.
func (p *Provider) checkAddresses(f *faults) {
	addresses := p.addresses()
	for i, host := range p.API.Hosts {
		if strings.Contains(host, "{") {
			addresses[fmt.Sprintf("api.hosts.%d", i)] = "https://" + host
		}
	}
	if len(p.API.HeaderHosts) > 0 && p.API.Header == "" {
		f.add(`"api.header_hosts" has no effect without "api.header"`)
	}
	for _, host := range slices.Concat(p.Hosts, p.API.Hosts, p.API.HeaderHosts) {
		if !isHost(host) && !strings.Contains(host, "{") {
			f.add("%q is not a host in lower case, with a leading dot for all below it", host)
		}
	}
	for name, address := range addresses {
		filled := ""
		for literal, part := range urls.Pieces(address) {
			if filled += literal; part == "" {
				continue
			}
			if _, ok := p.Parts[part]; !ok {
				f.add(`%q has the part {%s}, which "parts" does not have`, name, part)
			}
			filled += "part"
		}
		if strings.HasPrefix(address, "/") && name != "issuer" && name != "api.base" {
			continue
		}
		u, err := urls.Parse("the token endpoint", filled)
		switch {
		case err != nil || u.Scheme != "https":
			f.add("%q is %q: it must be an https address, or a path on the issuer", name, address)
		case filled != address || len(p.Hosts) == 0 || urls.MatchHost(u.Hostname(), p.Hosts):
		case name == "endpoints.token_endpoint": // its host decides where its tokens may go ([API.Base])
			f.add(`%q is on %s, which "hosts" does not have`, name, u.Hostname())
		case !urls.MatchHost(u.Hostname(), p.API.Hosts):
			f.add(`%q is on %s, which neither "hosts" nor "api.hosts" has`, name, u.Hostname())
		}
	}
	if p.Endpoints.Issuer != "" {
		f.add(`"endpoints.issuer" is not allowed: use "issuer"`)
	}
	if i := p.Identity; i != nil &&
		(i.Member == "" || !strings.HasPrefix(i.PathPrefix, "/") || !strings.HasPrefix(p.Endpoints.Token, "/")) {
		f.add(`"identity" needs a "member", a "path_prefix" with a leading slash, and a token endpoint that is a path`)
	}
}

func (p *Provider) checkParts(f *faults) {
	templates := strings.Join(slices.Concat(slices.Collect(maps.Values(p.addresses())), p.API.Hosts), " ")
	for name, part := range p.Parts {
		switch {
		case !strings.Contains(templates, "{"+name+"}") && len(part.Clouds) == 0:
			f.add(`"parts.%s" is in no address`, name)
		case part.Hint == "":
			f.add(`"parts.%s.hint" is missing: what it is, and where a person finds it`, name)
		case part.Redirect != "" && len(part.Values) == 0:
			f.add(`"parts.%s.redirect" needs "values": no redirect may name any other host`, name)
		case part.Redirect != "" && strings.Contains(p.Issuer, "{"+name+"}"):
			f.add(`"parts.%s.redirect" has no effect: "issuer" has the part, and a login ends at its issuer`, name)
		case part.Default != "":
			if err := urls.CheckValue(name, part.Default, part.Values); err != nil {
				f.add("%w", err)
			}
		}
	}
}

// checkClouds checks that clouds share no address and no host.
func (p *Provider) checkClouds(f *faults) {
	parts := 0
	for name, part := range p.Parts {
		if len(part.Clouds) == 0 {
			continue
		}
		parts++
		at := fmt.Sprintf("parts.%s.clouds", name)
		for _, value := range part.Values {
			if !slices.ContainsFunc(part.Clouds, func(c Cloud) bool { return slices.Contains(c.Values, value) }) {
				f.add("none of %q is for %q", at, value)
			}
		}
		for i, c := range part.Clouds {
			others := slices.Concat(part.Clouds[:i], part.Clouds[i+1:])
			for _, value := range c.Values {
				taken := slices.ContainsFunc(others, func(o Cloud) bool { return slices.Contains(o.Values, value) })
				if taken || !slices.Contains(part.Values, value) {
					f.add(`"%s.%d" is for %q: it must be one of "parts.%s.values", and no other cloud's`,
						at, i, value, name)
				}
			}
			for _, host := range c.Hosts {
				if !isHost(host) {
					f.add("%q is not a host in lower case, with a leading dot for all below it", host)
				}
				if slices.ContainsFunc(others, func(o Cloud) bool { return overlap(o.Hosts, host) }) {
					f.add(`"%s.%d" has %s, which is another cloud's`, at, i, host)
				}
			}
			if c.Endpoints.Issuer != "" {
				f.add(`"%s.%d.endpoints.issuer" is not allowed: "issuer" has the part in it`, at, i)
			}
			for member, address := range endpointsByMember(c.Endpoints) {
				hosts := c.Hosts
				if member == "authorization_endpoint" { // it gets no token
					hosts = slices.Concat(hosts, p.Hosts)
				}
				u, err := urls.Parse("the token endpoint", address)
				switch {
				case err != nil || u.Scheme != "https" || !urls.MatchHost(u.Hostname(), hosts):
					f.add(`"%s.%d.endpoints.%s" is %q: it must be an https address on one of the cloud's "api_hosts"`,
						at, i, member, address)
				case endpointsByMember(p.Endpoints)[member] != "":
					f.add(`"endpoints.%s" is for all clouds, and "%s.%d" has another`, member, at, i)
				}
			}
		}
	}
	if parts > 1 {
		f.add(`only one part may have "clouds"`)
	}
	if parts > 0 && len(p.API.Hosts) > 0 {
		f.add(`"api.hosts" are for all clouds: move each to the "api_hosts" of its cloud`)
	}
}

// overlap reports whether some host is in names and also is host or below it.
func overlap(names []string, host string) bool {
	return urls.MatchHost(strings.TrimPrefix(host, "."), names) || slices.ContainsFunc(names, func(name string) bool {
		return name == host || urls.MatchHost(strings.TrimPrefix(name, "."), []string{host})
	})
}

// checkHostParts checks that a part in the host of the token endpoint is in every other host. A
// host without the part would get the tokens of every tenant, data centre or cloud.
func (p *Provider) checkHostParts(f *faults) {
	hosts := map[string]string{}
	for name, address := range p.addresses() {
		if strings.HasPrefix(address, "https://") {
			hosts[name] = hostTemplate(address)
		}
	}
	for i, host := range p.API.Hosts {
		hosts[fmt.Sprintf("api.hosts.%d", i)] = host
	}
	for _, part := range urls.Pieces(hostTemplate(urls.Resolve(p.Issuer, p.Endpoints.Token))) {
		for name, host := range hosts {
			if part != "" && !strings.Contains(host, "{"+part+"}") {
				f.add(`%q is on %s for every {%s}: it must have that part, or be in "clouds" of the part`,
					name, host, part)
			}
		}
	}
}

// hostTemplate returns the host of an address, which may have parts.
func hostTemplate(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	return host
}
