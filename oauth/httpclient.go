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
	"time"

	"github.com/freshet-dev/freshet/internal/proxy"
	"github.com/freshet-dev/freshet/internal/redact"
)

// connectTimeout bounds each of dialing and the TLS handshake.
const connectTimeout = 10 * time.Second

// HTTPConfig configures HTTP clients. The zero value uses the proxies of the environment and the
// system's certificates.
type HTTPConfig struct {
	redact.Sealed

	Proxy  string // the URL of an http, https or socks5 proxy for all hosts, including loopback hosts
	CAFile string // a PEM file of certificates to trust in addition to the system's
}

// Client returns an HTTP client for a token endpoint. It uses HTTP/1.1, takes at most ten seconds
// to connect, and never repeats a request. Bound the whole exchange with a context. The error says
// what is wrong with the proxy, its environment variable or the CA file.
func (c HTTPConfig) Client() (*http.Client, error) {
	if c.Proxy == "" {
		if err := errors.Join(proxy.CheckVariable("HTTPS_PROXY"), proxy.CheckVariable("HTTP_PROXY")); err != nil {
			return nil, err
		}
	}
	return c.client()
}

// Check returns an error if the proxy or the CA file is invalid. It ignores the environment.
func (c HTTPConfig) Check() error {
	_, err := c.client()
	return err
}

func (c HTTPConfig) client() (*http.Client, error) {
	t := newTransport()
	if c.Proxy != "" {
		via, err := proxy.Parse(c.Proxy)
		if err != nil {
			return nil, err
		}
		t.Proxy = func(req *http.Request) (*url.URL, error) {
			return via, proxy.CheckRoute(via, req)
		}
	}
	if c.CAFile != "" {
		roots, err := certPool(c.CAFile)
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
		Proxy:               proxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: connectTimeout}).DialContext,
		TLSHandshakeTimeout: connectTimeout,
		MaxIdleConns:        100,
		MaxIdleConnsPerHost: 64, // the default, 2, closes connections that the next refresh could reuse
		IdleConnTimeout:     90 * time.Second,
		Protocols:           new(http.Protocols),
	}
	t.Protocols.SetHTTP1(true) // HTTP/2 may repeat a request on another stream
	return t
}

// proxyFromEnvironment returns the proxy that the environment names, unless it could read the request.
func proxyFromEnvironment(req *http.Request) (*url.URL, error) {
	via, err := proxy.FromEnvironment(req)
	if err == nil && proxy.CheckRoute(via, req) != nil {
		err = fmt.Errorf("%w; list %s in NO_PROXY", proxy.CheckRoute(via, req), req.URL.Hostname())
	}
	return via, err
}

// certPool returns the system's certificates and those of the file.
func certPool(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("the CA file cannot be read: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("the system's certificates cannot be read: %w", err)
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("the CA file %s has no certificate in PEM format", file)
	}
	return roots, nil
}
