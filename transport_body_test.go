package freshet_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// A body without GetBody, as a gateway's or a stream, is sent again if little was read of it. Else
// the rejection is returned, and the next request has another token.
func TestTransportRepeatsABodyWithoutGetBody(t *testing.T) {
	const size = 64 << 10
	for name, test := range map[string]struct {
		body   string
		length int64 // as the request states it; 0: unknown
		buffer int
		status int
	}{
		"short":                       {"body", 4, 0, http.StatusOK},
		"short, of unknown length":    {"body", 0, 0, http.StatusOK},
		"as much as is kept":          {strings.Repeat("x", size), 0, 0, http.StatusOK},
		"much more than is kept":      {strings.Repeat("x", 4*size), 4 * size, 0, http.StatusUnauthorized},
		"within a larger buffer":      {strings.Repeat("x", 4*size), 0, 4 * size, http.StatusOK},
		"nothing is kept":             {"body", 4, -1, http.StatusUnauthorized},
		"empty, as servers' often is": {"", 0, 0, http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t, oauthtest.Config{Rotate: true}, nil)
			a.transport.BufferSize = test.buffer
			a.auth.Revoke(a.accessToken(t))
			closed := false
			req := request(t, http.MethodPost, a.URL+"/x", nil)
			req.Body = &watchedBody{io.NopCloser(strings.NewReader(test.body)), func() { closed = true }}
			req.ContentLength = test.length
			if status, _ := a.do(t, req); status != test.status {
				t.Errorf("status %d, want %d", status, test.status)
			}
			want := []string{"POST /x " + test.body}
			if test.status == http.StatusOK {
				want = append(want, want[0])
			}
			a.wantSeen(t, want...)
			if status, _ := a.do(t, request(t, http.MethodGet, a.URL+"/y", nil)); status != http.StatusOK {
				t.Errorf("the next request: %d", status)
			}
			if !closed {
				t.Error("the body was not closed")
			}
		})
	}
}

// The API rejects the token while the body is still being written. It is sent from its beginning,
// also what the first request has begun to read.
func TestTransportRepeatsABodyThatIsStillWritten(t *testing.T) {
	reader, writer := io.Pipe()
	repeated := make(chan struct{})
	var a *api
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); a.auth.ValidAccess(token) {
			close(repeated)
			body, _ := io.ReadAll(r.Body)
			_, _ = w.Write(body)
			return
		}
		if err := http.NewResponseController(w).EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		if _, err := io.ReadFull(r.Body, make([]byte, 3)); err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusUnauthorized)
	})
	server := httptest.NewServer(handler)
	defer server.Close()
	a = newAPI(t, oauthtest.Config{Rotate: true}, nil)
	a.transport.Hosts = []string{hostOf(server.URL)}
	a.auth.Revoke(a.accessToken(t))
	go func() {
		_, _ = io.WriteString(writer, "one")
		<-repeated
		_, _ = io.WriteString(writer, ", two")
		_ = writer.Close()
	}()
	status, body := a.do(t, withDeadline(t, request(t, http.MethodPost, server.URL, reader)))
	if status != http.StatusOK || body != "one, two" {
		t.Errorf("%d %q", status, body)
	}
}

// A gateway's requests have no GetBody.
func TestTransportOfAGateway(t *testing.T) {
	a := newAPI(t, oauthtest.Config{Rotate: true}, nil)
	target, err := url.Parse(a.URL)
	if err != nil {
		t.Fatal(err)
	}
	gateway := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, Transport: a.transport,
	})
	defer gateway.Close()
	a.auth.Revoke(a.accessToken(t))
	res, err := http.Post(gateway.URL+"/x", "application/json", strings.NewReader(`{"a":1}`))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("status %d", res.StatusCode)
	}
	a.wantSeen(t, `POST /x {"a":1}`, `POST /x {"a":1}`)
}

// onePool starts an API and its authorization server on one host. The keeper of the connection and
// the transport share one network connection to it.
func onePool(t *testing.T, rejection string) (*oauthtest.Server, *freshet.Transport, string) {
	t.Helper()
	var auth *oauthtest.Server
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		switch {
		case r.URL.Path != "/api":
			auth.ServeHTTP(w, r)
		case auth.ValidAccess(token):
			_, _ = io.WriteString(w, "welcome")
		default:
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, rejection)
		}
	}))
	t.Cleanup(server.Close)
	auth = oauthtest.NewHandler(oauthtest.Config{Rotate: true}, server.URL)
	store := new(freshet.MemoryStore)
	token := parse(t, string(auth.Document()))
	store.Put(freshet.Connection{Name: acme, Token: token, Registration: freshet.Registration{
		Client: oauth.Client{ID: auth.ClientID()}, Endpoints: oauth.Endpoints{Token: auth.TokenEndpoint()},
		API: freshet.API{Base: server.URL},
	}})
	auth.Revoke(token.AccessToken())
	pool := &http.Transport{MaxConnsPerHost: 1}
	keeper := freshet.NewKeeper(freshet.Config{Store: store, HTTP: &http.Client{Transport: pool}})
	return auth, &freshet.Transport{Source: keeper.Source(acme), Base: pool}, server.URL + "/api"
}

// The rejection's network connection is free before the refresh, which may have to wait for it.
func TestTransportFreesTheConnectionBeforeTheRefresh(t *testing.T) {
	for name, rejection := range map[string]string{
		"short": "who are you?", "as long as is kept": strings.Repeat("x", 64<<10),
	} {
		t.Run(name, func(t *testing.T) {
			_, transport, address := onePool(t, rejection)
			client := &http.Client{Transport: transport}
			res, err := client.Do(withDeadline(t, request(t, http.MethodGet, address, nil)))
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if body, err := io.ReadAll(res.Body); err != nil || string(body) != "welcome" {
				t.Errorf("%d %.20s, %v", res.StatusCode, body, err)
			}
		})
	}
}

// The caller who gets the rejection in the end reads all of it.
func TestTransportReturnsTheWholeRejection(t *testing.T) {
	for name, rejection := range map[string]string{
		"nothing": "", "short": "who are you?", "long": strings.Repeat("0123456789", 100<<10),
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t, oauthtest.Config{Rotate: true}, func(w http.ResponseWriter, _ *http.Request) bool {
				w.WriteHeader(http.StatusUnauthorized)
				_, _ = io.WriteString(w, rejection)
				return true
			})
			a.auth.Fail(oauthtest.Fault{Name: "500"})
			if status, body := a.do(t, request(t, http.MethodGet, a.URL, nil)); status != http.StatusUnauthorized ||
				body != rejection {
				t.Errorf("%d, %d bytes of %d", status, len(body), len(rejection))
			}
		})
	}
}
