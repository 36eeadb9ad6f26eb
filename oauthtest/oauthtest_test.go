package oauthtest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

var providers = []string{Generic, Salesforce}

func start(t *testing.T, cfg Config) *Server {
	t.Helper()
	s := NewServer(cfg)
	t.Cleanup(s.Close)
	return s
}

// saved starts a grant and returns its document.
func saved(t *testing.T, s *Server) map[string]any {
	t.Helper()
	return object(t, s.Document())
}

func object(t *testing.T, body []byte) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal(body, &out); err != nil {
		t.Fatalf("%v in %q", err, body)
	}
	return out
}

func refreshToken(t *testing.T, s *Server) string {
	t.Helper()
	return saved(t, s)["refresh_token"].(string)
}

func refreshForm(s *Server, token string) url.Values {
	return url.Values{"grant_type": {"refresh_token"}, "client_id": {s.ClientID()}, "refresh_token": {token}}
}

func refreshRequest(s *Server, token string) *http.Request {
	return formRequest(s.TokenEndpoint(), refreshForm(s, token))
}

func formRequest(endpoint string, form url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	r.RequestURI = "" // a client may not set it
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// overHTTP sends r through a real connection of its own, and follows no redirect.
func overHTTP(t *testing.T, r *http.Request) (*http.Response, error) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(r)
	if err == nil {
		t.Cleanup(func() { response.Body.Close() })
	}
	return response, err
}

// send is overHTTP for replies that arrive whole.
func send(t *testing.T, r *http.Request) (*http.Response, []byte) {
	t.Helper()
	response, err := overHTTP(t, r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, body
}

// record hands r to the handler without a network, as a fake clock demands.
func record(s *Server, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// wantSuccess returns the tokens of a success.
func wantSuccess(t *testing.T, w *httptest.ResponseRecorder) (access, refresh string) {
	t.Helper()
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	reply := object(t, w.Body.Bytes())
	refresh, _ = reply["refresh_token"].(string)
	return reply["access_token"].(string), refresh
}

func wantRefusal(t *testing.T, w *httptest.ResponseRecorder, code, description string) {
	t.Helper()
	reply := object(t, w.Body.Bytes())
	if w.Code == http.StatusOK || reply["error"] != code || reply["error_description"] != description {
		t.Fatalf("status %d: %s; want %s, %q", w.Code, w.Body, code, description)
	}
}

func wantStats(t *testing.T, s *Server, want Stats) {
	t.Helper()
	if got := s.Stats(); got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
}
