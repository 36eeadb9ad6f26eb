package oauth

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/internal/urls"
)

// Request is a request to an endpoint of the authorization server. It holds secrets and redacts
// itself when printed.
type Request struct {
	redact.Sealed

	Endpoint string // https, or http on a loopback host or one of InsecureHosts
	Client   Client
	Form     url.Values  // the grant and further parameters; the client's authentication is added
	Header   http.Header // further headers; may be nil
	JSON     bool        // POST a JSON object instead of a form: strings, and an array for a repeated parameter
	Query    bool        // GET with the parameters in the query, as Facebook requires
	// IDHeader is the header field that has the id of a client without a secret, in place of the
	// parameter client_id; "" is that parameter.
	IDHeader string

	// Assertion is signed and added as the parameter assertion, if it is not nil.
	Assertion *Assertion

	// InsecureHosts are the hosts to which the request may go unencrypted, by http: exact names
	// with the port, such as "keycloak.auth.svc:8080".
	InsecureHosts []string
}

// RefreshGrant returns the form that presents a refresh token (RFC 6749 §6). It has no scope, so
// the grant keeps its scope. The caller may add parameters.
func RefreshGrant(refreshToken Secret) url.Values {
	return url.Values{
		"grant_type":    {"refresh_token"},
		"refresh_token": {string(refreshToken)},
	}
}

// CodeGrant returns the form that presents an authorization code (RFC 6749 §4.1.3) with its
// redirect URI and PKCE verifier (RFC 7636 §4.5). Empty ones are left out.
func CodeGrant(code Secret, redirectURI string, verifier Secret) url.Values {
	form := url.Values{
		"grant_type": {"authorization_code"},
		"code":       {string(code)},
	}
	if redirectURI != "" {
		form.Set("redirect_uri", redirectURI)
	}
	if verifier != "" {
		form.Set("code_verifier", string(verifier))
	}
	return form
}

// ClientCredentialsGrant returns the form for a token of the client's own (RFC 6749 §4.4.2), with the
// scopes, if there are any.
func ClientCredentialsGrant(scopes []string) url.Values {
	form := url.Values{"grant_type": {"client_credentials"}}
	if len(scopes) > 0 {
		form.Set("scope", strings.Join(scopes, " "))
	}
	return form
}

// DeviceGrant returns the form that presents a device code (RFC 8628 §3.4).
func DeviceGrant(deviceCode Secret) url.Values {
	return url.Values{
		"grant_type":  {"urn:ietf:params:oauth:grant-type:device_code"},
		"device_code": {string(deviceCode)},
	}
}

// SendError is the error of a request that got no reply.
//
// If Sent is false, the server cannot have received the request (no address, route, connection or
// TLS), and it may be repeated. If Sent is true, the server may have acted on it, so the refresh
// token or the code may be spent.
type SendError struct {
	Host  string // of the server
	Proxy string // host and port of the proxy, if the proxy could not be reached
	Sent  bool
	Err   error
}

func (e *SendError) Error() string {
	switch {
	case e.Sent:
		return fmt.Sprintf("no answer from %s: %v", e.Host, e.Err)
	case e.Proxy != "":
		return fmt.Sprintf("could not reach the proxy %s: %v", e.Proxy, e.Err)
	default:
		return fmt.Sprintf("could not reach %s: %v", e.Host, e.Err)
	}
}

func (e *SendError) Unwrap() error { return e.Err }

// Send sends the request once and returns the reply, even if it is an error response or incomplete.
// The error is a [*SendError], or says what is wrong with r. A nil client means [NewHTTPClient]. Only
// the client's Transport and Timeout are used.
func (r Request) Send(ctx context.Context, client *http.Client) (Reply, error) {
	u, err := urls.Parse("the endpoint", r.Endpoint, r.InsecureHosts...)
	if err != nil {
		return Reply{}, err
	}
	if r, err = r.Signed(ctx); err != nil {
		return Reply{}, err
	}
	req := newRequest(http.MethodPost, u)
	p, err := r.prepare(&req)
	if err != nil {
		return Reply{}, err
	}
	return do(ctx, client, &req, p)
}

// prepare completes the HTTP request, and returns its parameters.
func (r Request) prepare(req *http.Request) (parameters, error) {
	p := newParameters(r.Form)
	for name, values := range r.Header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	if err := r.Client.authenticate(&p, req.Header); err != nil {
		return nil, err
	}
	if r.IDHeader != "" && r.Client.Style() == AuthNone {
		p.remove("client_id")
		req.Header.Set(r.IDHeader, r.Client.ID)
	}
	body := ""
	switch {
	case r.Query:
		req.Method, req.URL.RawQuery = http.MethodGet, strings.TrimPrefix(req.URL.RawQuery+"&"+p.encode(), "&")
	case r.JSON:
		body, req.Header["Content-Type"] = p.object(), []string{"application/json"}
	default:
		body, req.Header["Content-Type"] = p.encode(), []string{"application/x-www-form-urlencoded"}
	}
	// Without GetBody, no transport can repeat the request on another connection.
	req.Body, req.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	return p, nil
}

