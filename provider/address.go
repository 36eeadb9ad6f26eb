package provider

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

// EndpointsAt returns the vendor's endpoints at an issuer, with the parts filled in that can be read from the issuer, are
// given, or have a default. Without an issuer it is the usual one, unless the vendor's tokens themselves tell where they came
// from: what is a path is then left out. What lacks a part is left out always: so is what has parts when the issuer is one that
// the vendor is not known by, and may publish its endpoints itself; and what is a path, if the vendor's issuers have a shape.
func (p *Provider) EndpointsAt(issuer string, parts map[string]string) oauth.Endpoints {
	known, base := true, issuer
	switch {
	case issuer != "" && len(p.Parts) > 0:
		var read map[string]string
		read, known = p.partsOf(p.Issuer, issuer)
		parts, known = over(read, parts), known || p.Issuer == "" && len(parts) > 0
	case issuer == "" && p.Identity == nil:
		base = p.IssuerWith(parts)
	}
	havePaths := known || !strings.Contains(p.Issuer, "{") || p.hasShape(issuer)
	fill := func(endpoint string) string {
		if !known && strings.Contains(endpoint, "{") || !havePaths && strings.HasPrefix(endpoint, "/") {
			return ""
		}
		return p.filled(at(base, endpoint), parts)
	}
	e, own := p.Endpoints, oauth.Endpoints{}
	if known {
		own = p.cloud(parts).Endpoints
	}
	return oauth.Endpoints{
		Issuer:        issuer,
		Authorization: cmp.Or(own.Authorization, fill(e.Authorization)),
		Token:         cmp.Or(own.Token, fill(e.Token)),
		Device:        cmp.Or(own.Device, fill(e.Device)),
		Revocation:    cmp.Or(own.Revocation, fill(e.Revocation)),
		Introspection: cmp.Or(own.Introspection, fill(e.Introspection)),
		Userinfo:      cmp.Or(own.Userinfo, fill(e.Userinfo)),
		JWKS:          cmp.Or(own.JWKS, fill(e.JWKS)),
	}
}

// FollowsFrom reports whether all of the vendor's endpoints follow from the issuer: it has the shape of the vendor's, with parts
// that can be read from it, or any will do, because they are paths on it.
func (p *Provider) FollowsFrom(issuer string) bool {
	isPath := strings.HasPrefix(p.Endpoints.Token, "/")
	if strings.Contains(p.Issuer, "{") {
		_, read := p.partsOf(p.Issuer, issuer)
		return read || isPath && p.hasShape(issuer)
	}
	return isPath
}

// hasShape reports whether the path of an issuer is like that of the vendor's. The host may have a port, or be a test server.
func (p *Provider) hasShape(issuer string) bool {
	u, err := url.Parse(issuer)
	if err != nil {
		return false
	}
	_, read := p.partsOf(p.Issuer, "https://"+u.Hostname()+u.EscapedPath())
	return read
}

// IssuerWith returns the vendor's usual issuer with its parts filled in, or "" when one is missing.
func (p *Provider) IssuerWith(parts map[string]string) string { return p.filled(p.Issuer, parts) }

// APIBase returns where relative addresses lead, or "" when that is not known.
func (p *Provider) APIBase(parts map[string]string) string { return p.filled(p.API.Base, parts) }

// over is first, and what second has beside it.
func over(first, second map[string]string) map[string]string {
	both := maps.Clone(second)
	if both == nil {
		both = map[string]string{}
	}
	maps.Copy(both, first)
	return both
}

func at(issuer, endpoint string) string {
	switch {
	case !strings.HasPrefix(endpoint, "/"):
		return endpoint
	case issuer == "":
		return ""
	default:
		return strings.TrimSuffix(issuer, "/") + endpoint
	}
}

// filled is the address with its parts, or "" when one of them is neither given nor has a default.
func (p *Provider) filled(address string, parts map[string]string) string {
	if !strings.Contains(address, "{") {
		return address
	}
	var filled strings.Builder
	for literal, name := range pieces(address) {
		filled.WriteString(literal)
		if name == "" {
			continue
		}
		value := cmp.Or(parts[name], p.Parts[name].Default)
		if p.checkPart(name, value) != nil {
			return ""
		}
		filled.WriteString(value)
	}
	return filled.String()
}

