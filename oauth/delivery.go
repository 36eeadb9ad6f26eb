package oauth

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// delivery follows a request on its way to the server: whether the server can have received it, and
// whether a transport sends it again. It uses the events of net/http's own transport, which a
// transport around it passes on with the context.
type delivery struct {
	trace httptrace.ClientTrace
	once  bool // the request has a body, and so must be sent only once

	asked, connected, written atomic.Bool // for a connection; got one; the header was written to it
	bodyRead                  atomic.Bool
	repeated                  atomic.Bool // it would have been sent again
	stop                      context.CancelCauseFunc
}

var errRepeated = errors.New("the HTTP client's transport was stopped when it sent the request again; " +
	"use a transport that does not retry")

// follow returns a copy of the request with the events, for the transport. done must be called when
// the reply has been read.
func follow(
	ctx context.Context, req *http.Request, transport http.RoundTripper,
) (followed *http.Request, d *delivery, done func()) {
	d = &delivery{once: req.Body != nil}
	ctx, d.stop = context.WithCancelCause(ctx)
	d.trace.GetConn = func(string) {
		d.asked.Store(true)
		d.stopRepeated()
	}
	d.trace.GotConn = func(info httptrace.GotConnInfo) {
		d.connected.Store(true)
		// net/http does not look at the context again before it writes to an idle connection.
		if d.stopRepeated() && !isHTTP2(info.Conn) {
			_ = info.Conn.Close()
		}
	}
	d.trace.WroteHeaders = func() { d.written.Store(true) }
	followed = req.WithContext(httptrace.WithClientTrace(ctx, &d.trace))
	// net/http sends the header and a body of its own type in one write: a process that is killed has
	// sent both or neither.
	if d.once && !reportsConnections(transport) {
		followed.Body = &followedBody{req.Body, d}
	}
	return followed, d, func() { d.stop(nil) }
}

// stopRepeated reports whether the request was sent before, and if so, ends it. net/http itself
// repeats such a request only if nothing of it was written.
func (d *delivery) stopRepeated() bool {
	if !d.once || !d.written.Load() {
		return false
	}
	d.repeated.Store(true)
	d.stop(errRepeated)
	return true
}

// isHTTP2 reports whether other requests may use the connection, too.
func isHTTP2(conn net.Conn) bool {
	t, ok := conn.(*tls.Conn)
	return ok && t.ConnectionState().NegotiatedProtocol == "h2"
}

type followedBody struct {
	io.ReadCloser
	d *delivery
}

// unfollowed returns the body that req had before [follow], and what follows it, or nil.
func unfollowed(req *http.Request) (io.ReadCloser, *delivery) {
	if b, ok := req.Body.(*followedBody); ok {
		return b.ReadCloser, b.d
	}
	return req.Body, nil
}

func (b *followedBody) Read(p []byte) (int, error) {
	b.d.bodyRead.Store(true)
	return b.ReadCloser.Read(p)
}

// mayHaveArrived reports whether the server can have received the request, which failed with err.
// net/http's transport reports each connection, and sends nothing without one. Another transport may
// use it only after HTTP/3 has failed, of which nothing is reported. Such a transport has sent nothing
// if it did not read the body, and the error or net/http's transport says that there is no connection.
func (d *delivery) mayHaveArrived(req *http.Request, transport http.RoundTripper, err error) bool {
	switch {
	case d.connected.Load():
		return true
	case reportsConnections(transport):
		return false
	case d.bodyRead.Load() || req.Method != http.MethodPost:
		return true
	default:
		return !d.asked.Load() && !isDialError(err)
	}
}

func isDialError(err error) bool {
	failed, ok := errors.AsType[*net.OpError](err)
	return ok && (failed.Op == "dial" || failed.Op == "proxyconnect")
}

// reportsConnections reports whether the transport calls GotConn for every connection.
func reportsConnections(transport http.RoundTripper) bool {
	switch t := transport.(type) {
	case nil, *http.Transport: // nil is http.DefaultTransport
		return true
	case *Trace:
		return reportsConnections(t.Transport)
	default:
		return false
	}
}
