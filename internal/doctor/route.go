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
	"slices"
	"sync"
	"time"

	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/oauth"
)

// The stages on the way to a server, named as their checks.
const (
	stageDNS     = "dns"
	stageConnect = "connect"
	stageTLS     = "tls"
	stageAnswer  = "endpoint"
)

// route is the way to a server, and how far a request got on it.
type route struct {
	server *url.URL
	proxy  *url.URL // nil for none

	mu        sync.Mutex // the transport connects in a goroutine of its own
	stage     string     // that was begun last
	addresses []net.IPAddr
}

// answer is the head of a response, and when it was asked for and came.
type answer struct {
	status   int
	header   http.Header
	location string // the host that a redirect points to
	tls      *tls.ConnectionState
	asked    time.Time
	came     time.Time
}

// ask makes a request without any parameter.
func (r *route) ask(ctx context.Context, client *http.Client, method string) (answer, error) {
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { r.begin(stageDNS) },
		DNSDone: func(info httptrace.DNSDoneInfo) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.addresses = info.Addrs
		},
		ConnectStart:      func(string, string) { r.begin(stageConnect) },
		TLSHandshakeStart: func() { r.begin(stageTLS) },
		GotConn:           func(httptrace.GotConnInfo) { r.begin(stageAnswer) },
	})
	req, err := http.NewRequestWithContext(ctx, method, r.server.String(), http.NoBody)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "freshet")
	a := answer{asked: time.Now()}
	res, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	a.came, a.status, a.header, a.tls = time.Now(), res.StatusCode, res.Header, res.TLS
	if to, err := res.Location(); err == nil {
		a.location = r.secrets().Text(to.Host)
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, oauth.MaxReply)) // so that the connection can be used again
	return a, nil
}

func (r *route) begin(stage string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stage = stage
}

// secrets finds the one secret of the request: the proxy's password.
func (r *route) secrets() *redact.Redactor { return redact.New(redact.Userinfo(r.proxy)...) }

// passed says what went well on the way, the stage that failed apart.
func (r *route) passed() []Finding {
	r.mu.Lock()
	defer r.mu.Unlock()
	var findings []Finding
	if n := len(r.addresses); n > 0 && r.proxy == nil {
		findings = append(findings, ok(stageDNS, "the name %s leads to %s", r.server.Hostname(), r.addresses[0].String()))
	}
	connected := slices.Contains([]string{stageTLS, stageAnswer}, r.stage)
	switch {
	case connected && r.proxy != nil:
		findings = append(findings, ok("proxy", "the proxy %s lets requests to %s through", r.proxy.Host, r.server.Host))
	case connected:
		findings = append(findings, ok(stageConnect, "%s can be reached", r.server.Host))
	}
	return findings
}

// failed says what stood in the way, and where.
func (r *route) failed(ctx context.Context, err error) Finding {
	r.mu.Lock()
	stage := r.stage
	r.mu.Unlock()
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err // its text repeats the address
	}
	if ctx.Err() != nil {
		err = errLate
	}
	err = r.secrets().Error(err)
	switch {
	case r.proxy != nil && stage != stageTLS && stage != stageAnswer:
		return problem("proxy", Certain, oauth.Temporary, fmt.Sprintf("the proxy %s does not lead to %s: %v", r.proxy.Host, r.server.Host, err),
			"check the proxy (HTTPS_PROXY, --proxy, the connection's own), and whether it is running")
	case stage == stageDNS:
		return problem(stageDNS, Certain, oauth.Temporary, fmt.Sprintf("the name %s leads nowhere: %v", r.server.Hostname(), err), "check the address, the network and the name server")
	case stage == stageTLS:
		return r.untrusted(err)
	case stage == stageAnswer:
		return problem(stageAnswer, Certain, oauth.Temporary, fmt.Sprintf("%s was reached, and did not answer: %v", r.server.Host, plainly(err)), "try again later; check that a server for OAuth is there")
	default:
		return problem(stageConnect, Certain, oauth.Temporary, fmt.Sprintf("%s cannot be reached: %v", r.server.Host, err), "check the network and the address, and whether a proxy is needed")
	}
}

var errLate = errors.New("nothing came in time")

// plainly leaves out what a server said that does not speak HTTP.
func plainly(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it closed the connection")
	}
	var failed net.Error
	if errors.As(err, &failed) || errors.Is(err, errLate) {
		return err
	}
	return errors.New("the answer is not HTTP")
}

// untrusted explains a connection that TLS refused.
func (r *route) untrusted(err error) Finding {
	host := r.server.Host
	var (
		unknown  x509.UnknownAuthorityError
		name     x509.HostnameError
		invalid  x509.CertificateInvalidError
		noRecord tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &unknown):
		return problem(stageTLS, Certain, oauth.Misconfigured, "nobody whom this machine trusts vouches for the certificate of "+host,
			"if it is a certificate of your own, or of a proxy that looks into connections, pass its authority's with --ca-file")
	case errors.As(err, &name):
		return problem(stageTLS, Certain, oauth.Misconfigured, fmt.Sprintf("the certificate of %s is for another name: %v", host, name), "check the address")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return problem(stageTLS, Certain, oauth.Temporary, fmt.Sprintf("the certificate of %s was valid from %s to %s, and the clock of this machine says %s",
			host, moment(invalid.Cert.NotBefore), moment(invalid.Cert.NotAfter), moment(time.Now())), "check the clock; if it is right, tell whoever runs the server")
	case errors.As(err, &noRecord), errors.Is(err, http.ErrSchemeMismatch):
		return problem(stageTLS, Certain, oauth.Misconfigured, "at "+host+" is a server that does not speak TLS", "check the address and the port")
	default:
		return problem(stageTLS, Certain, oauth.Temporary, fmt.Sprintf("no secure connection to %s: %v", host, err), "check the address, the clock, and whether a proxy looks into connections")
	}
}
