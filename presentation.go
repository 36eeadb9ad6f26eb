package freshet

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"unicode"

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
func (c *Connection) api() API {
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
func (c *Connection) providerAPIBase(p *provider.Provider) string {
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

// presentation is how a token is presented to an API: by which header, and at which hosts. It is
// immutable.
type presentation struct {
	token    Token
	provider *provider.Provider
	usual    headerField  // with the token
	special  headerField  // the same for the hosts of [provider.API.HeaderHosts]
	bound    bool         // to a key, which is not known
	base     *url.URL     // of relative addresses, or nil
	hosts    []string     // the connection's own
	insecure []string     // on which http is allowed
	accepted *atomic.Bool // by an API
}

// headerField is a header field with the token.
type headerField struct {
	name    string
	values  []string // the one value; requests share it
	invalid bool     // it has control characters
}

func newHeaderField(name, value string) headerField {
	name = http.CanonicalHeaderKey(name)
	return headerField{name, []string{value}, strings.ContainsFunc(name+value, unicode.IsControl)}
}

// newPresentation returns the presentation of a token. local reports that the token endpoint is on
// this machine, so that the token may name other servers on it. On the insecure hosts plain http is
// allowed, if the user named them in api, but not if only the token does.
func newPresentation(token Token, p *provider.Provider, api API, local bool, insecure []string) *presentation {
	var base *url.URL
	hosts := slices.Clone(api.Hosts)
	for i, member := range p.API.Members {
		u, err := url.Parse(token.Member(member))
		if err != nil || u.Host == "" || u.User != nil || !urls.IsSecure(u, nil) {
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
	usual, special := headerFields(token, p)
	return &presentation{token, p, usual, special, token.isDPoP(), base, hosts, insecure, new(atomic.Bool)}
}

// Header returns the header fields that carry the access token in a request to the provider's API:
// usually Authorization (RFC 6750 §2.1). They may depend on the request's method and address, as
// those of a token do that is bound to a key (RFC 9449 §4.2). With "" and nil they are those that
// any request may have. If there are none, the error is a [*SetupError]. It does not check that the
// address may receive the token; [Transport] does.
func (c *Connection) Header(method string, u *url.URL) (http.Header, error) {
	shown := newPresentation(c.Token, c.ProviderInfo(), c.api(), c.isLocal(), c.InsecureHosts)
	h, err := shown.header(nil, method, u)
	return h.Clone(), withName(c.Name, err)
}

// header returns h with the header fields that carry the token in a request with this method and
// address. The values in the result are shared, and must not be changed.
func (p *presentation) header(h http.Header, _ string, u *url.URL) (http.Header, error) {
	if p.bound {
		return nil, errBound()
	}
	f := p.field(u)
	// A definition in a connection's document may not have been checked.
	if f.invalid {
		return nil, misconfigured("the provider's definition makes a header with control characters", "correct the definition")
	}
	if len(h) == 0 { // a new one: many transports and callers change the header of the request that they get
		return http.Header{f.name: f.values}, nil
	}
	h = maps.Clone(h)
	h[f.name] = f.values
	return h, nil
}

// field returns the header field for the address, or with nil that for any.
func (p *presentation) field(u *url.URL) headerField {
	if hosts := p.provider.API.HeaderHosts; u != nil && len(hosts) > 0 && urls.MatchHost(u.Hostname(), hosts) {
		return p.special
	}
	return p.usual
}

func headerFields(token Token, p *provider.Provider) (usual, special headerField) {
	value := token.authorizationHeader()
	if p.API.Scheme != "" {
		value = p.API.Scheme + " " + token.AccessToken()
	}
	usual = newHeaderField("Authorization", value)
	special = newHeaderField(p.API.Header, token.AccessToken())
	if p.API.Header != "" && len(p.API.HeaderHosts) == 0 {
		usual = special
	}
	return usual, special
}

func (p *presentation) accessToken() oauth.Secret { return oauth.Secret(p.token.AccessToken()) }

// allows reports whether the token may be sent to u. more are hosts that the caller allows.
func (p *presentation) allows(u *url.URL, more []string) bool {
	switch {
	case !urls.IsSecure(u, p.insecure):
		return false
	case p.owns(u), slices.ContainsFunc(more, func(host string) bool { return matches(host, u) }):
		return true
	default:
		return !endpoints.HostSpecific(p.provider) && isProviderHost(p.provider, u)
	}
}

// noteAnswer remembers that an API accepted the token, if the response shows that.
func (p *presentation) noteAnswer(res *http.Response) {
	if res.StatusCode < http.StatusBadRequest && !p.accepted.Load() {
		p.accepted.Store(true)
	}
}

// owns reports whether u is on a host of the connection's own, which its registration or its token
// names.
func (p *presentation) owns(u *url.URL) bool {
	return urls.IsSecure(u, p.insecure) && slices.ContainsFunc(p.hosts, func(host string) bool { return matches(host, u) })
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

// isProviderHost reports whether u is on a host of the provider, with the default port.
func isProviderHost(p *provider.Provider, u *url.URL) bool {
	host := u.Hostname()
	return isDefaultPort(u) && (endpoints.Owns(p, host) || urls.MatchHost(host, p.API.Hosts))
}
