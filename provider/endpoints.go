package provider

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"

	"github.com/freshet-dev/freshet/oauth"
)

// EndpointsAt returns the provider's endpoints at an issuer. Parts are read from the issuer, given,
// or have a default. An endpoint that lacks a part is left out.
//
//	issuer                                      paths are on        endpoints with parts
//	""                                          the default issuer  filled in
//	"", and tokens name their host (Identity)   left out            filled in
//	any, and the provider has no parts          issuer              (there are none)
//	any, p.Issuer is "", and parts are given    issuer              filled in
//	matches p.Issuer                            issuer              filled in
//	has the path of p.Issuer, which has parts   issuer              left out
//	another, and p.Issuer has parts             left out            left out
//	another, and p.Issuer has no parts          issuer              left out
//
// What is left out may be in the issuer's discovery document (RFC 8414).
func (p *Provider) EndpointsAt(issuer string, parts map[string]string) oauth.Endpoints {
	known, base := true, issuer // known: parts may be filled in
	switch {
	case issuer != "" && len(p.Parts) > 0:
		var read map[string]string
		read, known = p.parseParts(p.Issuer, issuer)
		parts, known = overlay(parts, read), known || p.Issuer == "" && len(parts) > 0
	case issuer == "" && p.Identity == nil:
		base = p.IssuerWith(parts)
	}
	if !known && strings.Contains(p.Issuer, "{") && !p.hasIssuersPath(issuer) {
		base = ""
	}
	var cloud oauth.Endpoints
	if known {
		cloud = p.cloud(parts).Endpoints
	}
	endpoint := func(cloud, template string) string {
		if !known && strings.Contains(template, "{") {
			return ""
		}
		return cmp.Or(cloud, p.fill(resolve(base, template), parts))
	}
	return oauth.Endpoints{
		Issuer:        issuer,
		Authorization: endpoint(cloud.Authorization, p.Endpoints.Authorization),
		Token:         endpoint(cloud.Token, p.Endpoints.Token),
		Device:        endpoint(cloud.Device, p.Endpoints.Device),
		Revocation:    endpoint(cloud.Revocation, p.Endpoints.Revocation),
		Introspection: endpoint(cloud.Introspection, p.Endpoints.Introspection),
		Userinfo:      endpoint(cloud.Userinfo, p.Endpoints.Userinfo),
		JWKS:          endpoint(cloud.JWKS, p.Endpoints.JWKS),
	}
}

// EndpointsBeside returns the endpoints of the server that has the given token endpoint.
//
//	token                                             endpoints
//	ends with the provider's, which is a path         at the issuer before the path
//	matches the provider's, which has parts           with the same parts
//	does not match the provider's, which has parts    none
//	any other                                         at the default issuer
func (p *Provider) EndpointsBeside(token string, given map[string]string) oauth.Endpoints {
	issuer, onIssuer := strings.CutSuffix(token, p.Endpoints.Token)
	read, ok := p.parseParts(p.tokenEndpoint(), token)
	switch {
	case p.Endpoints.Token == "":
		return p.EndpointsAt("", given)
	case onIssuer && strings.HasPrefix(p.Endpoints.Token, "/"):
		return p.EndpointsAt(issuer, given)
	case p.Varies() && !ok:
		return oauth.Endpoints{}
	}
	return p.EndpointsAt("", overlay(given, read))
}

// FollowsFrom reports whether the issuer determines all of the provider's endpoints: they are paths
// on any issuer, or the issuer is the provider's with some parts.
func (p *Provider) FollowsFrom(issuer string) bool {
	isPath := strings.HasPrefix(p.Endpoints.Token, "/")
	if strings.Contains(p.Issuer, "{") {
		_, ok := p.parseParts(p.Issuer, issuer)
		return ok || isPath && p.hasIssuersPath(issuer)
	}
	return isPath
}

// hasIssuersPath reports whether the path of issuer is that of the provider's issuer. The host may
// be a customer's own or a test server, with a port.
func (p *Provider) hasIssuersPath(issuer string) bool {
	u, err := url.Parse(issuer)
	if err != nil {
		return false
	}
	_, ok := p.parseParts(p.Issuer, "https://"+u.Hostname()+u.EscapedPath())
	return ok
}

// IssuerWith returns the default issuer with its parts filled in, or "" if it lacks one.
func (p *Provider) IssuerWith(parts map[string]string) string { return p.fill(p.Issuer, parts) }

// APIBase returns the base of relative addresses, or "" if it lacks a part.
func (p *Provider) APIBase(parts map[string]string) string { return p.fill(p.API.Base, parts) }

// Varies reports whether the token endpoint has parts, so that it differs between customers.
func (p *Provider) Varies() bool { return strings.Contains(p.tokenEndpoint(), "{") }

// tokenEndpoint returns the template of the token endpoint at the default issuer.
func (p *Provider) tokenEndpoint() string { return resolve(p.Issuer, p.Endpoints.Token) }

// resolve returns endpoint, on the issuer if it is a path. It returns "" for a path without an
// issuer.
func resolve(issuer, endpoint string) string {
	switch {
	case !strings.HasPrefix(endpoint, "/"):
		return endpoint
	case issuer == "":
		return ""
	default:
		return strings.TrimSuffix(issuer, "/") + endpoint
	}
}

// StatedEndpoint returns the provider's token endpoint for one that a saved token states. It
// returns "" if that is not on one of the provider's hosts or lacks a part.
//
// Only the host and the parts of the stated address count, since other parties may have pages on a
// provider's host. Given parts override those that are stated.
func (p *Provider) StatedEndpoint(stated string, given map[string]string) string {
	u, err := url.Parse(stated)
	switch {
	case err != nil, u.Scheme != "https", u.User != nil, u.Host != u.Hostname():
		return ""
	case p.Endpoints.Token == "" || !p.Owns(u.Hostname()):
		return ""
	}
	u.Host = strings.ToLower(u.Host)
	if !p.Varies() {
		return p.EndpointsAt("https://"+u.Host, nil).Token
	}
	parts, ok := p.parseParts(p.tokenEndpoint(), u.String())
	if !ok {
		return ""
	}
	return p.fill(p.tokenEndpoint(), overlay(parts, given))
}

// TokenEndpoint returns the token endpoint on the host that a saved token names ([Identity]). The
// error says why there is none; it quotes at most a host of the token.
func (p *Provider) TokenEndpoint(member func(name string) string) (string, error) {
	if p.Identity == nil {
		return "", fmt.Errorf("a token of provider %q does not name its token endpoint", p.Name)
	}
	name := p.Identity.Member
	value := member(name)
	if value == "" {
		return "", fmt.Errorf("the token has no member %q, which would name its host", name)
	}
	u, err := url.Parse(value)
	if err != nil {
		return "", fmt.Errorf("the token's member %q is not a URL", name)
	}
	host := strings.ToLower(u.Hostname())
	loopback := oauth.IsLoopback(host)
	switch {
	case u.User != nil:
		return "", fmt.Errorf("the URL in the token's member %q carries user information before the host %q",
			name, u.Host)
	case !loopback && !p.Owns(host):
		return "", fmt.Errorf("the token's member %q names the host %q, which is not one of %s's",
			name, u.Host, p.Title)
	case !loopback && u.Host != u.Hostname():
		return "", fmt.Errorf("the URL in the token's member %q names a port: %q", name, u.Host)
	case u.Scheme != "https" && !(loopback && u.Scheme == "http"):
		return "", fmt.Errorf("the URL in the token's member %q is not https", name)
	}
	return resolve(u.Scheme+"://"+strings.ToLower(u.Host), p.Endpoints.Token), nil
}
