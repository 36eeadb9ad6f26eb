package urls

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// Parse parses the URL of an endpoint, to which a refresh token may be sent. It accepts what
// [IsSecure] does. It refuses user information, a fragment (RFC 6749 §3.2) and a missing host. what
// is the name of the endpoint in errors.
func Parse(what, rawURL string, insecureHosts ...string) (*url.URL, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, fmt.Errorf("%s is not a URL: %w", what, WithoutURL(err))
	}
	switch {
	case u.Hostname() == "":
		return nil, fmt.Errorf("%s %q names no host", what, u.Redacted())
	case u.User != nil:
		return nil, fmt.Errorf("%s at %q carries user information", what, u.Host)
	case u.Fragment != "":
		return nil, fmt.Errorf("%s at %q has a fragment", what, u.Host)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("%s at %q is not https", what, u.Host)
	case !IsSecure(u, insecureHosts):
		return nil, &PlainHTTPError{what, u.Host}
	}
	return u, nil
}

// WithoutURL unwraps a [*url.Error], whose text quotes the URL and the secrets in it.
func WithoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}

// IsLoopback reports whether host, without a port, is localhost or a loopback address.
func IsLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// SameIssuer compares two issuers byte for byte (RFC 8414 §3.3), except for a trailing slash, which
// users often add or omit.
func SameIssuer(a, b string) bool {
	return strings.TrimSuffix(a, "/") == strings.TrimSuffix(b, "/")
}
