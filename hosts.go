package freshet

import (
	"net/url"
	"strings"

	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

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

// isProtected reports whether nobody on the way to the address can read along.
func isProtected(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && oauth.IsLoopback(u.Hostname())
}

// belongs reports whether the address is one of the vendor's.
func belongs(p *provider.Provider, u *url.URL) bool {
	host := u.Hostname()
	return isDefaultPort(u) && (p.Owns(host) || provider.OneOf(p.API.Hosts, host))
}