// pieces yields what an address consists of: a text, and the name of the part behind it, which is "" at the end.
func pieces(address string) iter.Seq2[string, string] {
	return func(yield func(literal, part string) bool) {
		for rest := address; ; {
			literal, after, ok := strings.Cut(rest, "{")
			part, after, _ := strings.Cut(after, "}")
			if !yield(literal, part) || !ok {
				return
			}
			rest = after
		}
	}
}

// CheckParts reports a part that the vendor does not have, or a value that cannot be one.
func (p *Provider) CheckParts(parts map[string]string) error {
	for name, value := range parts {
		if err := p.checkPart(name, value); err != nil {
			return err
		}
	}
	return nil
}

func (p *Provider) checkPart(name, value string) error {
	part, ok := p.Parts[name]
	switch {
	case !ok:
		return fmt.Errorf("the addresses of %s have no part %q", p.Title, name)
	case len(part.Values) > 0 && !slices.Contains(part.Values, value):
		return fmt.Errorf("the part %q is %q, and may be one of %s", name, text.Printable(value), strings.Join(part.Values, ", "))
	case !isPartValue(value):
		return fmt.Errorf("the part %q cannot be %q: it consists of letters, digits, dots, hyphens and underscores", name, text.Printable(value))
	}
	return nil
}

// isPartValue reports whether a value keeps to its place in an address: no slash, user information, port, query or fragment.
func isPartValue(s string) bool {
	inner := strings.Trim(s, "._-")
	return s != "" && len(inner) == len(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("._-", r))
	})
}

// MissingPart returns a part that the addresses need, that is not given and that has no default, with its hint.
func (p *Provider) MissingPart(parts map[string]string) (name, hint string, missing bool) {
	for _, name := range p.PartNames() {
		if parts[name] == "" && p.Parts[name].Default == "" {
			return name, p.Parts[name].Hint, true
		}
	}
	return "", "", false
}

// PartsAfter returns the parts of a login that began with the given ones, whose redirect has the parameters: where an account lives in
// another data centre than the one asked, the redirect names its host. What it names counts only if the vendor's file lists it.
func (p *Provider) PartsAfter(given map[string]string, parameter func(name string) string) map[string]string {
	named := map[string]string{}
	for name, part := range p.Parts {
		value := parameter(part.Redirect)
		if host, ok := strings.CutPrefix(strings.TrimSuffix(value, "/"), "https://"); part.Redirect != "" && ok && slices.Contains(part.Values, host) {
			named[name] = host
		}
	}
	if len(named) == 0 {
		return given
	}
	return over(named, given)
}

// PartNames lists the parts of the vendor's addresses.
func (p *Provider) PartNames() []string { return slices.Sorted(maps.Keys(p.Parts)) }

// partsOf reads the parts from an address that is the template with parts filled in.
func (p *Provider) partsOf(template, address string) (parts map[string]string, ok bool) {
	if template == "" || address == "" {
		return nil, false
	}
	rest, name := strings.TrimSuffix(address, "/"), ""
	parts = map[string]string{}
	for literal, next := range pieces(strings.TrimSuffix(template, "/")) {
		var value, after string
		var found bool
		switch {
		case name == "":
			after, found = strings.CutPrefix(rest, literal)
		case literal == "" && next == "":
			value, found = rest, true
		default:
			value, after, found = strings.Cut(rest, literal)
		}
		if !found || name != "" && p.checkPart(name, value) != nil {
			return nil, false
		}
		if name != "" {
			if was, twice := parts[name]; twice && was != value {
				return nil, false
			}
			parts[name] = value
		}
		rest, name = after, next
	}
	return parts, rest == ""
}

// Owns reports whether host, without a port, is one of the vendor's own names. No IP address and no name outside ASCII is.
func (p *Provider) Owns(host string) bool { return OneOf(p.Hosts, host) }

