package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
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
// The error is a [*SendError], or says what is wrong with r. A nil client means [NewHTTPClient].
func (r Request) Send(ctx context.Context, client *http.Client) (Reply, error) {
	u, err := urls.Parse("the endpoint", r.Endpoint, r.InsecureHosts...)
	if err != nil {
		return Reply{}, err
	}
	req, form, err := r.prepare(u)
	if err != nil {
		return Reply{}, err
	}
	return do(ctx, client, req, form)
}

// prepare returns the HTTP request and its parameters. It may change u.
func (r Request) prepare(u *url.URL) (*http.Request, url.Values, error) {
	form := maps.Clone(r.Form)
	if form == nil {
		form = url.Values{}
	}
	req := newRequest(http.MethodPost, u, r.Header)
	if err := r.Client.authenticate(form, req.Header); err != nil {
		return nil, nil, err
	}
	if r.IDHeader != "" && r.Client.Style() == AuthNone {
		form.Del("client_id")
		req.Header.Set(r.IDHeader, r.Client.ID)
	}
	body, contentType := form.Encode(), "application/x-www-form-urlencoded"
	switch {
	case r.Query:
		req.Method, u.RawQuery = http.MethodGet, strings.TrimPrefix(u.RawQuery+"&"+body, "&")
		body, contentType = "", ""
	case r.JSON:
		body, contentType = jsonObject(form), "application/json"
	}
	// Without GetBody, no transport can repeat the request on another connection.
	req.Body, req.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	return req, form, nil
}

func jsonObject(form url.Values) string {
	members := map[string]any{}
	for name, values := range form {
		if len(values) == 1 {
			members[name] = values[0]
		} else {
			members[name] = values
		}
	}
	body, _ := json.Marshal(members) // strings always encode
	return string(body)
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
	req := newRequest(http.MethodGet, u, nil)
	if accessToken != "" {
		req.Header.Set("Authorization", "Bearer "+string(accessToken))
	}
	return do(ctx, client, req, nil)
}

// newRequest returns a request without a context. header overrides the default Accept and User-Agent.
func newRequest(method string, u *url.URL, header http.Header) *http.Request {
	req := &http.Request{Method: method, URL: u, Host: u.Host, Header: http.Header{
		"Accept":     {"application/json"},
		"User-Agent": {"freshet"},
	}}
	for name, values := range header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	return req
}

// do sends the request. form has the parameters in its body.
func do(ctx context.Context, client *http.Client, req *http.Request, form url.Values) (Reply, error) {
	host := req.URL.Host
	if err := ctx.Err(); err != nil {
		return Reply{}, &SendError{Host: host, Err: err}
	}
	if client == nil {
		client = NewHTTPClient()
		defer client.CloseIdleConnections()
	}
	req, d, done := follow(ctx, req, client.Transport)
	defer done()
	// A redirect is returned as the reply: a 307 would send the refresh token to another host.
	once := *client
	once.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	sent := &sent{req, form, client.Transport}
	res, err := once.Do(req)
	if err != nil {
		failed := &SendError{Host: host, Sent: d.mayHaveArrived(req, client.Transport, err)}
		if toProxy, ok := errors.AsType[*net.OpError](err); ok && toProxy.Op == "proxyconnect" {
			if u := proxyURL(client.Transport, req); u != nil {
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
	request   *http.Request
	form      url.Values        // the parameters in the body
	transport http.RoundTripper // may have the password of a proxy
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
		redact.Parameters(s.form), redact.Parameters(query), redact.Headers(s.request.Header),
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
