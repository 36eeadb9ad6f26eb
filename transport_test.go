package freshet_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// api is a resource server with its authorization server, and a client that calls it.
type api struct {
	*httptest.Server
	auth      *oauthtest.Server
	store     *freshet.MemoryStore
	keeper    *freshet.Keeper
	transport *freshet.Transport
	base      *watched

	mu   sync.Mutex
	seen []string // what was asked, and with what
}

// newAPI starts an API that accepts the tokens of its authorization server. handle may answer
// first.
func newAPI(t *testing.T, config oauthtest.Config, handle func(http.ResponseWriter, *http.Request) bool) *api {
	t.Helper()
	a := &api{auth: oauthtest.NewServer(config), store: new(freshet.MemoryStore), base: new(watched)}
	t.Cleanup(a.auth.Close)
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		a.mu.Lock()
		a.seen = append(a.seen, r.Method+" "+r.URL.Path+" "+string(body))
		a.mu.Unlock()
		switch {
		case handle != nil && handle(w, r):
		case a.auth.ValidAccess(token):
			_, _ = io.WriteString(w, "welcome")
		default:
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, "who are you?")
		}
	}))
	t.Cleanup(a.Close)
	a.store.Put(freshet.Connection{
		Name: acme, Token: parse(t, string(a.auth.Document())), Registration: freshet.Registration{
			Client: oauth.Client{ID: a.auth.ClientID()}, Endpoints: oauth.Endpoints{Token: a.auth.TokenEndpoint()},
		},
	})
	a.keeper = freshet.NewKeeper(freshet.Config{Store: a.store})
	a.transport = &freshet.Transport{Source: a.keeper.Source(acme), Hosts: []string{hostOf(a.URL)}, Base: a.base}
	return a
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	return u.Host
}

func (a *api) client() *http.Client { return &http.Client{Transport: a.transport} }

// accessToken returns the saved one.
func (a *api) accessToken(t *testing.T) string {
	t.Helper()
	c, err := a.store.Get(t.Context(), acme)
	if err != nil {
		t.Fatal(err)
	}
	return c.Token.AccessToken()
}

// do sends a request and returns the response. Every body must be closed then.
func (a *api) do(t *testing.T, req *http.Request) (status int, body string) {
	t.Helper()
	res, err := a.client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		t.Fatal(err)
	}
	a.base.wantClosed(t)
	return res.StatusCode, string(data)
}

func (a *api) wantSeen(t *testing.T, want ...string) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if got := strings.Join(a.seen, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("the API saw\n%s\nand not\n%s", got, strings.Join(want, "\n"))
	}
}

// watched counts bodies that were not closed.
type watched struct {
	mu   sync.Mutex
	open int
}

func (w *watched) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(req)
	if err == nil {
		w.add(1)
		res.Body = &watchedBody{res.Body, sync.OnceFunc(func() { w.add(-1) })}
	}
	return res, err
}

func (w *watched) add(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open += n
}

func (w *watched) wantClosed(t *testing.T) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open != 0 {
		t.Errorf("%d bodies of responses are open", w.open)
	}
}

type watchedBody struct {
	io.ReadCloser
	closed func()
}

func (b *watchedBody) Close() error {
	b.closed()
	return b.ReadCloser.Close()
}

func request(t *testing.T, method, address string, body io.Reader) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, body)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func TestTransportAddsTheTokenToACopy(t *testing.T) {
	a := newAPI(t, oauthtest.Config{}, nil)
	req := request(t, http.MethodGet, a.URL+"/x", nil)
	req.Header.Set("X-Own", "1")
	if status, body := a.do(t, req); status != http.StatusOK || body != "welcome" {
		t.Errorf("%d %s", status, body)
	}
	if len(req.Header) != 1 || req.URL.String() != a.URL+"/x" {
		t.Errorf("the caller's request was changed: %v %v", req.URL, req.Header)
	}
}

func TestTransportRepeatsARejectedRequest(t *testing.T) {
	for name, body := range map[string]io.Reader{
		"no body": nil, "a body that can be read again": strings.NewReader("body"),
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t, oauthtest.Config{Rotate: true}, nil)
			a.auth.Revoke(a.accessToken(t))
			req := request(t, http.MethodPost, a.URL+"/x", body)
			if status, result := a.do(t, req); status != http.StatusOK || result != "welcome" {
				t.Errorf("%d %s", status, result)
			}
			sent := "POST /x "
			if body != nil {
				sent += "body"
			}
			a.wantSeen(t, sent, sent)
			if stats := a.auth.Stats(); stats.Refreshes != 1 {
				t.Errorf("%d refreshes", stats.Refreshes)
			}
		})
	}
}

// An API that rejects every token is asked twice, and the provider once.
func TestTransportRefreshesOncePerRequest(t *testing.T) {
	a := newAPI(t, oauthtest.Config{Rotate: true}, func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, "never")
		return true
	})
	for range 2 { // the second finds that another refresh would not help
		if status, body := a.do(t, request(t, http.MethodGet, a.URL+"/x", nil)); status != http.StatusUnauthorized ||
			body != "never" {
			t.Errorf("%d %s", status, body)
		}
	}
	a.wantSeen(t, "GET /x ", "GET /x ", "GET /x ")
	if stats := a.auth.Stats(); stats.Refreshes != 1 {
		t.Errorf("%d refreshes", stats.Refreshes)
	}
}

