package oauthtest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// Transport returns a transport that passes requests to the server without a network. It is for the
// client of a test with a fake clock (testing/synctest), which cannot use real connections. A reply
// that a fault drops is [io.ErrUnexpectedEOF].
func (s *Server) Transport() http.RoundTripper { return directTransport{s} }

type directTransport struct{ server *Server }

// RoundTrip returns when the whole reply has arrived. A handler that aborts is an unexpected EOF.
func (d directTransport) RoundTrip(r *http.Request) (response *http.Response, err error) {
	w := &recorder{header: http.Header{}, status: http.StatusOK}
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			response, err = nil, io.ErrUnexpectedEOF
		default:
			panic(p)
		}
	}()
	if r.Body != nil {
		defer r.Body.Close() // as the contract of http.RoundTripper says
	}
	d.server.ServeHTTP(w, r)
	return &http.Response{
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		StatusCode: w.status, Status: fmt.Sprint(w.status, " ", http.StatusText(w.status)),
		Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()),
		Request: r,
	}, nil
}

// recorder is an [http.ResponseWriter] in memory. The one of httptest would be linked into every program
// that has a test server.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header         { return w.header }
func (w *recorder) WriteHeader(status int)      { w.status = status }
func (w *recorder) Write(p []byte) (int, error) { return w.body.Write(p) }

// Flush does nothing: the client gets the whole reply at once.
func (w *recorder) Flush() {}
