package freshet

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// API says where a connection's API is, and so which hosts its access token may be sent to, beside those that the provider and
// the token name. A provider that freshet does not know needs one.
type API struct {
	// Base is where relative addresses lead: "https://api.example.com/v3/". Its host gets the token. It ends with a slash, and an
	// address that begins with one takes the place of its path (RFC 3986 §5.2).
	Base string `json:"base,omitempty"`

	Hosts []string `json:"hosts,omitempty"` // "api.example.com"; ".example.com" stands for everything below it
}

// api is where the connection's API is: as the registration says, or at the vendor's address; and at the hosts of the vendor's that
// are for tokens from this endpoint.
func (c Connection) api() API {
	api, vendor := c.API, c.Vendor()
	if api.Base == "" && vendor.API.Base != "" {
		api.Base = c.vendorsBase(vendor)
	}
	if vendor.HostSpecific() {
		if endpoint, err := c.endpoint(); err == nil {
			api.Hosts = slices.Concat(api.Hosts, vendor.HostsFor(endpoint, c.Parts))
		}
	}
	return api
}

func (c Connection) vendorsBase(vendor *provider.Provider) string {
	base := vendor.APIBase(c.Parts)
	forAll := base == vendor.API.Base
	if base != "" && !forAll {
		return base
	}
	u := c.endpointURL()
	switch {
	case u == nil || !vendor.Owns(u.Host): // another server, whose tokens are not for the vendor's API
		return ""
	case forAll:
		return base
	default: // one for each customer, as the token endpoint's host is
		return "https://" + u.Host + "/"
	}
}

// credential is how a token is shown to APIs, and to which. It never changes.
type presentation struct {
	token         Token
	provider      *provider.Provider
	header        string   // "Authorization", nearly always
	authorization []string // its value
	base          *url.URL // where relative addresses lead; nil when nobody says
	hosts         []string
}

// newPresentation is for a token whose endpoint is on this machine, or is not (local).
func newPresentation(token Token, p *provider.Provider, api API, local bool) *presentation {
	header, value := headerOf(token, p)
	c := &presentation{token: token, provider: p, header: header, authorization: []string{value}, hosts: slices.Clone(api.Hosts)}
	for i, member := range p.API.Members {
		u, err := url.Parse(token.Member(member))
		if err != nil || u.Host == "" || u.User != nil || !isSecure(u) {
			continue
		}
		if ofTestServer := local && oauth.IsLoopback(u.Hostname()); !ofTestServer && !belongs(p, u) {
			continue
		}
		c.hosts = append(c.hosts, u.Host)
		if i == 0 {
			c.base = u
		}
	}
	if u, err := url.Parse(api.Base); err == nil && u.Host != "" {
		c.base, c.hosts = u, append(c.hosts, u.Host)
	}
	return c
}

// Header returns the name and the value of the header that shows the access token to the provider's APIs (RFC 6750 §2.1):
// usually Authorization.
func (c Connection) Header() (name, value string) { return headerOf(c.Token, c.Vendor()) }

func headerOf(token Token, p *provider.Provider) (name, value string) {
	switch {
	case p.API.Header != "":
		return http.CanonicalHeaderKey(p.API.Header), token.AccessToken()
	case p.API.Scheme != "":
		return "Authorization", p.API.Scheme + " " + token.AccessToken()
	default:
		return "Authorization", token.AuthorizationHeader()
	}
}

func (c *presentation) accessToken() oauth.Secret { return oauth.Secret(c.token.AccessToken()) }

// isFor reports whether the token may go to the address; more are hosts that the caller named.
func (c *presentation) allows(u *url.URL, more []string) bool {
	if !isSecure(u) {
		return false
	}
	isIts := func(host string) bool { return matches(host, u) }
	if slices.ContainsFunc(c.hosts, isIts) || slices.ContainsFunc(more, isIts) {
		return true
	}
	return !c.provider.HostSpecific() && belongs(c.provider, u)
}

// isRejection reports whether the response refuses the token.
func (c *presentation) isRejection(res *http.Response) bool {
	if res.StatusCode == http.StatusUnauthorized {
		return true
	}
	var beginning []byte
	for _, r := range c.provider.API.Rejections {
		if r.Status != res.StatusCode {
			continue
		}
		if beginning == nil {
			beginning = peek(res)
		}
		if bytes.Contains(beginning, []byte(r.Text)) {
			return true
		}
	}
	return false
}

// Hosts are named as in the address of an API: "api.example.com", "localhost:8080" with a port that is not the usual one, and
// ".example.com" for everything below it.

// matches reports whether host is the address's. "https://" before a host, and what follows it, count for nothing.
func matches(host string, u *url.URL) bool {
	if host == u.Host {
		return true
	}
	_, after, isURL := strings.Cut(host, "://")
	if isURL {
		host = after
	}
	host, _, _ = strings.Cut(host, "/")
	if strings.HasPrefix(host, ".") {
		return isDefaultPort(u) && provider.OneOf([]string{host}, u.Hostname())
	}
	return strings.EqualFold(strings.TrimSuffix(host, ":443"), hostPort(u))
}

func sameHost(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(hostPort(a), hostPort(b))
}

// hostPort is the address's host, with the port if it is not the usual one.
func hostPort(u *url.URL) string {
	if isDefaultPort(u) {
		return u.Hostname()
	}
	return u.Host
}

func isDefaultPort(u *url.URL) bool {
	port := u.Port()
	return port == "" || u.Scheme == "https" && port == "443"
}

// isSecure reports whether nobody on the way to the address can read along.
func isSecure(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && oauth.IsLoopback(u.Hostname())
}

// belongs reports whether the address is one of the vendor's.
func belongs(p *provider.Provider, u *url.URL) bool {
	host := u.Hostname()
	return isDefaultPort(u) && (p.Owns(host) || provider.OneOf(p.API.Hosts, host))
}
