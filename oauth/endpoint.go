package oauth

import (
	"errors"
	"fmt"
	"net"
	"net/url"
)

// Endpoints are the addresses of an authorization server, under the names of RFC 8414 §2. An empty one is not known.
type Endpoints struct {
	Issuer        string `json:"issuer,omitempty"`
	Authorization string `json:"authorization_endpoint,omitempty"`
	Token         string `json:"token_endpoint,omitempty"`
	Device        string `json:"device_authorization_endpoint,omitempty"`
	Revocation    string `json:"revocation_endpoint,omitempty"`
	Introspection string `json:"introspection_endpoint,omitempty"`
	Userinfo      string `json:"userinfo_endpoint,omitempty"`
	JWKS          string `json:"jwks_uri,omitempty"`
}

// ParseEndpoint parses a token endpoint's URL and refuses one that a refresh token must not be sent to: anything but
// https (http is allowed to a loopback host), user information, a fragment, no host (RFC 6749 §3.2).
func ParseEndpoint(rawURL string) (*url.URL, error) {
	return parseEndpoint("the token endpoint", rawURL)
}

// parseEndpoint makes the same demands on any endpoint; what names it in errors.
func parseEndpoint(what, rawURL string) (*url.URL, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, fmt.Errorf("%s is not a URL: %w", what, withoutURL(err))
	}
	switch {
	case u.Hostname() == "":
		return nil, fmt.Errorf("%s %q names no host", what, u.Redacted())
	case u.User != nil:
		return nil, fmt.Errorf("%s at %q carries user information", what, u.Host)
	case u.Fragment != "":
		return nil, fmt.Errorf("%s at %q has a fragment", what, u.Host)
	case u.Scheme == "http" && !IsLoopback(u.Hostname()):
		return nil, fmt.Errorf("%s %s://%s is not https", what, u.Scheme, u.Host)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("%s at %q is not https", what, u.Host)
	}
	return u, nil
}

// withoutURL returns what a [*url.Error] wraps: its own text repeats the URL, with whatever secret that holds.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}

// IsLoopback reports whether host (without a port) is this machine: localhost or a loopback address.
func IsLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
