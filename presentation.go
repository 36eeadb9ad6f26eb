package freshet

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"

	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// presentation is how a token is shown to APIs, and to which. It never changes.
type presentation struct {
	token         Token
	provider      *provider.Provider
	authorization []string // the value of the header
	base          *url.URL // where relative addresses lead; nil when nobody says
	hosts         []string // that the token names
}

func newPresentation(token Token, p *provider.Provider) *presentation {
	shown := &presentation{token: token, provider: p, authorization: []string{token.AuthorizationHeader()}}
	for i, member := range p.API.Members {
		u, err := url.Parse(token.Member(member))
		if err != nil || u.Host == "" || u.User != nil || !isProtected(u) || !belongs(p, u) {
			continue
		}
		shown.hosts = append(shown.hosts, u.Host)
		if i == 0 {
			shown.base = u
		}
	}
	return shown
}

func (s *presentation) accessToken() oauth.Secret { return oauth.Secret(s.token.AccessToken()) }

// isFor reports whether the token may go to the address.
func (s *presentation) isFor(u *url.URL) bool {
	if !isProtected(u) {
		return false
	}
	for _, host := range s.hosts {
		if matches(host, u) {
			return true
		}
	}
	return len(s.provider.API.Members) == 0 && belongs(s.provider, u)
}

// refusedBy reports whether the response refuses the token.
func (s *presentation) refusedBy(res *http.Response) bool {
	if res.StatusCode == http.StatusUnauthorized {
		return true
	}
	var beginning []byte
	for _, r := range s.provider.API.Rejections {
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

// belongs reports whether the address is one of the vendor's, or of a test server on this machine.
func belongs(p *provider.Provider, u *url.URL) bool {
	host := u.Hostname()
	if len(p.API.Members) > 0 && oauth.IsLoopback(host) {
		return true // the token says so
	}
	return isDefaultPort(u) && (p.Owns(host) || provider.OneOf(p.API.Hosts, host))
}

// isProtected reports whether nobody on the way to the address can read along.
func isProtected(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && oauth.IsLoopback(u.Hostname())
}

// matches reports whether host, with its port if that is not the usual one, is the address's. One that begins with a dot stands
// for everything below it.
func matches(host string, u *url.URL) bool {
	if host == u.Host {
		return true
	}
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
