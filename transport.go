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

	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

// Transport is an [http.RoundTripper] that sends a connection's access token along (RFC 6750 §2.1). [Keeper.Client] makes a
// client of one.
//
// When the API refuses the token (status 401, and what the provider uses beside it), another is got and the request is repeated,
// once, provided that its body can be sent again: it has none, or [http.Request.GetBody]. If nobody but a person can help, the
// error matches [ErrLoginRequired]; if there is no other token for another reason, the API's answer is returned, and the Logger
// hears why: also within a minute of the refresh that delivered the refused token ([Source.Refresh]).
//
// An address without a host leads to the connection's own API, where the registration ([API]) or the token (Salesforce's
// instance_url) says which that is. The token goes to the hosts that these and the provider name, and to Hosts, over https or to
// this machine; a request to any other is a [*Problem]. A redirect to another host is followed without the token.
//
// The caller's context ends the waiting for a token and the request, but no refresh. Without a deadline it waits for a refresh for
// [DefaultPatience] at most.
type Transport struct {
	Source *Source

	// Hosts may get the token, too, of whatever connection: "api.example.com", "localhost:8080" with a port that is not the usual
	// one, and ".example.com" for everything below it.
	Hosts []string

	// Base makes the requests. Defaults to [http.DefaultTransport], where a proxy variable of the environment that names no proxy is a
	// [*Problem] instead of a request without one.
	Base http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.Source == nil {
		closeBody(req)
		return nil, errors.New("freshet.Transport: no Source")
	}
	shown, err := t.Source.presentation(req.Context())
	if err != nil {
		closeBody(req)
		return nil, err
	}
	sent, carries, err := t.prepare(req, shown)
	if err != nil {
		closeBody(req)
		return nil, err
	}
	res, err := t.send(sent, req.URL, shown)
	if err != nil || !carries || !shown.isRejection(res) {
		return res, err
	}
	return t.repeat(req, res, shown)
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

// send makes the request for a caller who asked for the given address. An error does not repeat the token that the request
// carries.
func (t *Transport) send(req *http.Request, asked *url.URL, shown *presentation) (*http.Response, error) {
	if t.Base == nil {
		if _, err := oauth.ProxyFromEnvironment(req); err != nil {
			closeBody(req)
			return nil, &Problem{Name: t.Source.name, Kind: oauth.Misconfigured, What: err.Error() + "; nothing was sent", Remedy: "correct it or remove it", Err: err}
		}
	}
	res, err := t.base().RoundTrip(req)
	if err != nil {
		return nil, redact.New(append(redact.Values(shown.token.Bytes()), string(shown.accessToken()))...).Error(err)
	}
	if res.Request == nil {
		res.Request = req // by which a redirect finds out where it began
	}
	if res.Body == nil {
		res.Body = http.NoBody // as net/http's own client makes it
	}
	if asked.Host == "" {
		if to, err := res.Location(); err == nil {
			res.Header.Set("Location", to.String()) // which net/http's client would resolve by the address asked for
		}
	}
	return res, nil
}

// repeat makes a request again whose token was refused. If it cannot, the answer stands, and the next request has another token.
func (t *Transport) repeat(req *http.Request, refused *http.Response, shown *presentation) (*http.Response, error) {
	_, err := t.Source.Refresh(req.Context(), string(shown.accessToken()))
	switch {
	case errors.Is(err, ErrLoginRequired):
		discard(refused)
		return nil, fmt.Errorf("%s refused the access token: %w", refused.Request.URL.Host, err)
	case err != nil && req.Context().Err() != nil: // a refusal would read as the connection's end
		_ = refused.Body.Close()
		return nil, err
	case err != nil && !isUnsaved(err):
		t.Source.keeper.refresher.log().Warn("an API refused the access token, and there is no other",
			"connection", t.Source.name, "host", refused.Request.URL.Host, "error", err)
		return refused, nil
	case req.Body != nil && req.Body != http.NoBody && req.GetBody == nil:
		return refused, nil
	}
	next, err := t.Source.presentation(req.Context())
	if err == nil && next.accessToken() == shown.accessToken() {
		return refused, nil // the provider has no other
	}
	discard(refused)
	if err != nil {
		return nil, err
	}
	sent, _, err := t.prepare(req, next)
	if err != nil {
		return nil, err
	}
	if req.GetBody != nil {
		if sent.Body, err = req.GetBody(); err != nil {
			return nil, fmt.Errorf("sending the request again: %w", err)
		}
	}
	return t.send(sent, req.URL, next)
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
	switch {
	case cameFromElsewhere(req, target):
		return sent, false, nil
	case !shown.allows(target, t.Hosts):
		return nil, false, t.errForeign(target)
	}
	sent.Header = maps.Clone(req.Header) // its values are shared: nobody may change them
	if sent.Header == nil {
		sent.Header = http.Header{}
	}
	sent.Header[shown.header] = shown.authorization
	return sent, true, nil
}

func (t *Transport) errNowhere(u *url.URL) error {
	return &Problem{
		Name: t.Source.name, Kind: oauth.Misconfigured,
		What:   fmt.Sprintf("%q names no host, and the token does not say where its API is", text.Printable(u.Path)),
		Remedy: "use the API's whole address, or say in the registration's API.Base where it is",
	}
}

func (t *Transport) errForeign(u *url.URL) error {
	return &Problem{
		Name: t.Source.name, Kind: oauth.Misconfigured,
		What:   fmt.Sprintf("the access token is not sent to %s://%s, which is not known to be the connection's", u.Scheme, text.Printable(u.Host)),
		Remedy: "if it is, name the host in the registration's API.Hosts or for Keeper.Client, and use https",
	}
}

// cameFromElsewhere reports whether redirects led to the target by way of another host, whose choice the path is then.
func cameFromElsewhere(req *http.Request, target *url.URL) bool {
	for req.Response != nil && req.Response.Request != nil {
		if req = req.Response.Request; !sameHost(req.URL, target) {
			return true
		}
	}
	return false
}

// credential returns what a request needs of a valid token.
func (s *Source) presentation(ctx context.Context) (*presentation, error) {
	for {
		token, err := s.Token(ctx)
		if token.AccessToken() == "" {
			return nil, err
		}
		h := s.held.Load()
		if h == nil {
			h = s.kept().held.Load() // s was forgotten, and another has its name
		}
		if h != nil {
			return h.shown(), nil
		}
		// Forgotten between the two: somebody has just changed the connection.
	}
}

// peek returns what has come of the response's body, which stays whole. It does not wait for more: the body may be a stream.
func peek(res *http.Response) []byte {
	beginning := make([]byte, 4<<10)
	n, err := res.Body.Read(beginning)
	beginning = beginning[:n]
	rest := io.Reader(res.Body)
	if err != nil {
		rest = ended{err}
	}
	res.Body = peeked{io.MultiReader(bytes.NewReader(beginning), rest), res.Body}
	return beginning
}

// peeked is a body of which the beginning was read already.
type peeked struct {
	io.Reader
	io.Closer
}

type ended struct{ err error }

func (e ended) Read([]byte) (int, error) { return 0, e.err }

// discard closes the body. A short one is read to its end, so that its connection can be used again.
func discard(res *http.Response) {
	if 0 <= res.ContentLength && res.ContentLength <= 64<<10 {
		_, _ = io.CopyN(io.Discard, res.Body, res.ContentLength)
	}
	_ = res.Body.Close()
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}
