package oauth_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/freshet-dev/freshet/oauth"
)

// RFC 6749 §3.2: a query that the endpoint's address has must be retained when parameters are added.
func TestAnAddressKeepsItsQuery(t *testing.T) {
	var got url.Values
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.URL.Query() }))
	defer server.Close()
	r := oauth.Request{
		Endpoint: server.URL + "/token?tenant=acme", Query: true,
		Client: oauth.Client{ID: "c"}, Form: oauth.RefreshGrant("r"),
	}
	if _, err := r.Send(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if got.Get("tenant") != "acme" || got.Get("refresh_token") != "r" {
		t.Errorf("sent the members %v", len(got))
	}
}

// net/http sends a GET again when a connection that was kept open ends; one that presents a token is sent once.
func TestAPresentedTokenIsNotSentAgain(t *testing.T) {
	var presented atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if presented.Add(1) == 1 {
			_, _ = io.WriteString(w, "{}")
			return
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}))
	defer server.Close()
	client := oauth.NewHTTPClient()
	defer client.CloseIdleConnections()
	r := oauth.Request{Endpoint: server.URL, Query: true, Client: oauth.Client{ID: "c"}, Form: oauth.RefreshGrant("r-1-secret")}
	if _, err := r.Send(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	_, err := r.Send(t.Context(), client)
	if err == nil || presented.Load() != 2 {
		t.Errorf("sent %d times: %v", presented.Load(), err)
	}
	if err != nil && strings.Contains(err.Error(), "r-1-secret") {
		t.Errorf("the error tells the token: %v", err)
	}
}
