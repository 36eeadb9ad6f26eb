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

// Transport is an [http.RoundTripper] that adds a connection's access token to requests (RFC 6750
// §2.1). [Keeper.Client] returns a client with one.
//
// If the API rejects the token (status 401, or the provider's own way to say so), the token is
// refreshed and the request is sent again, once, provided that its body can be read again: it has
// none, or [http.Request.GetBody]. If a login is required, the error matches [ErrLoginRequired]. If
// there is no other token for another reason, the API's response is returned and the reason is
// logged. That includes a token that was refreshed less than a minute ago ([Source.Refresh]).
//
// An address without a host leads to the connection's own API, which the registration ([API]) or
// the token (Salesforce's instance_url) names. The token is sent to the hosts that these and the
// provider name, and to Hosts, over https or to this machine. A request to another host is a
// [*SetupError]. A redirect to another host is followed without the token.
//
// The caller's context ends the waiting for a token and the request, but no refresh. Without a
// deadline the request waits for a refresh for at most [DefaultTimeout].
type Transport struct {
	redact.Sealed

	Source *Source

	// Hosts may receive the token, too, whatever the connection: "api.example.com",
	// "localhost:8080" with a port that is not the default, and ".example.com" for every subdomain.
	Hosts []string

	// Base sends the requests. Defaults to [http.DefaultTransport]. With that, a proxy variable of
	// the environment that names no proxy is a [*SetupError], where net/http would send the request
	// directly.
	Base http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.Source == nil {
		closeBody(req)
		return nil, errors.New("freshet.Transport: no Source")
	}
	p, err := t.Source.presentation(req.Context())
	if err != nil {
		closeBody(req)
		return nil, err
	}
	sent, hasToken, err := t.prepare(req, p)
	if err != nil {
		closeBody(req)
		return nil, err
	}
	res, err := t.send(sent, req.URL, p)
	if err != nil || !hasToken || !p.isRejection(res) {
		return res, err
	}
	return t.repeat(req, res, p)
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

// send sends the request. original is the address in the caller's request. An error does not repeat
// the token that the request carries.
func (t *Transport) send(req *http.Request, original *url.URL, p *presentation) (*http.Response, error) {
	if t.Base == nil {
		if _, err := oauth.ProxyFromEnvironment(req); err != nil {
			closeBody(req)
			return nil, &SetupError{
				Name: t.Source.name, Kind: oauth.Misconfigured, Err: err,
				What: err.Error() + "; nothing was sent", Remedy: "correct it or remove it",
			}
		}
	}
	res, err := t.base().RoundTrip(req)
	if err != nil {
		return nil, redact.New(append(redact.Values(p.token.Bytes()), string(p.accessToken()))...).Error(err)
	}
	if res.Request == nil {
		res.Request = req // so that redirects can be traced back
	}
	if res.Body == nil {
		res.Body = http.NoBody // as net/http's own client does
	}
	if original.Host == "" {
		if to, err := res.Location(); err == nil {
			res.Header.Set("Location", to.String()) // net/http's client would resolve it against the original address
		}
	}
	return res, nil
}

// repeat sends the request again with another token. If that is impossible, it returns the response
// that rejected the token; the next request has the new token.
func (t *Transport) repeat(req *http.Request, rejected *http.Response, p *presentation) (*http.Response, error) {
	_, err := t.Source.Refresh(req.Context(), string(p.accessToken()))
	switch {
	case errors.Is(err, ErrLoginRequired):
		discard(rejected)
		return nil, fmt.Errorf("%s refused the access token: %w", rejected.Request.URL.Host, err)
	case err != nil && req.Context().Err() != nil: // with the 401 the caller would believe that the grant has ended
		_ = rejected.Body.Close()
		return nil, err
	case err != nil && !isUnsaved(err):
		t.Source.keeper.refresher.log().Warn("an API refused the access token, and there is no other",
			"connection", t.Source.name, "host", rejected.Request.URL.Host, "error", err)
		return rejected, nil
	case req.Body != nil && req.Body != http.NoBody && req.GetBody == nil:
		return rejected, nil
	}
	next, err := t.Source.presentation(req.Context())
	if err == nil && next.accessToken() == p.accessToken() {
		return rejected, nil // the provider delivered the same token again
	}
	discard(rejected)
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

// prepare returns a copy of the request with an absolute address, and with the token if that may be
// sent there.
func (t *Transport) prepare(req *http.Request, p *presentation) (sent *http.Request, hasToken bool, err error) {
	target := req.URL
	if target.Host == "" {
		if p.base == nil {
			path := text.Printable(target.Path)
			return nil, false, withName(t.Source.name, misconfigured(
				fmt.Sprintf("%q names no host, and the token does not say where its API is", path),
				"use the API's whole address, or say in the registration's API.Base where it is"))
		}
		target = p.base.ResolveReference(target)
	}
	sent = new(http.Request)
	*sent = *req
	sent.URL = target
	switch {
	case cameFromOtherHost(req, target):
		return sent, false, nil
	case !p.allows(target, t.Hosts):
		return nil, false, withName(t.Source.name, misconfigured(
			fmt.Sprintf("the access token is not sent to %s://%s, which is not known to be the connection's",
				target.Scheme, text.Printable(target.Host)),
			"if it is, name the host in the registration's API.Hosts or for Keeper.Client, and use https"))
	}
	sent.Header = maps.Clone(req.Header) // the values are shared and must not be changed
	if sent.Header == nil {
		sent.Header = http.Header{}
	}
	sent.Header[p.header] = p.authorization
	return sent, true, nil
}

// cameFromOtherHost reports whether redirects led to the target by way of another host. That host
// chose the path, so the token must not be sent with it.
func cameFromOtherHost(req *http.Request, target *url.URL) bool {
	for req.Response != nil && req.Response.Request != nil {
		if req = req.Response.Request; !sameHost(req.URL, target) {
			return true
		}
	}
	return false
}

func (s *Source) presentation(ctx context.Context) (*presentation, error) {
	for {
		token, err := s.Token(ctx)
		if token.AccessToken() == "" {
			return nil, err
		}
		t := s.cached.Load()
		if t == nil {
			t = s.current().cached.Load() // s was dropped and has a successor
		}
		if t != nil {
			return t.presented(), nil
		}
		// The connection was changed between the two.
	}
}

// peek returns the beginning of the response's body, which can still be read as a whole. It does
// not wait for more than the first read: the body may be a stream.
func peek(res *http.Response) []byte {
	beginning := make([]byte, 4<<10)
	n, err := res.Body.Read(beginning)
	beginning = beginning[:n]
	rest := io.Reader(res.Body)
	if err != nil {
		rest = errReader{err}
	}
	res.Body = peekedBody{io.MultiReader(bytes.NewReader(beginning), rest), res.Body}
	return beginning
}

// peekedBody is a body whose beginning was read already.
type peekedBody struct {
	io.Reader
	io.Closer
}

type errReader struct{ err error }

func (e errReader) Read([]byte) (int, error) { return 0, e.err }

// discard closes the body. A short one is read to its end, so that its connection can be used
// again.
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
