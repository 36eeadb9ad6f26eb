package freshet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/freshet-dev/freshet/internal/proxy"
	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/oauth"
)

// Transport is an [http.RoundTripper] that adds a connection's access token to requests (RFC 6750
// §2.1). [Keeper.Client] returns a client with one.
//
// If the API rejects the token (status 401, or the provider's own way to say so), the token is
// refreshed and the request is sent again, once, provided that its body can be read again: it has
// none, or [http.Request.GetBody], or no more than BufferSize was read of it. If a login is
// required, the error matches [ErrLoginRequired]. If there is no other token for another reason,
// the API's response is returned and the reason is logged. That includes a token that was refreshed
// less than a minute ago and that the API has never accepted ([Source.Refresh]).
//
// An address without a host leads to the connection's own API, which the registration ([API]) or
// the token (Salesforce's instance_url) names. The token is sent to the hosts that these and the
// provider name, and to Hosts, over https, to this machine, or over http to the registration's
// InsecureHosts. A request to another host is a [*SetupError]. A redirect to another host is followed without the token, except between hosts
// that the registration or the token names.
//
// The caller's context ends the waiting for a token and the request, but no refresh. Without a
// deadline the request waits for a refresh for at most [DefaultTimeout].
type Transport struct {
	redact.Sealed

	Source *Source

	// Hosts may receive the token, too, whatever the connection: "api.example.com",
	// "localhost:8080" with a port that is not the default, and ".example.com" for every subdomain.
	Hosts []string

	// BufferSize is how many bytes of a body are kept in memory: of a request without GetBody, so
	// that it can be sent again, and of a response that rejects the token, so that its network
	// connection is free before the refresh begins. Of responses that may reject the token in their
	// body, as Slack's and Salesforce's do, that much is searched; for that they are held back
	// until it has arrived, but for at most a second, and never if they are a stream by their
	// Content-Type. Defaults to 64 KiB. With a negative number, requests without GetBody are not
	// sent again.
	BufferSize int

	// Base sends the requests. It must not change them, as [http.RoundTripper] says: requests without
	// a header of their own share one. Defaults to [http.DefaultTransport]. With that, a proxy variable of
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
	if !hasToken {
		return t.send(sent, req.URL, p)
	}
	body := recordBody(req, t.bufferSize())
	defer body.release()
	if body != nil {
		sent.Body = body.current
	}
	res, err := t.send(sent, req.URL, p)
	if err != nil {
		return nil, err
	}
	if !p.isRejection(res, t.bufferSize()) {
		p.noteAnswer(res)
		return res, nil
	}
	return t.repeat(req, body, res, p)
}

func (t *Transport) bufferSize() int {
	if t.BufferSize == 0 {
		return 64 << 10
	}
	return t.BufferSize
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
		remedy := oauth.Remedy("correct it or remove it")
		via, err := proxy.FromEnvironment(req)
		if err == nil && req.Header[p.field(req.URL).name] != nil {
			err = proxy.CheckRoute(via, req)
			remedy = oauth.Remedyf("list %s in NO_PROXY", req.URL.Hostname())
		}
		if err != nil {
			closeBody(req)
			return nil, &SetupError{
				Name: t.Source.name, Kind: oauth.Misconfigured, Err: err,
				What: err.Error() + "; nothing was sent", Remedy: remedy,
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
// that rejected the token; the next request has the new token. body is the request's recorded body,
// or nil.
func (t *Transport) repeat(
	req *http.Request, body *sentBody, rejected *http.Response, p *presentation,
) (*http.Response, error) {
	waitForBody(rejected, t.bufferSize(), nil) // the refresh may need its network connection
	_, err := t.Source.Refresh(req.Context(), string(p.accessToken()))
	switch {
	case errors.Is(err, ErrLoginRequired):
		_ = rejected.Body.Close()
		return nil, fmt.Errorf("%s refused the access token: %w", rejected.Request.URL.Host, err)
	case err != nil && req.Context().Err() != nil: // with the 401 the caller would believe that the grant has ended
		_ = rejected.Body.Close()
		return nil, err
	case err != nil && !isUnsaved(err):
		t.Source.keeper.refresher.log().Warn("an API refused the access token, and there is no other",
			"connection", t.Source.name, "host", rejected.Request.URL.Host, "error", err)
		return rejected, nil
	}
	next, err := t.Source.presentation(req.Context())
	if err != nil {
		_ = rejected.Body.Close()
		return nil, err
	}
	if next.accessToken() == p.accessToken() { // the provider delivered the same token again
		t.Source.refreshedInVain()
		return rejected, nil
	}
	sent, _, err := t.prepare(req, next)
	if err == nil {
		sent.Body, err = bodyAgain(req, body)
	}
	if errors.Is(err, errNotRecorded) {
		return rejected, nil
	}
	_ = rejected.Body.Close()
	if err != nil {
		return nil, err
	}
	res, err := t.send(sent, req.URL, next)
	switch {
	case err != nil:
		return nil, err
	case next.isRejection(res, t.bufferSize()):
		t.Source.refreshedInVain()
	default:
		next.noteAnswer(res)
	}
	return res, nil
}

// bodyAgain returns the request's body from its beginning.
func bodyAgain(req *http.Request, body *sentBody) (io.ReadCloser, error) {
	switch {
	case req.Body == nil || req.Body == http.NoBody:
		return req.Body, nil
	case body != nil:
		return body.rewind()
	case req.GetBody == nil:
		return nil, errNotRecorded
	}
	again, err := req.GetBody()
	if err != nil {
		return nil, fmt.Errorf("sending the request again: %w", err)
	}
	return again, nil
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
	case cameFromOtherHost(req, target, p):
		return sent, false, nil
	case !p.allows(target, t.Hosts):
		return nil, false, withName(t.Source.name, misconfigured(
			fmt.Sprintf("the access token is not sent to %s://%s, which is not known to be the connection's",
				target.Scheme, text.Printable(target.Host)),
			"if it is, name the host in the registration's API.Hosts or for Keeper.Client, and use https; "+
				"InsecureHosts allows http to a host inside your own network"))
	}
	if sent.Header, err = p.header(req.Header, sent.Method, target); err != nil {
		return nil, false, withName(t.Source.name, err)
	}
	if accepted := sent.Header["Accept-Encoding"]; len(accepted) > 0 && len(p.provider.API.Rejections) > 0 {
		sent.Header["Accept-Encoding"] = readableEncodings(accepted)
	}
	return sent, true, nil
}

// cameFromOtherHost reports whether redirects led to the target by way of a host that is neither
// the target's, nor one of the connection's own as that is, too. That host chose the path, so the
// token must not be sent with it. Nor is it sent if a redirect led from https to http.
func cameFromOtherHost(req *http.Request, target *url.URL, p *presentation) bool {
	for req.Response != nil && req.Response.Request != nil {
		req = req.Response.Request
		if sameHost(req.URL, target) {
			continue
		}
		if !(p.owns(req.URL) && p.owns(target)) || req.URL.Scheme == "https" && target.Scheme == "http" {
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

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}
