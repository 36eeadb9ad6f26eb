package doctor

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// visit is one address, reached in one way. Connections that have it in common share what was found.
type visit struct {
	endpoint string
	issuer   string
	own      bool
	config   oauth.HTTPConfig
}

// checkNetwork asks the token endpoint's server, and says what stands in the way.
func (d *Doctor) checkNetwork(ctx context.Context, p *patient) []Finding {
	v := visit{
		endpoint: p.endpoint, issuer: p.facts.issuer, own: p.facts.ownEndpoint,
		config: oauth.HTTPConfig{Proxy: cmp.Or(d.Network.Proxy, p.Proxy), CAFile: cmp.Or(d.Network.CAFile, p.CAFile)},
	}
	findings := d.once(v, func() []Finding {
		ctx, cancel := context.WithTimeout(ctx, d.Timeout)
		defer cancel()
		return d.visit(ctx, v, p.Vendor().Reply.Harmless)
	})
	p.online = Worst(findings) != Problem
	return findings
}

// once makes each visit once. Who comes later waits for what is found.
func (d *Doctor) once(v visit, found func() []Finding) []Finding {
	d.visits.Lock()
	if d.visits.made == nil {
		d.visits.made = map[visit]func() []Finding{}
	}
	if d.visits.made[v] == nil {
		d.visits.made[v] = sync.OnceValue(found)
	}
	made := d.visits.made[v]
	d.visits.Unlock()
	return made()
}

func (d *Doctor) visit(ctx context.Context, v visit, harmless []string) []Finding {
	u, err := oauth.ParseEndpoint(v.endpoint)
	if err != nil {
		return []Finding{problem("endpoint", Certain, oauth.Misconfigured, err.Error(), "pass an https address in Endpoints.Token")}
	}
	client, err := v.config.Client()
	if err != nil {
		return []Finding{problem("proxy", Certain, oauth.Misconfigured, err.Error(), "check the proxy (HTTPS_PROXY, or the connection's own) and the CA file")}
	}
	defer client.CloseIdleConnections()
	proxy, err := proxyFor(client, u)
	if err != nil {
		return []Finding{problem("proxy", Certain, oauth.Misconfigured, err.Error(), "write it as a URL, such as http://proxy.example.com:8080")}
	}
	way := &route{server: u, proxy: proxy}
	if d.Trace != nil {
		client.Transport = &oauth.Trace{Transport: client.Transport, Out: d.Trace, Harmless: harmless}
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	got, err := way.ask(ctx, client, http.MethodGet)
	if err != nil {
		return append(way.passed(), way.failed(ctx, err))
	}
	findings := append(way.passed(), checkClock(got, u.Host)...)
	findings = append(findings, checkCertificate(got.tls, time.Now())...)
	if got.status == http.StatusNotFound {
		// Some tell methods apart before anything else. A POST without a grant, a token and a client spends nothing.
		if again, err := way.ask(ctx, client, http.MethodPost); err == nil {
			got = again
		}
	}
	findings = append(findings, checkStatus(u, got, v.own))
	return append(findings, checkDiscovery(ctx, client, v.issuer, v.endpoint, v.own)...)
}

// proxyFor is the proxy that requests to u go through, nil for none.
func proxyFor(client *http.Client, u *url.URL) (*url.URL, error) {
	transport, ok := client.Transport.(*http.Transport)
	if !ok || transport.Proxy == nil {
		return nil, nil
	}
	return transport.Proxy(&http.Request{URL: u})
}

// checkStatus judges the answer to a request that asks for nothing; own says that the provider's data names this address.
func checkStatus(u *url.URL, got answer, own bool) Finding {
	const check = "endpoint"
	at, status := bare(u.String()), fmt.Sprintf("%d %s", got.status, http.StatusText(got.status))
	switch {
	case got.status == http.StatusNotFound && own:
		return note(check, Possible, fmt.Sprintf("%s answers %s to a request without parameters, as some servers do", at, status), "")
	case got.status == http.StatusNotFound:
		return problem(check, Likely, oauth.Misconfigured, fmt.Sprintf("there is no token endpoint at %s: it answers %s", at, status), "check the token endpoint's address")
	case got.status >= 300 && got.status < 400:
		return warning(check, Possible, fmt.Sprintf("%s redirects to %s; a refresh token is not sent on there", at, cmp.Or(got.location, "another address")),
			"if that host is the right one, pass its token endpoint in Endpoints.Token")
	case got.status >= 502 && got.status <= 504:
		return problem(check, Likely, oauth.Temporary, fmt.Sprintf("%s answers %s", at, status), "try again later")
	case got.status >= 500:
		return warning(check, Possible, fmt.Sprintf("%s answers %s to a request without parameters", at, status), "")
	}
	return ok(check, "the token endpoint answers (%s, to a request that spends nothing)", status)
}

// bare is an address without what may be secret in it.
func bare(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an address that cannot be read"
	}
	return u.Scheme + "://" + u.Host + u.EscapedPath()
}
