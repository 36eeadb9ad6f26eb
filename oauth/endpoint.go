package oauth

import (
	"fmt"
	"net"
	"net/url"
)

// ParseEndpoint parses a token endpoint's URL and refuses one that a refresh token must not be sent to: anything but
// https (http is allowed to a loopback host), user information, a fragment, no host (RFC 6749 §3.2).
func ParseEndpoint(rawURL string) (*url.URL, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, fmt.Errorf("the token endpoint is not a URL: %w", err)
	}
	switch {
	case u.Hostname() == "":
		return nil, fmt.Errorf("the token endpoint %q names no host", u.Redacted())
	case u.User != nil:
		return nil, fmt.Errorf("the token endpoint at %q carries user information", u.Host)
	case u.Fragment != "":
		return nil, fmt.Errorf("the token endpoint at %q has a fragment", u.Host)
	case u.Scheme == "http" && !IsLoopback(u.Hostname()):
		return nil, fmt.Errorf("the token endpoint %s://%s is not https", u.Scheme, u.Host)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("the token endpoint at %q is not https", u.Host)
	}
	return u, nil
}

// IsLoopback reports whether host (without a port) is this machine: localhost or a loopback address.
func IsLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
