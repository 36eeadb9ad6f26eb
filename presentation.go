package freshet

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/internal/endpoints"
	"github.com/freshet-dev/freshet/internal/urls"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// API is the address of a connection's API. The access token is only sent to its hosts and to those
// that the provider and the token name. It is required if freshet does not know the provider.
type API struct {
	// Base is the base of relative addresses, such as "https://api.example.com/v3/". Its host gets
	// the token. It should end with a slash. An address that starts with a slash replaces its path
	// (RFC 3986 §5.2).
	Base string `json:"base,omitempty"`

	Hosts []string `json:"hosts,omitempty"` // "api.example.com", or ".example.com" for all hosts below it
}

// api returns the API of the registration, completed from the provider.
func (c Connection) api() API {
	api, p := c.API, c.ProviderInfo()
	if api.Base == "" && p.API.Base != "" {
		api.Base = c.providerAPIBase(p)
	}
	if endpoints.HostSpecific(p) {
		if endpoint, err := c.endpoint(); err == nil {
			api.Hosts = slices.Concat(api.Hosts, endpoints.Hosts(p, endpoint, c.Parts))
		}
	}
	return api
}

// providerAPIBase returns the base of the provider's API:
//
//	API.Base                          token endpoint is on     base
//	has parts, and all are given      any host                 API.Base with the parts
//	has parts, and one is missing     a host of the provider   the host of the token endpoint
//	has no parts                      a host of the provider   API.Base
//	has no parts, or one is missing   another host             ""; its tokens are not for this API
func (c Connection) providerAPIBase(p *provider.Provider) string {
	base := endpoints.APIBase(p, c.Parts)
	hasParts := base != p.API.Base
	if hasParts && base != "" {
		return base
	}
	u := c.endpointURL()
	switch {
	case u == nil || !endpoints.Owns(p, u.Host):
		return ""
	case hasParts:
		return "https://" + u.Host + "/"
	default:
		return base
	}
}

// presentation is the header that carries a token, and the hosts that may receive it. It is
// immutable.
type presentation struct {
	token         Token
	provider      *provider.Provider
	header        string   // usually "Authorization"
	authorization []string // the value of header
	base          *url.URL // of relative addresses, or nil
	hosts         []string
}

// newPresentation returns the presentation of a token. local reports that the token endpoint is on
// this machine, so that the token may name other servers on it.
func newPresentation(token Token, p *provider.Provider, api API, local bool) *presentation {
	header, value := headerOf(token, p)
	var base *url.URL
	hosts := slices.Clone(api.Hosts)
	for i, member := range p.API.Members {
		u, err := url.Parse(token.Member(member))
		if err != nil || u.Host == "" || u.User != nil || !isSecure(u) {
			continue
		}
		if isTestServer := local && urls.IsLoopback(u.Hostname()); !isTestServer && !isProviderHost(p, u) {
			continue
		}
		hosts = append(hosts, u.Host)
		if i == 0 {
			base = u
		}
	}
	if u, err := url.Parse(api.Base); err == nil && u.Host != "" {
		base, hosts = u, append(hosts, u.Host)
	}
	return &presentation{token, p, header, []string{value}, base, hosts}
}

// Header returns the name and the value of the header that carries the access token to the
// provider's API, usually Authorization (RFC 6750 §2.1).
func (c Connection) Header() (name, value string) { return headerOf(c.Token, c.ProviderInfo()) }

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

func (p *presentation) accessToken() oauth.Secret { return oauth.Secret(p.token.AccessToken()) }

// allows reports whether the token may be sent to u. more are hosts that the caller allows.
func (p *presentation) allows(u *url.URL, more []string) bool {
	if !isSecure(u) {
		return false
	}
	matchesURL := func(host string) bool { return matches(host, u) }
	if slices.ContainsFunc(p.hosts, matchesURL) || slices.ContainsFunc(more, matchesURL) {
		return true
	}
	return !endpoints.HostSpecific(p.provider) && isProviderHost(p.provider, u)
}

// isRejection reports whether the API rejected the token: by 401 (RFC 6750 §3.1), or as the
// provider's file says.
func (p *presentation) isRejection(res *http.Response) bool {
	if res.StatusCode == http.StatusUnauthorized {
		return true
	}
	var start []byte
	for _, r := range p.provider.API.Rejections {
		if r.Status != res.StatusCode {
			continue
		}
		if start == nil {
			start = peek(res)
		}
		if bytes.Contains(start, []byte(r.Text)) {
			return true
		}
	}
	return false
}

// matches reports whether host is the host of u. host is "api.example.com", "localhost:8080" with
// another than the default port, or ".example.com" for all hosts below it. A scheme before it and a
// path after it are ignored.
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
		return isDefaultPort(u) && urls.MatchHost(u.Hostname(), []string{host})
	}
	return strings.EqualFold(strings.TrimSuffix(host, ":443"), hostPort(u))
}

func sameHost(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(hostPort(a), hostPort(b))
}

// hostPort returns the host of u, with the port if that is not the default.
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

// isSecure reports whether u uses TLS or is loopback.
func isSecure(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && urls.IsLoopback(u.Hostname())
}

// isProviderHost reports whether u is on a host of the provider, with the default port.
func isProviderHost(p *provider.Provider, u *url.URL) bool {
	host := u.Hostname()
	return isDefaultPort(u) && (endpoints.Owns(p, host) || urls.MatchHost(host, p.API.Hosts))
}
