package doctor

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/freshet-dev/freshet/internal/endpoints"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/internal/urls"
	"github.com/freshet-dev/freshet/oauth"
)

// probe is a token endpoint and how it is reached. Connections with an equal probe share its result.
type probe struct {
	endpoint    string
	issuer      string
	ownEndpoint bool // the provider's data has this endpoint
	config      oauth.HTTPConfig
	insecure    string // the connection's InsecureHosts, with spaces
}

// checkNetwork checks the way to the token endpoint. It fills in s.reachable.
func (d *Doctor) checkNetwork(ctx context.Context, s *subject) []Finding {
	p := probe{
		endpoint: s.endpoint, issuer: s.ResolvedEndpoints().Issuer,
		ownEndpoint: s.isProviderHost() && endpoints.Stated(s.provider, s.endpoint, nil) == s.endpoint,
	}
	p.insecure = strings.Join(s.InsecureHosts, " ")
	p.config.Proxy = cmp.Or(d.Network.Proxy, s.Proxy)
	p.config.CAFile = cmp.Or(d.Network.CAFile, s.CAFile)
	d.probes.Lock()
	if d.probes.results == nil {
		d.probes.results = map[probe]func() []Finding{}
	}
	result := d.probes.results[p]
	if result == nil {
		result = sync.OnceValue(func() []Finding {
			ctx, cancel := context.WithTimeout(ctx, d.Timeout)
			defer cancel()
			return d.run(ctx, p, s.provider.Reply.Harmless)
		})
		d.probes.results[p] = result
	}
	d.probes.Unlock()
	findings := result()
	s.reachable = Worst(findings) != Problem
	return findings
}