// Fetch makes one GET with accessToken as bearer token (RFC 6750 §2.1), if it is not empty. As for
// [Request.Send], the address must be https or on a loopback host or one of insecureHosts, redirects
// are not followed, and at most [MaxReply] bytes are read.
func Fetch(
	ctx context.Context, client *http.Client, rawURL string, accessToken Secret, insecureHosts ...string,
) (Reply, error) {
	u, err := urls.Parse("the address", rawURL, insecureHosts...)
	if err != nil {
		return Reply{}, err
	}
	req := newRequest(http.MethodGet, u)
	if accessToken != "" {
		req.Header.Set("Authorization", "Bearer "+string(accessToken))
	}
	return do(ctx, client, &req, nil)
}

// newRequest returns a request without a context.
func newRequest(method string, u *url.URL) http.Request {
	return http.Request{Method: method, URL: u, Host: u.Host, Header: http.Header{
		"Accept":     {"application/json"},
		"User-Agent": {"freshet"},
	}}
}

// do sends the request with the client's transport. p are the parameters in its body.
//
// A redirect is returned as the reply, which the transport does not follow: a 307 would send the
// refresh token to another host.
func do(ctx context.Context, client *http.Client, unsent *http.Request, p parameters) (Reply, error) {
	host := unsent.URL.Host
	if err := ctx.Err(); err != nil {
		return Reply{}, &SendError{Host: host, Err: err}
	}
	if client == nil {
		client = NewHTTPClient()
		defer client.CloseIdleConnections()
	}
	if client.Timeout > 0 {
		limited, cancel := context.WithTimeout(ctx, client.Timeout)
		defer cancel()
		ctx = limited
	}
	transport := client.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	req, d, done := follow(ctx, unsent, transport)
	defer done()
	sent := &sent{req, p, transport}
	res, err := transport.RoundTrip(req)
	if err == nil && res == nil {
		err = errors.New("the HTTP client's transport returned neither a response nor an error")
	}
	if notTLS, ok := errors.AsType[tls.RecordHeaderError](err); ok && string(notTLS.RecordHeader[:]) == "HTTP/" {
		err = http.ErrSchemeMismatch
	}
	if err != nil {
		failed := &SendError{Host: host, Sent: d.mayHaveArrived(req, transport, err)}
		if toProxy, ok := errors.AsType[*net.OpError](err); ok && toProxy.Op == "proxyconnect" {
			if u := proxyURL(transport, req); u != nil {
				failed.Proxy = u.Host
			}
			err = toProxy.Err
		}
		if d.repeated.Load() {
			err = errRepeated
		}
		failed.Err = sent.redactor().Error(withoutQuotes(err))
		return Reply{}, failed
	}
	if res.Body == nil {
		res.Body = http.NoBody
	}
	defer res.Body.Close()
	return readReply(res, host, sent)
}

// quoting are parts of the errors in which net/http quotes what it received.
var quoting = []string{"malformed", "Content-Length", "transfer encoding", "trailer", "Trailer", "Location header"}

// withoutQuotes returns a transport's error without the URL, or a fixed error if it quotes an
// answer that is not HTTP. Such an answer may have a new token in it, which no redactor knows.
func withoutQuotes(err error) error {
	err = urls.WithoutURL(err)
	if slices.ContainsFunc(quoting, func(part string) bool { return strings.Contains(err.Error(), part) }) {
		return errNotHTTP
	}
	return err
}

var errNotHTTP = errors.New("the answer is not HTTP")

// sent has what a request carried: the secrets that its reply and its errors may repeat.
type sent struct {
	request    *http.Request
	parameters parameters        // in the body
	transport  http.RoundTripper // may have the password of a proxy
}

// redactor returns a redactor for the request's secrets and more. A nil sent, of a reply from a
// journal, has no secrets.
func (s *sent) redactor(more ...string) *redact.Redactor {
	if s == nil {
		return redact.New(more...)
	}
	query, _ := url.ParseQuery(s.request.URL.RawQuery) // the valid part of it
	return redact.New(slices.Concat(
		more,
		redact.Parameters(s.parameters.values()), redact.Parameters(query), redact.Headers(s.request.Header),
		redact.Userinfo(proxyURL(s.transport, s.request)),
	)...)
}

// proxyURL returns the URL of the proxy for the request, or nil. It may have a password in it.
func proxyURL(transport http.RoundTripper, req *http.Request) *url.URL {
	switch t := transport.(type) {
	case nil:
		return proxyURL(http.DefaultTransport, req)
	case *Trace:
		return proxyURL(t.Transport, req)
	case *http.Transport:
		if t.Proxy != nil {
			if u, err := t.Proxy(req); err == nil {
				return u
			}
		}
	}
	return nil
}
