package oauth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Refresh is one refresh request (RFC 6749 §6). No scope is sent: the grant keeps the scope it has.
type Refresh struct {
	Endpoint     string // as [ParseEndpoint] accepts it
	Client       Client
	RefreshToken Secret
	Params       url.Values  // further parameters of the body; may be nil
	Header       http.Header // further headers; may be nil
}

// SendError is a request that got no reply. When Sent is false the server cannot have seen it (no name, no route, no
// connection, no TLS), and it may be repeated; when Sent is true nobody knows whether the refresh token was spent.
type SendError struct {
	Host string
	Sent bool
	Err  error
}

func (e *SendError) Error() string {
	if e.Sent {
		return fmt.Sprintf("no answer from %s: %v", e.Host, e.Err)
	}
	return fmt.Sprintf("could not reach %s: %v", e.Host, e.Err)
}

func (e *SendError) Unwrap() error { return e.Err }

var errNotHTTP = errors.New("the answer is not HTTP")

// Send makes one POST and returns whatever came back, also when it is an error or was cut short. The error is a
// [*SendError], or says what is wrong with r; a nil client means one of [NewHTTPClient]'s, for
// this request alone.
func (r Refresh) Send(ctx context.Context, client *http.Client) (Reply, error) {
	u, err := ParseEndpoint(r.Endpoint)
	if err != nil {
		return Reply{}, err
	}
	if err := ctx.Err(); err != nil {
		return Reply{}, &SendError{Host: u.Host, Err: err}
	}
	// Without a connection nothing was sent; but only net/http's own transport is known to tell of every one it gets.
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	req, err := r.request(ctx, u)
	if err != nil {
		return Reply{}, err
	}
	if client == nil {
		client = NewHTTPClient()
		defer client.CloseIdleConnections()
	}
	res, err := withoutRedirects(client).Do(req)
	if err != nil {
		// Not the *url.Error: it repeats the method and the whole URL.
		if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		if strings.Contains(err.Error(), "malformed") {
			err = errNotHTTP // the original quotes the answer, which may hold a token
		}
		return Reply{}, &SendError{Host: u.Host, Sent: connected.Load() || !tellsConnections(client.Transport), Err: err}
	}
	defer res.Body.Close()
	return readReply(res, u.Host)
}

func tellsConnections(transport http.RoundTripper) bool {
	_, ok := transport.(*http.Transport)
	return ok || transport == nil // the default one
}

func (r Refresh) request(ctx context.Context, u *url.URL) (*http.Request, error) {
	form := url.Values{}
	for name, values := range r.Params {
		form[name] = values
	}
	form.Set("grant_type", "refresh_token")
	form.Set("refresh_token", string(r.RefreshToken))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), nil)
	if err != nil {
		return nil, err
	}
	for name, values := range r.Header {
		req.Header[name] = values
	}
	if err := r.Client.authenticate(form, req.Header); err != nil {
		return nil, err
	}
	body := form.Encode()
	// Without GetBody no transport can replay the request on another connection.
	req.Body, req.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", "freshet")
	}
	return req, nil
}

// withoutRedirects returns a copy of client that hands a redirect back as the reply: a 307 would carry the refresh token
// to wherever it points.
func withoutRedirects(client *http.Client) *http.Client {
	c := *client
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// ConnectTimeout bounds the time until a connection, TLS included, stands.
const ConnectTimeout = 10 * time.Second

// NewHTTPClient returns a client fit for a token endpoint: proxies from the environment, ten seconds to connect, no
// second connection behind the caller's back. The exchange is bounded by the caller's context.
func NewHTTPClient() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = (&net.Dialer{Timeout: ConnectTimeout}).DialContext
	t.TLSHandshakeTimeout = ConnectTimeout
	t.MaxIdleConnsPerHost = 64 // 2, the default, closes connections that the next refresh to this provider wants
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true) // HTTP/2 may move a request to another stream by itself
	return &http.Client{Transport: t}
}
