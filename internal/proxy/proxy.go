// Package proxy reads the addresses of HTTP proxies.
package proxy

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/internal/urls"
)

var schemes = []string{"http", "https", "socks5", "socks5h"}

// Parse parses the URL of a proxy. Errors quote the scheme at most: the URL may have a
// password.
func Parse(rawURL string) (*url.URL, error) {
	u, err := url.Parse(rawURL)
	switch {
	case err != nil:
		return nil, errors.New("the proxy is not a URL, such as http://proxy.example.com:8080")
	case !slices.Contains(schemes, u.Scheme):
		return nil, errors.New("the proxy's URL must begin with http://, https:// or socks5://")
	case u.Hostname() == "":
		return nil, fmt.Errorf("the proxy's URL, %s://…, names no host", u.Scheme)
	}
	return u, nil
}

// FromEnvironment is like [http.ProxyFromEnvironment], but returns an error if the variable is
// not the URL of a proxy. [http.ProxyFromEnvironment] may then bypass the proxy, or connect to a
// host named "http".
func FromEnvironment(req *http.Request) (*url.URL, error) {
	if !urls.IsLoopback(req.URL.Hostname()) {
		if err := CheckVariable(strings.ToUpper(req.URL.Scheme) + "_PROXY"); err != nil {
			return nil, err
		}
	}
	return http.ProxyFromEnvironment(req)
}

// CheckRoute returns an error if the proxy could read the request: it is not https, and the proxy is on
// another machine. A nil proxy is none.
func CheckRoute(via *url.URL, req *http.Request) error {
	if via == nil || req.URL.Scheme == "https" || urls.IsLoopback(via.Hostname()) {
		return nil
	}
	return fmt.Errorf("the proxy at %s could read the request, which is not https", via.Host)
}

// CheckVariable returns an error if the environment variable, in upper or lower case, is not
// the URL of a proxy. The error does not quote the value.
func CheckVariable(name string) error {
	value := os.Getenv(name)
	if value == "" {
		name = strings.ToLower(name)
		value = os.Getenv(name)
	}
	if value == "" {
		return nil
	}
	if !strings.Contains(value, "://") {
		value = "http://" + value // as net/http reads "proxy.example.com:8080"
	}
	if u, err := Parse(value); err != nil || strings.HasSuffix(u.Host, ":") {
		const example = "http://proxy.example.com:8080"
		return fmt.Errorf("the environment variable %s is not the URL of a proxy, such as %s", name, example)
	}
	return nil
}
