package freshet_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// world is a store with one connection, and its authorization server, in one synctest bubble.
type world struct {
	*freshet.Refresher
	store  *freshet.MemoryStore
	server *oauthtest.Server
	first  freshet.Token

	onEvent func(freshet.Event) // of the keepers
}

const acme = "acme"

func newWorld(t *testing.T, config oauthtest.Config) *world {
	t.Helper()
	server := oauthtest.NewHandler(config, "http://127.0.0.1:1")
	w := &world{store: new(freshet.MemoryStore), server: server, first: parse(t, string(server.Document()))}
	w.Refresher = &freshet.Refresher{Store: w.store, HTTP: &http.Client{Transport: server.Transport()}}
	w.put(w.first)
	return w
}

// config returns the configuration of a keeper that refreshes like w.
func (w *world) config() freshet.Config {
	return freshet.Config{Store: w.Store, HTTP: w.HTTP, Secrets: w.Secrets, Logger: w.Logger, OnEvent: w.onEvent}
}

func (w *world) put(token freshet.Token) {
	w.store.Put(freshet.Connection{
		Name: acme, Token: token, Saved: time.Now(), Registration: freshet.Registration{
			Endpoints: oauth.Endpoints{Token: w.server.TokenEndpoint()}, Client: oauth.Client{ID: w.server.ClientID()},
		},
	})
}

func (w *world) connection(t *testing.T) freshet.Connection {
	t.Helper()
	c, err := w.store.Get(t.Context(), acme)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// pending returns the journal, which only an update sees.
func (w *world) pending(t *testing.T) (pending *freshet.Pending) {
	t.Helper()
	err := w.store.Update(t.Context(), acme, func(_ context.Context, c freshet.Connection, _ freshet.Save) error {
		pending = c.Pending
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return pending
}

func (w *world) wantRequests(t *testing.T, n int) {
	t.Helper()
	if got := w.server.Stats().Requests; got != n {
		t.Errorf("the server saw %d requests, want %d", got, n)
	}
}

func refreshError(t *testing.T, err error) *freshet.RefreshError {
	t.Helper()
	var failed *freshet.RefreshError
	if !errors.As(err, &failed) || failed.Cause == "" || failed.Remedy == "" {
		t.Fatalf("got %v, want a refresh error with cause and remedy", err)
	}
	return failed
}

// answering returns the same reply to every request, and counts the requests.
type answering struct {
	status   int
	body     string
	requests int
}

func (a *answering) RoundTrip(*http.Request) (*http.Response, error) {
	a.requests++
	return &http.Response{
		StatusCode: a.status,
		Header:     http.Header{},
		Body:       io.NopCloser(strings.NewReader(a.body)),
	}, nil
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
