// Package endpoints finds out where the endpoints and APIs of a provider are, and which hosts may
// get a token.
package endpoints

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"

	"github.com/freshet-dev/freshet/internal/urls"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// At returns the provider's endpoints at an issuer. Parts are read from the issuer, given, or have
// a default. An endpoint that lacks a part is left out.
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
func At(p *provider.Provider, issuer string, parts map[string]string) oauth.Endpoints {
	known, base := true, issuer // known: parts may be filled in
	switch {
	case issuer != "" && len(p.Parts) > 0:
		var read map[string]string
		read, known = parseParts(p, p.Issuer, issuer)
		parts, known = overlay(parts, read), known || p.Issuer == "" && len(parts) > 0
	case issuer == "" && p.Identity == nil:
		base = Issuer(p, parts)
	}
	if !known && strings.Contains(p.Issuer, "{") && !hasIssuersPath(p, issuer) {
		base = ""
	}
	var own oauth.Endpoints
	if known {
		own = cloud(p, parts).Endpoints
	}
	endpoint := func(own, template string) string {
		if !known && strings.Contains(template, "{") {
			return ""
		}
		return cmp.Or(own, fill(p, urls.Resolve(base, template), parts))
	}
	return oauth.Endpoints{
		Issuer:        issuer,
		Authorization: endpoint(own.Authorization, p.Endpoints.Authorization),
		Token:         endpoint(own.Token, p.Endpoints.Token),
		Device:        endpoint(own.Device, p.Endpoints.Device),
		Revocation:    endpoint(own.Revocation, p.Endpoints.Revocation),
		Introspection: endpoint(own.Introspection, p.Endpoints.Introspection),
		Userinfo:      endpoint(own.Userinfo, p.Endpoints.Userinfo),
		JWKS:          endpoint(own.JWKS, p.Endpoints.JWKS),
	}
}

// ForTokenEndpoint returns the endpoints of the server that has the given token endpoint.
//
//	token                                             endpoints
//	ends with the provider's, which is a path         at the issuer before the path
//	matches the provider's, which has parts           with the same parts
//	does not match the provider's, which has parts    none
//	any other                                         at the default issuer
func ForTokenEndpoint(p *provider.Provider, token string, given map[string]string) oauth.Endpoints {
	issuer, onIssuer := strings.CutSuffix(token, p.Endpoints.Token)
	read, ok := parseParts(p, tokenEndpoint(p), token)
	switch {
	case p.Endpoints.Token == "":
		return At(p, "", given)
	case onIssuer && strings.HasPrefix(p.Endpoints.Token, "/"):
		return At(p, issuer, given)
	case Vary(p) && !ok:
		return oauth.Endpoints{}
	}
	return At(p, "", overlay(given, read))
}

// FollowFrom reports whether all of the provider's endpoints follow from the issuer: they are paths
// on any issuer, or the issuer is the provider's with some parts.
func FollowFrom(p *provider.Provider, issuer string) bool {
	isPath := strings.HasPrefix(p.Endpoints.Token, "/")
	if strings.Contains(p.Issuer, "{") {
		_, ok := parseParts(p, p.Issuer, issuer)
		return ok || isPath && hasIssuersPath(p, issuer)
	}
	return isPath
}

// hasIssuersPath reports whether the path of issuer is that of the provider's issuer. The host may
// be a customer's own or a test server, with a port.
func hasIssuersPath(p *provider.Provider, issuer string) bool {
	u, err := url.Parse(issuer)
	if err != nil {
		return false
	}
	_, ok := parseParts(p, p.Issuer, "https://"+u.Hostname()+u.EscapedPath())
	return ok
}

// Issuer returns the default issuer with its parts filled in, or "" if it lacks one.
func Issuer(p *provider.Provider, parts map[string]string) string { return fill(p, p.Issuer, parts) }

// APIBase returns the base of relative addresses, or "" if it lacks a part.
func APIBase(p *provider.Provider, parts map[string]string) string { return fill(p, p.API.Base, parts) }

// Vary reports whether the token endpoint has parts, so that it differs between customers.
func Vary(p *provider.Provider) bool { return strings.Contains(tokenEndpoint(p), "{") }

// tokenEndpoint returns the template of the token endpoint at the default issuer.
func tokenEndpoint(p *provider.Provider) string { return urls.Resolve(p.Issuer, p.Endpoints.Token) }

// Stated returns the provider's token endpoint for one that a saved token states. It
// returns "" if that is not on one of the provider's hosts or lacks a part.
//
// Only the host and the parts of the stated address count, since other parties may have pages on a
// provider's host. Given parts override those that are stated.
func Stated(p *provider.Provider, stated string, given map[string]string) string {
	u, err := url.Parse(stated)
	switch {
	case err != nil, u.Scheme != "https", u.User != nil, u.Host != u.Hostname():
		return ""
	case p.Endpoints.Token == "" || !Owns(p, u.Hostname()):
		return ""
	}
	u.Host = strings.ToLower(u.Host)
	if !Vary(p) {
		return At(p, "https://"+u.Host, nil).Token
	}
	parts, ok := parseParts(p, tokenEndpoint(p), u.String())
	if !ok {
		return ""
	}
	return fill(p, tokenEndpoint(p), overlay(parts, given))
}

// OfToken returns the token endpoint on the host that a saved token names ([provider.Identity]).
// The error says why there is none; it quotes at most a host of the token.
func OfToken(p *provider.Provider, member func(name string) string) (string, error) {
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
	loopback := urls.IsLoopback(host)
	switch {
	case u.User != nil:
		return "", fmt.Errorf("the URL in the token's member %q carries user information before the host %q",
			name, u.Host)
	case !loopback && !Owns(p, host):
		return "", fmt.Errorf("the token's member %q names the host %q, which is not one of %s's",
			name, u.Host, p.Title)
	case !loopback && u.Host != u.Hostname():
		return "", fmt.Errorf("the URL in the token's member %q names a port: %q", name, u.Host)
	case u.Scheme != "https" && !(loopback && u.Scheme == "http"):
		return "", fmt.Errorf("the URL in the token's member %q is not https", name)
	}
	return urls.Resolve(u.Scheme+"://"+strings.ToLower(u.Host), p.Endpoints.Token), nil
}