// Fifty concurrent requests are rejected.
func TestTransportsShareOneRefresh(t *testing.T) {
	a := newAPI(t, oauthtest.Config{Rotate: true, Latency: 50 * time.Millisecond}, nil)
	a.auth.Revoke(a.accessToken(t))
	var callers sync.WaitGroup
	for range 50 {
		callers.Go(func() {
			res, err := a.client().Get(a.URL + "/x")
			if err != nil {
				t.Error(err)
				return
			}
			defer res.Body.Close()
			if res.StatusCode != http.StatusOK {
				t.Errorf("status %d", res.StatusCode)
			}
		})
	}
	callers.Wait()
	a.base.wantClosed(t)
	if stats := a.auth.Stats(); stats.Refreshes != 1 || stats.Reuses != 0 {
		t.Errorf("%d refreshes, %d reuses", stats.Refreshes, stats.Reuses)
	}
}

func TestTransportReturnsLoginRequired(t *testing.T) {
	a := newAPI(t, oauthtest.Config{Rotate: true}, nil)
	c, err := a.store.Get(t.Context(), acme)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.keeper.Token(t.Context(), acme); err != nil {
		t.Fatal(err)
	}
	a.auth.Revoke(string(c.Token.RefreshToken()))
	_, err = a.client().Get(a.URL + "/x")
	if !errors.Is(err, freshet.ErrLoginRequired) {
		t.Errorf("got %v", err)
	}
	if strings.Contains(err.Error(), c.Token.AccessToken()) {
		t.Error("the error shows the token")
	}
	a.base.wantClosed(t)
}

func TestTransportReturnsTheRejectionIfThereIsNoOtherToken(t *testing.T) {
	a := newAPI(t, oauthtest.Config{Rotate: true}, nil)
	a.auth.Revoke(a.accessToken(t))
	a.auth.Fail(oauthtest.Fault{Name: "500"})
	if status, body := a.do(t, request(t, http.MethodGet, a.URL+"/x", nil)); status != http.StatusUnauthorized ||
		body != "who are you?" {
		t.Errorf("%d %s", status, body)
	}
}

// The caller does not wait for the refresh, which is saved.
func TestTransportReturnsTheCallersCancellation(t *testing.T) {
	a := newAPI(t, oauthtest.Config{Rotate: true, Latency: 100 * time.Millisecond}, nil)
	a.auth.Revoke(a.accessToken(t))
	ctx, cancel := context.WithCancel(t.Context())
	onTheWire := roundTrip(func(req *http.Request) (*http.Response, error) {
		cancel()
		return http.DefaultTransport.RoundTrip(req)
	})
	keeper := freshet.NewKeeper(freshet.Config{Store: a.store, HTTP: &http.Client{Transport: onTheWire}})
	a.transport.Source = keeper.Source(acme)
	res, err := a.transport.RoundTrip(request(t, http.MethodGet, a.URL+"/x", nil).WithContext(ctx))
	if err == nil {
		t.Errorf("%s: the caller's own leaving looks as if the provider had ended the connection", res.Status)
		_ = res.Body.Close()
	} else if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if a.auth.ValidAccess(a.accessToken(t)) {
		t.Error("the caller had to wait")
	}
	if err := keeper.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !a.auth.ValidAccess(a.accessToken(t)) {
		t.Error("the refresh was abandoned")
	}
	a.base.wantClosed(t)
}

// instant answers every request at once.
type instant struct{}

func (instant) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

// A transport or a caller that changes the header of a request, as it should not, changes that of no other.
func TestRequestsShareNoHeader(t *testing.T) {
	a := newAPI(t, oauthtest.Config{}, nil)
	for name, change := range map[string]func(http.Header){
		"a field is added":     func(h http.Header) { h.Add("X-Attempt", "1") },
		"the token is removed": func(h http.Header) { h.Del("Authorization") },
		"the token is hidden":  func(h http.Header) { h.Set("Authorization", "hidden") },
	} {
		for _, header := range []http.Header{nil, {}, {"Accept": {"*/*"}}} {
			t.Run(name, func(t *testing.T) {
				var before []string
				base := roundTrip(func(r *http.Request) (*http.Response, error) {
					before = append(before, fmt.Sprint(r.Header))
					change(r.Header)
					return instant{}.RoundTrip(r)
				})
				transport := &freshet.Transport{Source: a.keeper.Source(acme), Hosts: []string{a.Listener.Addr().String()}, Base: base}
				for range 2 {
					req := request(t, http.MethodGet, a.URL, nil)
					req.Header = header
					if _, err := transport.RoundTrip(req); err != nil {
						t.Fatal(err)
					}
				}
				if before[0] != before[1] {
					t.Errorf("the second request has %s", before[1])
				}
			})
		}
	}
}

// TestTransportAllocations bounds the allocations of a request with a fresh token: the response, the
// copy of the request, and the copy of its header, if it has one.
func TestTransportAllocations(t *testing.T) {
	for name, test := range map[string]struct {
		header http.Header
		limit  float64
	}{
		"no header": {nil, 4},
		"a header":  {http.Header{"Accept": {"*/*"}, "Accept-Encoding": {"gzip"}}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			store := new(freshet.MemoryStore)
			token := parse(t, `{"access_token":"a","instance_url":"https://acme.my.salesforce.com"}`)
			store.Put(freshet.Connection{Name: acme, Registration: freshet.Registration{Provider: "salesforce"}, Token: token})
			keeper := freshet.NewKeeper(freshet.Config{Store: store})
			transport := &freshet.Transport{Source: keeper.Source(acme), Base: instant{}}
			req := request(t, http.MethodGet, "https://acme.my.salesforce.com/x", nil)
			req.Header = test.header
			send := func() {
				if res, err := transport.RoundTrip(req); err != nil || res.Request.Header.Get("Authorization") != "Bearer a" {
					t.Fatal(res, err)
				}
			}
			if n := testing.AllocsPerRun(100, send); n > test.limit {
				t.Errorf("%.0f allocations, want at most %.0f", n, test.limit)
			}
		})
	}
}
