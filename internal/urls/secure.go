package urls

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
)

// IsSecure reports whether a request to u may carry a secret: u is https, or http on a loopback host
// or on one of insecureHosts. Those are hosts for which the user allowed plain http, by their exact
// names: "keycloak.auth.svc:8080", without a port if that is 80. Every request with a secret is
// decided here. The list must come from the user, never from a server or a token document.
func IsSecure(u *url.URL, insecureHosts []string) bool {
	switch {
	case u.Scheme == "https":
		return true
	case u.Scheme != "http":
		return false
	case IsLoopback(u.Hostname()):
		return true
	}
	host, err := hostPort(u.Host)
	return err == nil && slices.ContainsFunc(insecureHosts, func(allowed string) bool {
		other, err := hostPort(allowed)
		return err == nil && other == host
	})
}

// PlainHTTPError is the error for an endpoint with http, on a host for which that is not allowed.
type PlainHTTPError struct {
	What string // the name of the endpoint
	Host string // with the port, if the URL has one
}

func (e *PlainHTTPError) Error() string {
	return fmt.Sprintf("%s http://%s is not https", e.What, e.Host)
}

// CheckInsecureHost returns an error if s is not the name of one host, which may have a port.
func CheckInsecureHost(s string) error {
	host, err := hostPort(s)
	if err == nil {
		host, _, err = net.SplitHostPort(host)
	}
	if err != nil || strings.ContainsAny(host, "*,; ") || strings.HasPrefix(host, ".") {
		return fmt.Errorf("%q is not the name of one host, such as keycloak.auth.svc:8080", s)
	}
	return nil
}

// hostPort returns the host in lower case, with its port or that of http.
func hostPort(s string) (string, error) {
	u, err := url.Parse("http://" + s)
	if err != nil || u.Host != s || u.Hostname() == "" {
		return "", fmt.Errorf("%q is no host", s)
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), cmp.Or(u.Port(), "80")), nil
}