// run sends requests without parameters to the token endpoint, and reads the issuer's metadata.
func (d *Doctor) run(ctx context.Context, p probe, harmless []string) []Finding {
	u, err := urls.Parse("the token endpoint", p.endpoint, strings.Fields(p.insecure)...)
	if err != nil {
		return problem("endpoint", Certain, oauth.Misconfigured, err.Error(), "{set token_url}: an https URL")
	}
	client, err := p.config.Client()
	if err != nil {
		return problem("proxy", Certain, oauth.Misconfigured, err.Error(),
			"check the proxy (HTTPS_PROXY, or the connection's own) and the CA file")
	}
	defer client.CloseIdleConnections()
	proxy, err := proxyFor(client, u)
	if err != nil {
		return problem("proxy", Certain, oauth.Misconfigured, err.Error(),
			"write it as a URL, such as http://proxy.example.com:8080")
	}
	r := &route{server: u, proxy: proxy}
	if d.Trace != nil {
		client.Transport = &oauth.Trace{Transport: client.Transport, Out: d.Trace, Harmless: harmless}
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	res, err := r.send(ctx, client, http.MethodGet)
	if err != nil {
		return append(r.checkReached(), r.explainError(ctx, err)...)
	}
	findings := append(r.checkReached(), checkClock(res, u.Host)...)
	findings = append(findings, checkCertificate(res.tls, time.Now())...)
	if res.status == http.StatusNotFound {
		// Some servers answer 404 to any GET. A POST without grant, token and client spends nothing.
		if posted, err := r.send(ctx, client, http.MethodPost); err == nil {
			res = posted
		}
	}
	findings = append(findings, checkStatus(u, res, p.ownEndpoint)...)
	return append(findings, checkDiscovery(ctx, client, p)...)
}

// proxyFor returns the proxy for requests to u, nil for none.
func proxyFor(client *http.Client, u *url.URL) (*url.URL, error) {
	transport, ok := client.Transport.(*http.Transport)
	if !ok || transport.Proxy == nil {
		return nil, nil
	}
	return transport.Proxy(&http.Request{URL: u})
}

// checkStatus checks the status of a response to a request without parameters.
func checkStatus(u *url.URL, res response, ownEndpoint bool) []Finding {
	const check = "endpoint"
	answers := fmt.Sprintf("%s answers %d %s", withoutSecrets(u.String()), res.status, http.StatusText(res.status))
	switch {
	case res.status == http.StatusNotFound && ownEndpoint:
		return note(check, Possible, answers+" to a request without parameters, as some servers do", "")
	case res.status == http.StatusNotFound:
		return problem(check, Likely, oauth.Misconfigured, "wrong token endpoint: "+answers,
			"check the URL of the token endpoint")
	case res.status >= 300 && res.status < 400:
		return warning(check, Possible, fmt.Sprintf("%s redirects to %s; a refresh does not follow redirects",
			withoutSecrets(u.String()), cmp.Or(res.location, "another URL")),
			"if that host is the right one, {set token_url}, with its token endpoint")
	case res.status >= 502 && res.status <= 504:
		return problem(check, Likely, oauth.Temporary, answers, "try again later")
	case res.status >= 500:
		return warning(check, Possible, answers+" to a request without parameters", "")
	}
	return ok(check, "the token endpoint answers (%d %s, to a request without parameters)", res.status,
		http.StatusText(res.status))
}

const (
	smallSkew = 30 * time.Second // not worth a note
	maxSkew   = 5 * time.Minute  // beyond it, freshet ignores times of issue in the future
)

// checkClock compares this machine's clock with the Date of the response.
func checkClock(res response, host string) []Finding {
	const check = "clock"
	server, err := http.ParseTime(res.header.Get("Date"))
	if err != nil {
		return nil
	}
	if age, err := strconv.Atoi(res.header.Get("Age")); err == nil && age > 0 { // from a cache
		server = server.Add(time.Duration(age) * time.Second)
	}
	duration := res.received.Sub(res.sent)
	local := res.sent.Add(duration / 2)
	skew := local.Sub(server)
	direction := "behind"
	if skew > 0 {
		direction = "ahead of"
	}
	what := fmt.Sprintf("this machine's clock (%s) is %s %s the clock of %s", localTime(local),
		text.RoundDuration(skew),
		direction, host)
	switch {
	case skew.Abs() <= smallSkew+duration:
		return ok(check, "this machine's clock differs less than a minute from that of %s", host)
	case skew.Abs() <= maxSkew:
		return note(check, Likely, what, "synchronize the clock by NTP")
	default:
		return problem(check, Likely, "", what+": token expiry is computed wrongly",
			"set the clock and synchronize it by NTP")
	}
}

// certificateWarning is how long before a certificate's expiry a warning begins.
const certificateWarning = 14 * 24 * time.Hour

// checkCertificate checks the expiry of the server's certificate. Without TLS there is none.
func checkCertificate(state *tls.ConnectionState, now time.Time) []Finding {
	if state == nil || len(state.PeerCertificates) == 0 {
		return nil
	}
	certificate := state.PeerCertificates[0]
	left, lifetime := certificate.NotAfter.Sub(now), certificate.NotAfter.Sub(certificate.NotBefore)
	if left < min(certificateWarning, lifetime/3) {
		return warning(stageTLS, Certain,
			fmt.Sprintf("the server's certificate expires in %s, at %s", text.RoundDuration(left),
				localTime(certificate.NotAfter)),
			"tell the server's operator, unless it is renewed automatically")
	}
	return ok(stageTLS, "the server's certificate is trusted and valid for another %s", text.RoundDuration(left))
}

// checkDiscovery compares the token endpoint with the issuer's metadata. Metadata that RFC 8414
// forbids says nothing about the provider's own endpoint: Entra publishes the same metadata for many
// tenants, with another issuer than the one that was asked.
func checkDiscovery(ctx context.Context, client *http.Client, p probe) []Finding {
	const check = "discovery"
	if p.issuer == "" {
		return nil
	}
	published, err := oauth.Discover(ctx, client, p.issuer, strings.Fields(p.insecure)...)
	issuer := withoutSecrets(p.issuer)
	var unreachable *oauth.SendError
	var refused *oauth.Error
	var unusable *oauth.UnusableError
	switch {
	case errors.As(err, &unreachable) && ctx.Err() == nil:
		return warning(check, Certain,
			fmt.Sprintf("the metadata of the issuer %s cannot be read: %v", issuer, unreachable), "")
	case errors.As(err, &unreachable), errors.As(err, &refused), errors.As(err, &unusable):
		return nil // it publishes none
	case err != nil && p.ownEndpoint:
		return nil
	case err != nil:
		return warning(check, Likely, err.Error(), "check the issuer's URL")
	case strings.TrimSuffix(published.Token, "/") != strings.TrimSuffix(p.endpoint, "/"):
		return problem(check, Likely, oauth.Misconfigured,
			fmt.Sprintf("the issuer %s publishes the token endpoint %s, but the connection uses %s",
				issuer, withoutSecrets(published.Token), withoutSecrets(p.endpoint)),
			"{set token_url}: the published one")
	}
	return ok(check, "the issuer's metadata names the same token endpoint")
}

// withoutSecrets returns a URL without user, query and fragment.
func withoutSecrets(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an invalid URL"
	}
	return u.Scheme + "://" + u.Host + u.EscapedPath()
}
