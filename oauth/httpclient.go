package oauth

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
)

// connectTimeout bounds the time until a connection, TLS included, stands.
const connectTimeout = 10 * time.Second

// HTTPConfig says how to reach authorization servers. The zero value takes proxies from the environment and trusts the
// system's certificates.
type HTTPConfig struct {
	Proxy  string // the URL of an http, https or socks5 proxy for every host, also for a loopback one
	CAFile string // a PEM file of certificates to trust beside the system's
}

// Client returns a client fit for a token endpoint: ten seconds to connect, HTTP/1.1, no second connection behind the
// caller's back. The exchange is bounded by the caller's context. The error says what is wrong with the proxy, also one of the
// environment, or the file.
func (c HTTPConfig) Client() (*http.Client, error) {
	if c.Proxy == "" {
		if err := errors.Join(checkProxyVariable("HTTPS_PROXY"), checkProxyVariable("HTTP_PROXY")); err != nil {
			return nil, err
		}
	}
	return c.client()
}

// Check says what is wrong with the proxy or the file. The environment is not looked at.
func (c HTTPConfig) Check() error {
	_, err := c.client()
	return err
}

func (c HTTPConfig) client() (*http.Client, error) {
	t := newTransport()
	if c.Proxy != "" {
		proxy, err := parseProxy(c.Proxy)
		if err != nil {
			return nil, err
		}
		t.Proxy = through(proxy)
	}
	if c.CAFile != "" {
		roots, err := rootsWith(c.CAFile)
		if err != nil {
			return nil, err
		}
		t.TLSClientConfig = &tls.Config{RootCAs: roots}
	}
	return &http.Client{Transport: t}, nil
}

// NewHTTPClient returns the client of the zero [HTTPConfig].
func NewHTTPClient() *http.Client { return &http.Client{Transport: newTransport()} }

func newTransport() *http.Transport {
	t := &http.Transport{
		Proxy:               ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: connectTimeout}).DialContext,
		TLSHandshakeTimeout: connectTimeout,
		MaxIdleConns:        100,
		MaxIdleConnsPerHost: 64, // 2, the default, closes connections that the next refresh to this provider wants
		IdleConnTimeout:     90 * time.Second,
		Protocols:           new(http.Protocols),
	}
	t.Protocols.SetHTTP1(true) // HTTP/2 may move a request to another stream by itself
	return t
}

var proxySchemes = []string{"http", "https", "socks5", "socks5h"}

// parseProxy shows no more than the scheme and the host of a proxy: its URL may hold a password.
func parseProxy(rawURL string) (*url.URL, error) {
	u, err := url.Parse(rawURL)
	switch {
	case err != nil:
		return nil, errors.New("the proxy is not a URL, such as http://proxy.example.com:8080")
	case !slices.Contains(proxySchemes, u.Scheme):
		return nil, errors.New("the proxy's URL must begin with http://, https:// or socks5://")
	case u.Hostname() == "":
		return nil, fmt.Errorf("the proxy's URL, %s://…, names no host", u.Scheme)
	}
	return u, nil
}

// ProxyFromEnvironment is [http.ProxyFromEnvironment], but for a variable that is not the URL of a proxy the error says so. That one
// sends the request directly then, past the proxy that was to be used, or to a host named http.
func ProxyFromEnvironment(req *http.Request) (*url.URL, error) {
	if !IsLoopback(req.URL.Hostname()) {
		if err := checkProxyVariable(strings.ToUpper(req.URL.Scheme) + "_PROXY"); err != nil {
			return nil, err
		}
	}
	return http.ProxyFromEnvironment(req)
}

// checkProxyVariable reports a variable, in capitals or else in small letters, that names no proxy. The error does not quote it.
func checkProxyVariable(name string) error {
	value := os.Getenv(name)
	if value == "" {
		name = strings.ToLower(name)
		value = os.Getenv(name)
	}
	if value == "" {
		return nil
	}
	if !strings.Contains(value, "://") {
		value = "http://" + value // by convention: "proxy.example.com:8080"
	}
	if u, err := parseProxy(value); err != nil || strings.HasSuffix(u.Host, ":") {
		return fmt.Errorf("the environment variable %s is not the URL of a proxy, such as http://proxy.example.com:8080", name)
	}
	return nil
}

// through sends everything through proxy, except what would leave this machine in clear.
func through(proxy *url.URL) func(*http.Request) (*url.URL, error) {
	return func(req *http.Request) (*url.URL, error) {
		if req.URL.Scheme != "https" && !IsLoopback(proxy.Hostname()) {
			return nil, fmt.Errorf("the proxy at %s could read the request, which is not https", proxy.Host)
		}
		return proxy, nil
	}
}

// rootsWith returns the system's certificates and those of the file.
func rootsWith(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("the CA file cannot be read: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("the system's certificates cannot be read: %w", err)
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("the CA file %s holds no certificate in PEM format", file)
	}
	return roots, nil
}
