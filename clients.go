package freshet

import (
	"cmp"
	"net/http"
	"sync"

	"github.com/freshet-dev/freshet/oauth"
)

// clients are HTTP clients by how they reach the network, kept so that their connections are used again.
type clients struct {
	mu  sync.Mutex
	all map[oauth.HTTPConfig]*http.Client
}

func (c *clients) client(config oauth.HTTPConfig) (*http.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if client, ok := c.all[config]; ok {
		return client, nil
	}
	client, err := config.Client()
	if err == nil {
		c.all[config] = client
	}
	return client, err
}

// httpClient returns the client that makes the connection's requests, and what to call when they are made. secrets are what
// a trace must not show; they are asked for only if there is one.
func (r *Refresher) httpClient(c Connection, secrets func() []string) (client *http.Client, done func(), err error) {
	done = func() {}
	config := oauth.HTTPConfig{Proxy: cmp.Or(r.Network.Proxy, c.Proxy), CAFile: cmp.Or(r.Network.CAFile, c.CAFile)}
	switch {
	case r.HTTP != nil:
		client = r.HTTP
	case r.clients != nil:
		client, err = r.clients.client(config)
	default:
		if client, err = config.Client(); err == nil {
			done = client.CloseIdleConnections
		}
	}
	if err != nil {
		return nil, nil, &Problem{
			Kind: oauth.Misconfigured, What: err.Error() + "; nothing was sent",
			Remedy: "check the proxy (HTTPS_PROXY, or the connection's own) and the CA file", Err: err,
		}
	}
	if r.Trace != nil {
		traced := *client
		trace := &oauth.Trace{Transport: client.Transport, Out: r.Trace, Harmless: c.Vendor().Reply.Harmless}
		for _, secret := range secrets() {
			trace.Secrets = append(trace.Secrets, oauth.Secret(secret))
		}
		traced.Transport = trace
		client = &traced
	}
	return client, done, nil
}
