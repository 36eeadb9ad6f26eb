package oauthtest

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
)

// refreshOnce refreshes without a network, and returns the next refresh token.
func refreshOnce(tb testing.TB, s *Server, client *http.Client, token string) string {
	tb.Helper()
	form := "grant_type=refresh_token&client_id=" + s.ClientID() + "&refresh_token=" + token
	response, err := client.Post(s.TokenEndpoint(), "application/x-www-form-urlencoded", strings.NewReader(form))
	if err != nil {
		tb.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		tb.Fatal(err)
	}
	_, rest, found := strings.Cut(string(body), `"refresh_token":"`)
	if !found {
		tb.Fatalf("status %d: %s", response.StatusCode, body)
	}
	next, _, _ := strings.Cut(rest, `"`)
	return next
}

// A simulation refreshes millions of times. The server must not grow with it, nor forget a token that was spent.
func TestRefreshesAreNotRemembered(t *testing.T) {
	for _, provider := range providers {
		s := NewHandler(Config{Provider: provider, Rotate: true}, local)
		client := &http.Client{Transport: s.Transport()}
		first := refreshToken(t, s)
		token := refreshOnce(t, s, client, first)
		before := heap()
		const refreshes = 20_000
		for range refreshes {
			token = refreshOnce(t, s, client, token)
		}
		if grown := int64(heap()) - int64(before); grown > 10*refreshes {
			t.Errorf("%s: %d refreshes left %d bytes behind", provider, refreshes, grown)
		}
		if !s.ValidRefresh(token) {
			t.Errorf("%s: the last token is not valid", provider)
		}
		wantRefusal(t, record(s, refreshRequest(s, first)), "invalid_grant", dead)
		wantStats(t, s, Stats{Requests: refreshes + 2, Refreshes: refreshes + 1, Reuses: 1, GrantsRevoked: 1})
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// One refresh through the server's transport, with what it costs the client to ask.
func BenchmarkRefresh(b *testing.B) {
	for _, provider := range providers {
		b.Run(provider, func(b *testing.B) {
			s := NewHandler(Config{Provider: provider, Rotate: true}, local)
			client := &http.Client{Transport: s.Transport()}
			token := s.ledger.grant().refresh
			b.ReportAllocs()
			for b.Loop() {
				token = refreshOnce(b, s, client, token)
			}
		})
	}
}
