package provider

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// builtin lists every vendor that has a file here. A vendor is recognized in this order.
var builtin = []*Provider{&salesforce, &google, &Generic}

// Provider is what is known about one vendor. Read-only.
type Provider struct {
	Name  string // as --provider takes it: "salesforce"
	Title string // as people write it: "Salesforce"

	// Hosts are the vendor's own. One that begins with a dot stands for everything below it.
	Hosts []string
	// Issuer is where people log in unless they name another address: "https://login.salesforce.com".
	Issuer string
	// Endpoints are the vendor's: absolute, or paths on the issuer.
	Endpoints oauth.Endpoints
	// Identity says how a token endpoint follows from a saved token; nil when it does not.
	Identity *Identity
	// Login is what a login at the vendor needs beyond the RFCs.
	Login Login
	// ClientIDHint tells a person where to find the client id.
	ClientIDHint string

	// AssumedLifetime is how long an access token is taken to live when neither it nor the reply says.
	AssumedLifetime time.Duration
	// IdleLimit is how long a refresh token may stay unused; 0 when no limit is known.
	IdleLimit time.Duration
	// Grace is how long after a rotation the previous refresh token is still answered; 0 when it is not, or not known.
	Grace time.Duration

	// API says where access tokens go, and how an API refuses one.
	API API

	// SignsIdentity says that replies carry a signature over id and issued_at, keyed with the client secret.
	SignsIdentity bool
	// AccessTokenVars are environment variables that the vendor's own tools read an access token from.
	AccessTokenVars []string
	// Harmless are members of its replies, beyond the standard ones, that may be shown.
	Harmless []string
	// Refusals are its errors, the more special first.
	Refusals []Refusal
}

// Login says how people log in at a vendor.
type Login struct {
	// Scopes are asked for when the user names none, so that a refresh token comes back.
	Scopes []string
	// Params are added to the authorization request.
	Params map[string]string
	// RedirectURI is the loopback address to register and to listen at, where the vendor compares it with its port. "" takes
	// any free port of 127.0.0.1 (RFC 8252 §7.3).
	RedirectURI string
	// Challenge is the PKCE method where S256 is not understood: "plain", or "none".
	Challenge string
	// DeviceAtTokenEndpoint: the device flow asks the token endpoint for a code, with response_type device_code, and then with
	// grant_type device.
	DeviceAtTokenEndpoint bool
	// Hint tells a person what to set up at the vendor before the first login.
	Hint string
}

// API is what is known of a vendor's APIs.
type API struct {
	// Hosts are those of the APIs, beside [Provider.Hosts]. One that begins with a dot stands for everything below it.
	Hosts []string
	// Members are those of a token that name the hosts which that token is for; no other host gets it. The first is where a
	// relative address leads. None: a token is for all of the vendor's hosts.
	Members []string
	// Rejections are the answers by which an API refuses an access token, beside status 401 (RFC 6750 §3.1).
	Rejections []Rejection
}

// Rejection is a status with a text in the answer's body.
type Rejection struct {
	Status int
	Text   string
}

// Identity is a member of the reply with a URL on the host that issued the token.
type Identity struct {
	Member     string // "id"
	PathPrefix string // by which such a URL is recognized: "/id/"
}

// Lookup returns the vendor with that name.
func Lookup(name string) (*Provider, bool) {
	for _, p := range builtin {
		if p.Name == name {
			return p, true
		}
	}
	return nil, false
}

// Names lists the vendors.
func Names() []string {
	var names []string
	for _, p := range builtin {
		names = append(names, p.Name)
	}
	return names
}

// Recognize tells the vendor from a saved token, whose string members member returns, and from the token endpoint, which
// may be "". It returns [Generic] when nothing gives the vendor away.
func Recognize(member func(name string) string, endpoint string) *Provider {
	u, err := url.Parse(endpoint)
	for _, p := range builtin {
		if err == nil && p.Owns(u.Hostname()) || p.issued(member) {
			return p
		}
	}
	return &Generic
}

// issued reports whether a token looks like one of p's. It may lie: nothing is sent anywhere on its word alone.
func (p *Provider) issued(member func(string) string) bool {
	if p.Identity == nil {
		return false
	}
	u, err := url.Parse(member(p.Identity.Member))
	return err == nil && u.Host != "" && strings.HasPrefix(u.Path, p.Identity.PathPrefix)
}

// Owns reports whether host, without a port, is one of the vendor's own names. No IP address and no name outside ASCII is.
func (p *Provider) Owns(host string) bool { return OneOf(p.Hosts, host) }

// OneOf reports whether host, without a port, is one of the names, of which one that begins with a dot stands for everything
// below it. No name outside ASCII is.
func OneOf(names []string, host string) bool {
	host = strings.ToLower(host)
	if strings.Contains(host, "xn--") || strings.ContainsFunc(host, func(r rune) bool { return r > 127 }) {
		return false
	}
	return slices.ContainsFunc(names, func(own string) bool {
		if strings.HasPrefix(own, ".") {
			return len(host) > len(own) && strings.HasSuffix(host, own)
		}
		return host == own
	})
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

// EndpointsAt returns the vendor's endpoints at an issuer. Those that are paths are left out when issuer is "".
func (p *Provider) EndpointsAt(issuer string) oauth.Endpoints {
	e := p.Endpoints
	return oauth.Endpoints{
		Issuer:        issuer,
		Authorization: at(issuer, e.Authorization),
		Token:         at(issuer, e.Token),
		Device:        at(issuer, e.Device),
		Revocation:    at(issuer, e.Revocation),
		Introspection: at(issuer, e.Introspection),
		Userinfo:      at(issuer, e.Userinfo),
		JWKS:          at(issuer, e.JWKS),
	}
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
