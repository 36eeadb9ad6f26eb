package oauth_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/freshet-dev/freshet/oauth"
)

// wrapped is a transport around another, as those that measure and trace are.
type wrapped func(*http.Request) (*http.Response, error)

func (w wrapped) RoundTrip(req *http.Request) (*http.Response, error) { return w(req) }

// retrying keeps the body of a request, and sends it up to three times.
func retrying(base http.RoundTripper) wrapped {
	return func(req *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		for n := 1; ; n++ {
			again := req.Clone(req.Context())
			again.Body = io.NopCloser(bytes.NewReader(body))
			res, err := base.RoundTrip(again)
			if n == 3 || err == nil && res.StatusCode < 500 {
				return res, err
			}
			if err == nil { // so that the next request gets the same connection
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
			}
		}
	}
}

// withoutContext hides the events of net/http's transport.
func withoutContext(base http.RoundTripper) wrapped {
	return func(req *http.Request) (*http.Response, error) {
		return base.RoundTrip(req.WithContext(context.Background()))
	}
}

// fallback is a transport that asks second if first fails, as one that prefers HTTP/3 does.
func fallback(first, second http.RoundTripper) wrapped {
	return func(req *http.Request) (*http.Response, error) {
		res, err := first.RoundTrip(req)
		if err == nil {
			return res, nil
		}
		return second.RoundTrip(req)
	}
}

// Whether a failed request may have been sent is known through wrapped transports, too.
func TestSendErrorSentThroughWrappedTransports(t *testing.T) {
	refused := httptest.NewServer(nil)
	refused.Close()
	dropping := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic(http.ErrAbortHandler)
	}))
	defer dropping.Close()
	untrusted := httptest.NewTLSServer(nil)
	untrusted.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	defer untrusted.Close()
	noHost := "https://no-such-host.invalid/"
	refusing := wrapped(func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	})
	reset := wrapped(func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")}
	})
	lost := wrapped(func(req *http.Request) (*http.Response, error) {
		_, _ = io.Copy(io.Discard, req.Body) // to the server
		return nil, errors.New("timeout: no recent network activity")
	})
	keeping := func(next http.RoundTripper) wrapped { // it can send the body more than once
		return func(req *http.Request) (*http.Response, error) {
			body, _ := io.ReadAll(req.Body)
			req = req.Clone(req.Context())
			req.Body = io.NopCloser(bytes.NewReader(body))
			return next.RoundTrip(req)
		}
	}
	base := http.RoundTripper(new(http.Transport))
	traced := func(t http.RoundTripper) http.RoundTripper { return &oauth.Trace{Transport: t, Out: io.Discard} }
	for _, test := range []struct {
		name      string
		transport http.RoundTripper
		endpoint  string
		sent      bool
	}{
		{"refused", wrapped(base.RoundTrip), refused.URL, false},
		{"no address", wrapped(base.RoundTrip), noHost, false},
		{"no trust", wrapped(base.RoundTrip), untrusted.URL, false},
		{"dropped", wrapped(base.RoundTrip), dropping.URL, true},
		{"refused, no events", withoutContext(base), refused.URL, false},
		{"no address, no events", withoutContext(base), noHost, false},
		{"no trust, no events", withoutContext(base), untrusted.URL, true},
		{"dropped, no events", withoutContext(base), dropping.URL, true},
		{"refused by another transport", refusing, "https://op.example/", false},
		{"reset in another transport", reset, "https://op.example/", true},
		{"refused, kept", keeping(wrapped(base.RoundTrip)), refused.URL, true},
		{"refused again and again", retrying(base), refused.URL, true},
		{"refused by HTTP/3, then refused", fallback(refusing, base), refused.URL, false},
		{"refused by HTTP/3, then no trust", fallback(refusing, base), untrusted.URL, false},
		{"lost by HTTP/3, then refused", fallback(lost, base), refused.URL, true},
		{"lost by HTTP/3, then no address", fallback(lost, base), noHost, true},
		{"kept, lost by HTTP/3, then refused", keeping(fallback(lost, base)), refused.URL, true},
		{"refused, traced", traced(wrapped(base.RoundTrip)), refused.URL, false},
		{"dropped, traced", traced(wrapped(base.RoundTrip)), dropping.URL, true},
		{"refused by another transport, traced", traced(refusing), "https://op.example/", false},
		{"lost by HTTP/3, then refused, traced", traced(fallback(lost, base)), refused.URL, true},
		{"the first attempt may have got through", retrying(refusing), "https://op.example/", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			request := oauth.Request{Endpoint: test.endpoint, Form: oauth.RefreshGrant("r")}
			_, err := request.Send(t.Context(), &http.Client{Transport: test.transport})
			var failed *oauth.SendError
			if !errors.As(err, &failed) || failed.Sent != test.sent {
				t.Errorf("%v, want sent %t", err, test.sent)
			}
		})
	}
}

// A transport that retries would send a refresh token twice. It is stopped, also if it reuses the
// connection of the first attempt.
func TestSendStopsRetryingTransports(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"an error": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
		"a reset":  func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		for protocol, configure := range map[string]func(*httptest.Server){
			"HTTP/1.1": func(s *httptest.Server) { s.Start() },
			"TLS":      func(s *httptest.Server) { s.StartTLS() },
		} {
			t.Run(name+" over "+protocol, func(t *testing.T) {
				var requests atomic.Int64
				server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					requests.Add(1)
					answer(w, r)
				}))
				configure(server)
				defer server.Close()
				client := server.Client()
				client.Transport = retrying(client.Transport)
				for range 20 {
					requests.Store(0)
					_, err := oauth.Request{Endpoint: server.URL, Form: oauth.RefreshGrant("r")}.Send(t.Context(), client)
					var failed *oauth.SendError
					if !errors.As(err, &failed) || !failed.Sent || !strings.Contains(err.Error(), "does not retry") {
						t.Errorf("got %v", err)
					}
					if n := requests.Load(); n != 1 {
						t.Fatalf("the server got %d requests", n)
					}
				}
			})
		}
	}
}

// Over HTTP/2, other requests use the connection, which therefore stays open.
func TestSendStopsRetriesOverHTTP2(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	dialed := atomic.Int64{}
	base := server.Client().Transport.(*http.Transport)
	base.DialTLSContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		dialed.Add(1)
		return (&tls.Dialer{Config: base.TLSClientConfig}).DialContext(ctx, network, address)
	}
	for range 3 {
		_, err := oauth.Request{Endpoint: server.URL, Form: oauth.RefreshGrant("r")}.Send(
			t.Context(), &http.Client{Transport: retrying(base)})
		if err == nil || !strings.Contains(err.Error(), "does not retry") {
			t.Errorf("got %v", err)
		}
	}
	if n := dialed.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// recordedConn records each write to a connection.
type recordedConn struct {
	net.Conn
	writes *[]string
}

func (c recordedConn) Write(p []byte) (int, error) {
	*c.writes = append(*c.writes, string(p))
	return c.Conn.Write(p)
}

// A request is one write, so that a process that is killed has sent all of it or nothing.
func TestSendWritesARequestAtOnce(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"access_token":"a"}`)
	}))
	defer server.Close()
	var all []string
	transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		return recordedConn{conn, &all}, err
	}}
	defer transport.CloseIdleConnections()
	request := oauth.Request{Endpoint: server.URL, Form: oauth.RefreshGrant("r-token")}
	if _, err := request.Send(t.Context(), &http.Client{Transport: transport}); err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 || !strings.Contains(all[0], "r-token") {
		t.Errorf("%d writes: %q", len(all), all)
	}
}
