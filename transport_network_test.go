package freshet_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauthtest"
)

// newAPIOn starts an API as newAPI does, but with a handler of its own on a server of its own.
func newAPIOn(
	t *testing.T, start func(*httptest.Server), handle func(valid bool, w http.ResponseWriter, r *http.Request),
) (a *api, address string) {
	t.Helper()
	a = newAPI(t, oauthtest.Config{Rotate: true}, nil)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		handle(a.auth.ValidAccess(token), w, r)
	}))
	start(server)
	t.Cleanup(server.Close)
	a.transport.Base, a.transport.Hosts = server.Client().Transport, []string{hostOf(server.URL)}
	a.auth.Revoke(a.accessToken(t))
	return a, server.URL
}

// The token is rejected before the server has read the body, which is sent again from its
// beginning.
func TestTransportRepeatsALargeUpload(t *testing.T) {
	const size = 8 << 20
	a, address := newAPIOn(t, (*httptest.Server).Start,
		func(valid bool, w http.ResponseWriter, r *http.Request) {
			if !valid {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			n, _ := io.Copy(io.Discard, r.Body)
			fmt.Fprint(w, n)
		})
	res, err := a.client().Post(address, "application/octet-stream", bytes.NewReader(make([]byte, size)))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got, err := io.ReadAll(res.Body); err != nil || string(got) != fmt.Sprint(size) {
		t.Errorf("%s: %s, %v", res.Status, got, err)
	}
}

// The body of a response with status 101 is the network connection, to write to as well.
func TestTransportUpgradesAConnection(t *testing.T) {
	a, address := newAPIOn(t, (*httptest.Server).Start,
		func(valid bool, w http.ResponseWriter, _ *http.Request) {
			if !valid {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			conn, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
			_ = rw.Flush()
			line, _ := rw.ReadString('\n')
			_, _ = rw.WriteString("echo " + line)
			_ = rw.Flush()
		})
	req := request(t, http.MethodGet, address, nil)
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "echo")
	res, err := a.client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	conn, ok := res.Body.(io.ReadWriter)
	if !ok || res.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%s, a body of type %T", res.Status, res.Body)
	}
	if _, err := io.WriteString(conn, "hello\n"); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(conn); err != nil || string(got) != "echo hello\n" {
		t.Errorf("%q, %v", got, err)
	}
}

// The server ends HTTP/2 connections in between (GOAWAY), and rejects the first token.
func TestTransportOverHTTP2(t *testing.T) {
	var requests atomic.Int64
	start := func(s *httptest.Server) {
		s.EnableHTTP2 = true
		s.StartTLS()
	}
	a, address := newAPIOn(t, start, func(valid bool, w http.ResponseWriter, r *http.Request) {
		if requests.Add(1)%7 == 0 {
			w.Header().Set("Connection", "close")
		}
		if n, _ := io.Copy(io.Discard, r.Body); n != 100_000 || !valid {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	var callers sync.WaitGroup
	for range 10 {
		callers.Go(func() {
			for range 10 {
				res, err := a.client().Post(address, "text/plain", strings.NewReader(strings.Repeat("x", 100_000)))
				if err != nil {
					t.Error(err)
					return
				}
				_ = res.Body.Close()
				if res.StatusCode != http.StatusOK || res.ProtoMajor != 2 {
					t.Errorf("%s over %s", res.Status, res.Proto)
				}
			}
		})
	}
	callers.Wait()
	if stats := a.auth.Stats(); stats.Refreshes != 1 {
		t.Errorf("%d refreshes", stats.Refreshes)
	}
}

// A transport must close a request's body, also if it sends nothing.
func TestTransportClosesTheBodyOfARequestThatIsNotSent(t *testing.T) {
	a := newAPI(t, oauthtest.Config{}, nil)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		connection, address string
		ctx                 context.Context
	}{
		"no such connection":    {"nobody", a.URL, t.Context()},
		"a host of others":      {acme, "https://elsewhere.example/", t.Context()},
		"a context that ended":  {acme, a.URL, ended},
		"an address of no host": {acme, "/x", t.Context()},
	} {
		closed := false
		body := &watchedBody{io.NopCloser(strings.NewReader("x")), func() { closed = true }}
		req := request(t, http.MethodPost, test.address, body).WithContext(test.ctx)
		keeper := freshet.NewKeeper(freshet.Config{Store: a.store})
		res, err := (&freshet.Transport{Source: keeper.Source(test.connection)}).RoundTrip(req)
		if err == nil {
			_ = res.Body.Close()
		}
		if err == nil || !closed {
			t.Errorf("%s: closed %t, %v", name, closed, err)
		}
	}
}
