package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
)

// Request is one POST, or GET, to an endpoint of the authorization server, made as the client. It holds secrets and redacts itself
// when printed.
type Request struct {
	Endpoint string // as [ParseEndpoint] accepts it
	Client   Client
	Form     url.Values  // the grant and further parameters, to which the client's authentication is added
	Header   http.Header // further headers; may be nil
	JSON     bool        // send a JSON object instead of a form: strings, and an array for a repeated parameter
	Query    bool        // make a GET with the parameters in the address, for a server that wants it so (Facebook)
}

// String describes the request by its host alone.
func (r Request) String() string {
	host := "an unknown host"
	if u, err := parseEndpoint("", r.Endpoint); err == nil {
		host = u.Host
	}
	return "[request to " + host + "]"
}

// GoString redacts like String.
func (r Request) GoString() string { return r.String() }

// Format redacts under every verb and flag.
func (r Request) Format(f fmt.State, _ rune) { fmt.Fprint(f, r.String()) }

// LogValue redacts for log/slog.
func (r Request) LogValue() slog.Value { return slog.StringValue(r.String()) }

// SendError is a request that got no reply. When Sent is false the server cannot have seen it (no name, no route, no
// connection, no TLS), and it may be repeated; when Sent is true nobody knows whether the server acted on it, and so
// whether a refresh token or code was spent.
type SendError struct {
	Host  string // of the server
	Proxy string // host and port of the proxy, if it was the proxy that could not be reached
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

var errNotHTTP = errors.New("the answer is not HTTP")

// Send makes one request and returns whatever came back, also when it is an error or was cut short. The error is a
// [*SendError], or says what is wrong with r; a nil client means one of [NewHTTPClient]'s, for this request alone.
func (r Request) Send(ctx context.Context, client *http.Client) (Reply, error) {
	u, err := parseEndpoint("the endpoint", r.Endpoint)
	if err != nil {
		return Reply{}, err
	}
	req, form, err := r.prepare(u)
	if err != nil {
		return Reply{}, err
	}
	return do(ctx, client, req, form)
}

// prepare makes the request, and returns the parameters that are in it.
func (r Request) prepare(u *url.URL) (*http.Request, url.Values, error) {
	form := maps.Clone(r.Form)
	if form == nil {
		form = url.Values{}
	}
	req := newRequest(http.MethodPost, u, r.Header)
	if err := r.Client.authenticate(form, req.Header); err != nil {
		return nil, nil, err
	}
	body, contentType := form.Encode(), "application/x-www-form-urlencoded"
	switch {
	case r.Query:
		req.Method, u.RawQuery = http.MethodGet, strings.TrimPrefix(u.RawQuery+"&"+body, "&") // u is this request's own
		body, contentType = "", ""
	case r.JSON:
		body, contentType = jsonObject(form), "application/json"
	}
	// Without GetBody no transport can replay the request on another connection.
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

// Fetch makes one GET with accessToken as a bearer token (RFC 6750 §2.1), or without one when it is empty, under the same
// rules as [Request.Send]: https or a loopback host, no redirect, at most [MaxReply] bytes.
func Fetch(ctx context.Context, client *http.Client, rawURL string, accessToken Secret) (Reply, error) {
	u, err := parseEndpoint("the address", rawURL)
	if err != nil {
		return Reply{}, err
	}
	req := newRequest(http.MethodGet, u, nil)
	if accessToken != "" {
		req.Header.Set("Authorization", "Bearer "+string(accessToken))
	}
	return do(ctx, client, req, nil)
}

// newRequest makes a request that has no context yet; u was parsed already.
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

// do makes the exchange, and tells when it fails whether the request may have left. form is what is in the body.
func do(ctx context.Context, client *http.Client, req *http.Request, form url.Values) (Reply, error) {
	host := req.URL.Host
	if err := ctx.Err(); err != nil {
		return Reply{}, &SendError{Host: host, Err: err}
	}
	if client == nil {
		client = NewHTTPClient()
		defer client.CloseIdleConnections()
	}
	// Without a connection nothing was sent; but only net/http's own transport is known to tell of every one it gets.
	var connected atomic.Bool
	req = req.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}))
	carried := &sent{req, form, client.Transport}
	res, err := withoutRedirects(client).Do(req)
	if err != nil {
		failed := &SendError{Host: host, Sent: connected.Load() || !tellsConnections(client.Transport)}
		if toProxy, ok := errors.AsType[*net.OpError](err); ok && toProxy.Op == "proxyconnect" {
			if u := proxyURL(client.Transport, req); u != nil {
				failed.Proxy = u.Host
			}
			err = toProxy.Err
		}
		failed.Err = carried.redactor().Error(withoutQuotes(err))
		return Reply{}, failed
	}
	defer res.Body.Close()
	return readReply(res, host, carried)
}

// quoting are parts of the errors in which net/http quotes what it received.
var quoting = []string{"malformed", "Content-Length", "transfer encoding", "trailer", "Trailer", "Location header"}

// withoutQuotes removes from a transport's error what it quotes: the URL, or an answer that is not HTTP, which may hold a token
// that is known to nobody yet.
func withoutQuotes(err error) error {
	err = withoutURL(err)
	if slices.ContainsFunc(quoting, func(part string) bool { return strings.Contains(err.Error(), part) }) {
		return errNotHTTP
	}
	return err
}

func tellsConnections(transport http.RoundTripper) bool {
	switch t := transport.(type) {
	case nil, *http.Transport: // nil is the default one
		return true
	case *Trace:
		return tellsConnections(t.Transport)
	default:
		return false
	}
}

// proxyURL returns the address of the proxy that the request goes through, or nil. It may hold a password.
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

// withoutRedirects returns a copy of client that hands a redirect back as the reply: a 307 would carry the refresh token
// to wherever it points.
func withoutRedirects(client *http.Client) *http.Client {
	c := *client
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}
