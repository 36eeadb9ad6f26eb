package freshet_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// An application's client may have a Timeout for its own calls. It must not end a request whose
// refresh token the provider has replaced already.
func TestClientTimeoutDoesNotEndARefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, Latency: 10 * time.Second})
		w.HTTP.Timeout = time.Second
		server := w.HTTP.Transport
		w.HTTP.Transport = roundTrip(func(req *http.Request) (*http.Response, error) {
			res, err := server.RoundTrip(req)
			if ended := req.Context().Err(); ended != nil {
				return nil, ended // as with a network, which the server's own transport does not have
			}
			return res, err
		})
		result, err := w.Refresh(t.Context(), acme, freshet.Options{Forced: true})
		if err != nil || result.Outcome != freshet.Refreshed || !result.Rotated {
			t.Errorf("%q, %v", result.Outcome, err)
		}
		if p := w.pending(t); p != nil {
			t.Errorf("the journal has %+v", p)
		}
	})
}

// A cookie of one user's refresh is not sent with the refresh of another.
func TestRefreshesShareNoCookies(t *testing.T) {
	w := newWorld(t, oauthtest.Config{Rotate: true})
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	base := w.HTTP.Transport
	w.HTTP.Jar = jar
	w.HTTP.Transport = roundTrip(func(req *http.Request) (*http.Response, error) {
		if cookie := req.Header.Get("Cookie"); cookie != "" {
			t.Errorf("sent the cookie %s", cookie)
		}
		res, err := base.RoundTrip(req)
		if err == nil {
			res.Header.Set("Set-Cookie", "session=ann; Path=/")
		}
		return res, err
	})
	for range 2 {
		if _, err := w.Refresh(t.Context(), acme, freshet.Options{Forced: true}); err != nil {
			t.Fatal(err)
		}
	}
	w.wantRequests(t, 2)
}

// tokenServer is a connection to a token endpoint on a real network connection.
func tokenServer(t *testing.T, client *http.Client, endpoint string) (*freshet.Refresher, *freshet.MemoryStore) {
	t.Helper()
	store := new(freshet.MemoryStore)
	store.Put(freshet.Connection{
		Name: acme, Token: parse(t, `{"access_token":"a","refresh_token":"r1"}`), Saved: time.Now(),
		Registration: freshet.Registration{
			Client: oauth.Client{ID: "c"}, Endpoints: oauth.Endpoints{Token: endpoint},
		},
	})
	return &freshet.Refresher{Store: store, HTTP: client}, store
}

// Through a transport that measures or traces, too, a connection that was refused leaves no mark of
// an interrupted refresh: nothing was sent.
func TestRefusedConnectionLeavesNoMark(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	for name, transport := range map[string]http.RoundTripper{
		"net/http's": new(http.Transport), "wrapped": roundTrip(new(http.Transport).RoundTrip),
	} {
		t.Run(name, func(t *testing.T) {
			r, store := tokenServer(t, &http.Client{Transport: transport}, server.URL+"/token")
			_, err := r.Refresh(t.Context(), acme, freshet.Options{Forced: true})
			if failed := refreshError(t, err); failed.Kind != oauth.Temporary {
				t.Errorf("%s: %v", failed.Kind, err)
			}
			w := &world{Refresher: r, store: store}
			if p := w.pending(t); p != nil {
				t.Errorf("the journal has %+v", p)
			}
		})
	}
}

// What an application's client would do with a redirect, or its transport with a failure, must not
// send the refresh token a second time or to another host.
func TestRefreshTokenIsSentOnce(t *testing.T) {
	var elsewhere *httptest.Server
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		kind   oauth.Kind
	}{
		"a redirect": {
			func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
			}, oauth.Misconfigured,
		},
		"a failure that a transport retries": {
			func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, oauth.Unknown,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			var seen []string
			record := func(r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				seen = append(seen, r.Host+" "+r.FormValue("refresh_token"))
			}
			elsewhere = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { record(r) }))
			defer elsewhere.Close()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				record(r)
				test.answer(w, r)
			}))
			defer server.Close()
			client := &http.Client{Transport: twice{new(http.Transport)}}
			r, _ := tokenServer(t, client, server.URL+"/token")
			_, err := r.Refresh(t.Context(), acme, freshet.Options{Forced: true})
			if failed := refreshError(t, err); failed.Kind != test.kind {
				t.Errorf("%s: %v", failed.Kind, err)
			}
			if want := hostOf(server.URL) + " r1"; strings.Join(seen, ", ") != want {
				t.Errorf("sent to %v, want only %s", seen, want)
			}
		})
	}
}

// twice sends a request again if the server failed.
type twice struct{ base http.RoundTripper }

func (t twice) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	send := func() (*http.Response, error) {
		again := req.Clone(req.Context())
		again.Body = io.NopCloser(strings.NewReader(string(body)))
		return t.base.RoundTrip(again)
	}
	if res, err := send(); err == nil && res.StatusCode < 500 {
		return res, nil
	} else if err == nil {
		_ = res.Body.Close()
	}
	return send()
}
