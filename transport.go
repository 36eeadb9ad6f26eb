package freshet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/freshet-dev/freshet/oauth"
)

// Transport is an [http.RoundTripper] that sends a connection's access token along (RFC 6750 §2.1). [Keeper.Client] makes a
// client of one.
//
// When the API refuses the token (status 401, and what the provider uses beside it), another is got and the request is repeated,
// once, provided that its body can be sent again: it has none, or [http.Request.GetBody]. If nobody but a person can help, the
// error matches [ErrLoginRequired]; if there is no other token for another reason, the API's answer is returned.
//
// An address without a host leads to the connection's own API, where the provider says which that is (Salesforce's
// instance_url). The token goes to the connection's own hosts and to Hosts, over https or to this machine; a request to any other
// is an error. A redirect to another host is followed without the token.
//
// The caller's context ends the waiting for a token and the request, but no refresh.
type Transport struct {
	Source *Source

	// Hosts may get the token beside those that the provider and the token name: "api.example.com", "localhost:8080", and
	// ".example.com" for everything below it. A provider that freshet does not know needs it.
	Hosts []string

	// Base makes the requests. Defaults to [http.DefaultTransport].
	Base http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	shown, err := t.Source.present(req.Context())
	if err != nil {
		closeBody(req)
		return nil, err
	}
	sent, carries, err := t.prepare(req, shown)
	if err != nil {
		closeBody(req)
		return nil, err
	}
	res, err := t.send(sent)
	if err != nil || !carries || !shown.refusedBy(res) {
		return res, err
	}
	return t.again(req, res, shown)
}

// CloseIdleConnections closes those of Base.
func (t *Transport) CloseIdleConnections() {
	if c, ok := t.base().(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

func (t *Transport) base() http.RoundTripper {
	if t.Base == nil {
		return http.DefaultTransport
	}
	return t.Base
}

func (t *Transport) send(req *http.Request) (*http.Response, error) {
	res, err := t.base().RoundTrip(req)
	if err == nil && res.Request == nil {
		res.Request = req // by which a redirect finds out where it began
	}
	return res, err
}

// again repeats a request whose token was refused. If it cannot, the answer stands, and the next request has another token.
func (t *Transport) again(req *http.Request, refused *http.Response, shown *presentation) (*http.Response, error) {
	_, err := t.Source.Refresh(req.Context(), string(shown.accessToken()))
	switch {
	case errors.Is(err, ErrLoginRequired):
		discard(refused.Body)
		return nil, fmt.Errorf("%s refused the access token: %w", refused.Request.URL.Host, err)
	case err != nil && !isUnsaved(err):
		t.Source.keeper.refresher.log().Warn("an API refused the access token, and there is no other",
			"connection", t.Source.name, "host", refused.Request.URL.Host, "error", err)
		return refused, nil
	case req.Body != nil && req.Body != http.NoBody && req.GetBody == nil:
		return refused, nil
	}
	discard(refused.Body)
	if shown, err = t.Source.present(req.Context()); err != nil {
		return nil, err
	}
	sent, _, err := t.prepare(req, shown)
	if err != nil {
		return nil, err
	}
	if req.GetBody != nil {
		if sent.Body, err = req.GetBody(); err != nil {
			return nil, fmt.Errorf("sending the request again: %w", err)
		}
	}
	return t.send(sent)
}

// prepare returns the request as it is sent: to an absolute address, and carrying the token if that may go there. req stays as
// it is.
func (t *Transport) prepare(req *http.Request, shown *presentation) (sent *http.Request, carries bool, err error) {
	target := req.URL
	if target.Host == "" {
		if shown.base == nil {
			return nil, false, t.errNowhere(target)
		}
		target = shown.base.ResolveReference(target)
	}
	sent = new(http.Request)
	*sent = *req
	sent.URL = target
	switch first := firstOf(req); {
	case first != req && !sameHost(first.URL, target):
		return sent, false, nil
	case !shown.isFor(target) && !t.names(target):
		return nil, false, t.errForeign(target)
	}
	sent.Header = make(http.Header, len(req.Header)+1) // its values are shared: nobody may change them
	maps.Copy(sent.Header, req.Header)
	sent.Header["Authorization"] = shown.authorization
	return sent, true, nil
}

// names reports whether the caller named the address's host.
func (t *Transport) names(u *url.URL) bool {
	return isProtected(u) && slices.ContainsFunc(t.Hosts, func(host string) bool { return matches(host, u) })
}

func (t *Transport) errNowhere(u *url.URL) error {
	return &Problem{
		Name: t.Source.name, Kind: oauth.Misconfigured,
		What:   fmt.Sprintf("%q names no host, and the token does not say where its API is", oauth.Printable(u.Path)),
		Remedy: "use the API's whole address",
	}
}

func (t *Transport) errForeign(u *url.URL) error {
	return &Problem{
		Name: t.Source.name, Kind: oauth.Misconfigured,
		What:   fmt.Sprintf("the access token is not sent to %s://%s, which is not known to be the connection's", u.Scheme, oauth.Printable(u.Host)),
		Remedy: "if it is, name the host in Transport.Hosts or in Keeper.Client, and use https",
	}
}

// firstOf is the request that led to req by redirects; req itself, if none did.
func firstOf(req *http.Request) *http.Request {
	for req.Response != nil && req.Response.Request != nil {
		req = req.Response.Request
	}
	return req
}

func isUnsaved(err error) bool {
	var unsaved *UnsavedError
	return errors.As(err, &unsaved)
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// discard reads what is left of a short body, so that its connection can be used again, and closes it.
func discard(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 64<<10)
	_ = body.Close()
}

// present returns what a request needs of a valid token.
func (s *Source) present(ctx context.Context) (*presentation, error) {
	for {
		token, err := s.Token(ctx)
		if token.AccessToken() == "" {
			return nil, err
		}
		h := s.held.Load()
		if h == nil {
			continue // forgotten between the two lines
		}
		if shown := h.presented.Load(); shown != nil {
			return shown, nil
		}
		shown := newPresentation(h.token, h.provider)
		h.presented.Store(shown)
		return shown, nil
	}
}

// peeked is a body of which the beginning was read already.
type peeked struct {
	io.Reader
	io.Closer
}

// peek returns the beginning of the response's body, which stays whole.
func peek(res *http.Response) []byte {
	beginning, err := io.ReadAll(io.LimitReader(res.Body, 4<<10))
	rest := io.Reader(res.Body)
	if err != nil {
		rest = failing{err}
	}
	res.Body = peeked{io.MultiReader(bytes.NewReader(beginning), rest), res.Body}
	return beginning
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
