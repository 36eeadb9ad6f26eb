package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"time"

	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/oauth"
)

// The stages of a request. Their names are the names of checks.
const (
	stageDNS     = "dns"
	stageConnect = "connect"
	stageTLS     = "tls"
	stageReply   = "endpoint"
)

// route is the way to a server. It records the stage that a request reached.
type route struct {
	server *url.URL
	proxy  *url.URL // nil for none

	mu        sync.Mutex // the transport connects in its own goroutine
	stage     string     // the last one that began
	addresses []net.IPAddr
}

// response is an HTTP response without its body.
type response struct {
	status         int
	header         http.Header
	location       string // the host of a redirect
	tls            *tls.ConnectionState
	sent, received time.Time
}

// send sends a request without parameters.
func (r *route) send(ctx context.Context, client *http.Client, method string) (response, error) {
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { r.begin(stageDNS) },
		DNSDone: func(info httptrace.DNSDoneInfo) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.addresses = info.Addrs
		},
		ConnectStart:      func(string, string) { r.begin(stageConnect) },
		TLSHandshakeStart: func() { r.begin(stageTLS) },
		GotConn:           func(httptrace.GotConnInfo) { r.begin(stageReply) },
	})
	req, err := http.NewRequestWithContext(ctx, method, r.server.String(), http.NoBody)
	if err != nil {
		return response{}, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "freshet")
	sent := time.Now()
	res, err := client.Do(req)
	if err != nil {
		return response{}, err
	}
	defer res.Body.Close()
	got := response{status: res.StatusCode, header: res.Header, tls: res.TLS, sent: sent, received: time.Now()}
	if to, err := res.Location(); err == nil {
		got.location = r.redactor().Text(to.Host)
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, oauth.MaxReply)) // so that the connection can be reused
	return got, nil
}

func (r *route) begin(stage string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stage = stage
}

// redactor hides the only secret of the request: the proxy's password.
func (r *route) redactor() *redact.Redactor { return redact.New(redact.Userinfo(r.proxy)...) }

// checkReached returns a finding for each stage that succeeded.
func (r *route) checkReached() []Finding {
	r.mu.Lock()
	defer r.mu.Unlock()
	var findings []Finding
	if len(r.addresses) > 0 && r.proxy == nil {
		findings = ok(stageDNS, "the name %s resolves to %s", r.server.Hostname(), r.addresses[0].String())
	}
	connected := r.stage == stageTLS || r.stage == stageReply
	switch {
	case connected && r.proxy != nil:
		findings = append(findings, ok("proxy", "the proxy %s connects to %s", r.proxy.Host, r.server.Host)...)
	case connected:
		findings = append(findings, ok(stageConnect, "%s can be reached", r.server.Host)...)
	}
	return findings
}

// explainError returns a finding for the stage that failed.
func (r *route) explainError(ctx context.Context, err error) []Finding {
	r.mu.Lock()
	stage := r.stage
	r.mu.Unlock()
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err // the text of url.Error repeats the URL
	}
	if ctx.Err() != nil {
		err = errTimeout
	}
	err = r.redactor().Error(err)
	host := r.server.Host
	switch {
	case r.proxy != nil && stage != stageTLS && stage != stageReply:
		return problem("proxy", Certain, oauth.Temporary,
			fmt.Sprintf("the proxy %s does not connect to %s: %v", r.proxy.Host, host, err),
			"check the proxy (HTTPS_PROXY, --proxy, the connection's own), and whether it is running")
	case stage == stageDNS:
		return problem(stageDNS, Certain, oauth.Temporary,
			fmt.Sprintf("%s: DNS lookup failed: %v", r.server.Hostname(), err),
			"check the host name, the network and the name server")
	case stage == stageTLS:
		return explainTLS(host, err)
	case stage == stageReply:
		return problem(stageReply, Certain, oauth.Temporary,
			fmt.Sprintf("connected to %s, but got no reply: %v", host, readError(err)),
			"try again later; check that an OAuth server is running there")
	default:
		return problem(stageConnect, Certain, oauth.Temporary, fmt.Sprintf("%s cannot be reached: %v", host, err),
			"check the network and the URL, and whether a proxy is needed")
	}
}

var errTimeout = errors.New("timed out")

// readError replaces errors that quote bytes of a server that does not speak HTTP.
func readError(err error) error {
	var network net.Error
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the server closed the connection")
	case errors.As(err, &network) || errors.Is(err, errTimeout):
		return err
	default:
		return errors.New("the reply is not HTTP")
	}
}

// explainTLS explains a failed TLS handshake.
func explainTLS(host string, err error) []Finding {
	var (
		unknown  x509.UnknownAuthorityError
		name     x509.HostnameError
		invalid  x509.CertificateInvalidError
		noRecord tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &unknown):
		return problem(stageTLS, Certain, oauth.Misconfigured,
			"the certificate of "+host+" is not signed by a trusted authority",
			"if the certificate is your own, or that of a proxy that inspects TLS, pass its authority's with --ca-file")
	case errors.As(err, &name):
		return problem(stageTLS, Certain, oauth.Misconfigured,
			fmt.Sprintf("the certificate of %s is for another name: %v", host, name), "check the URL")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return problem(stageTLS, Certain, oauth.Temporary,
			fmt.Sprintf("the certificate of %s is valid from %s to %s, and this machine's clock says %s", host,
				localTime(invalid.Cert.NotBefore), localTime(invalid.Cert.NotAfter), localTime(time.Now())),
			"check the clock; if it is right, tell the server's operator")
	case errors.As(err, &noRecord), errors.Is(err, http.ErrSchemeMismatch):
		return problem(stageTLS, Certain, oauth.Misconfigured, "the server at "+host+" does not use TLS",
			"check the URL and the port")
	default:
		return problem(stageTLS, Certain, oauth.Temporary, fmt.Sprintf("TLS to %s failed: %v", host, err),
			"check the URL, the clock, and whether a proxy inspects TLS")
	}
}