// OneOf reports whether host, without a port, is one of the names, of which one that begins with a dot stands for everything
// below it. What is no host name is none of them, whatever it ends with: url.Parse takes "[fe80::1%25.example.com]" and
// "evil.example;.example.com" for hosts.
func OneOf(names []string, host string) bool {
	if !isHostName(host) {
		return false
	}
	host = strings.ToLower(host)
	return slices.ContainsFunc(names, func(own string) bool {
		if strings.HasPrefix(own, ".") {
			return len(host) > len(own) && strings.HasSuffix(host, own)
		}
		return host == own
	})
}

// isHostName reports whether host consists of labels of ASCII letters, digits and hyphens (RFC 1123 §2.1), none of which stands for
// others (RFC 5890 §2.3.1).
func isHostName(host string) bool {
	if len(host) > 253 {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.HasPrefix(strings.ToLower(label), "xn--") ||
			strings.ContainsFunc(label, func(r rune) bool {
				return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-')
			}) {
			return false
		}
	}
	return true
}

// StatedEndpoint returns the vendor's token endpoint for the one that a saved token states, or "" when that is not on a host
// of the vendor's, or does not say all that the endpoint depends on. Only the host and the parts of the stated address count, a
// part that is given more than it: on a vendor's host others may have pages of their own.
func (p *Provider) StatedEndpoint(stated string, given map[string]string) string {
	u, err := url.Parse(stated)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Host != u.Hostname() || p.Endpoints.Token == "" || !p.Owns(u.Hostname()) {
		return ""
	}
	u.Host = strings.ToLower(u.Host)
	if !p.Varies() {
		return p.EndpointsAt("https://"+u.Host, nil).Token
	}
	parts, ok := p.partsOf(p.tokenEndpoint(), u.String())
	if !ok {
		return ""
	}
	return p.filled(p.tokenEndpoint(), over(given, parts))
}

// tokenEndpoint is the token endpoint with its parts, at the usual issuer if it is a path.
func (p *Provider) tokenEndpoint() string { return at(p.Issuer, p.Endpoints.Token) }

// Varies reports whether the token endpoint has parts, and so is another for other customers.
func (p *Provider) Varies() bool { return strings.Contains(p.tokenEndpoint(), "{") }

// EndpointsBeside returns the endpoints of the server whose token endpoint it is, as far as that tells their parts. Of one that
// the vendor is not known by, where it varies, nothing follows.
func (p *Provider) EndpointsBeside(token string, given map[string]string) oauth.Endpoints {
	base, onIssuer := strings.CutSuffix(token, p.Endpoints.Token)
	read, ok := p.partsOf(p.tokenEndpoint(), token)
	switch {
	case p.Endpoints.Token == "":
		return p.EndpointsAt("", given)
	case onIssuer && strings.HasPrefix(p.Endpoints.Token, "/"):
		return p.EndpointsAt(base, given)
	case p.Varies() && !ok:
		return oauth.Endpoints{}
	}
	return p.EndpointsAt("", over(read, given))
}

// TokenEndpoint returns the token endpoint that follows from a saved token. The error says why none does; it never
// quotes more of the token than a host.
func (p *Provider) TokenEndpoint(member func(name string) string) (string, error) {
	if p.Identity == nil {
		return "", fmt.Errorf("a token of provider %q does not say where it came from", p.Name)
	}
	name := p.Identity.Member
	value := member(name)
	if value == "" {
		return "", fmt.Errorf("the token has no member %q to tell its host from", name)
	}
	u, err := url.Parse(value)
	if err != nil {
		return "", fmt.Errorf("the token's member %q is not a URL", name)
	}
	host := strings.ToLower(u.Hostname())
	loopback := oauth.IsLoopback(host)
	switch {
	case u.User != nil:
		return "", fmt.Errorf("the URL in the token's member %q carries user information before the host %q", name, u.Host)
	case !loopback && !p.Owns(host):
		return "", fmt.Errorf("the token's member %q names the host %q, which is not one of %s's", name, u.Host, p.Title)
	case !loopback && u.Host != u.Hostname():
		return "", fmt.Errorf("the URL in the token's member %q names a port: %q", name, u.Host)
	case u.Scheme != "https" && !(loopback && u.Scheme == "http"):
		return "", fmt.Errorf("the URL in the token's member %q is not https", name)
	}
	return at(u.Scheme+"://"+strings.ToLower(u.Host), p.Endpoints.Token), nil
}
