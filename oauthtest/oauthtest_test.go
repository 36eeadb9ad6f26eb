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

// record passes r to the handler without a network, because of the fake clock.
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

func wantError(t *testing.T, w *httptest.ResponseRecorder, code, description string) {
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

// get is record for a GET.
func get(s *Server, url string) *httptest.ResponseRecorder {
	return record(s, httptest.NewRequest(http.MethodGet, url, nil))
}

// post is record for a POST of form.
func post(s *Server, url string, form url.Values) *httptest.ResponseRecorder {
	return record(s, formRequest(url, form))
}

// callback is the redirect URI of the application under test.
const callback = "http://127.0.0.1:9000/callback"

// change changes the parameters of a request.
type change func(url.Values)

func with(name string, values ...string) change {
	return func(form url.Values) { form[name] = values }
}

func without(name string) change { return func(form url.Values) { form.Del(name) } }

// authorizationURL is the URL that the application opens in the browser.
func authorizationURL(s *Server, changes ...change) string {
	query := url.Values{
		"response_type": {"code"},
		"client_id":     {s.ClientID()},
		"redirect_uri":  {callback},
		"state":         {"its state"},
	}
	for _, change := range changes {
		change(query)
	}
	return s.AuthorizationEndpoint() + "?" + query.Encode()
}

// redirected returns the target of a redirect and its parameters.
func redirected(t *testing.T, w *httptest.ResponseRecorder) (target string, params url.Values) {
	t.Helper()
	location, err := url.Parse(w.Header().Get("Location"))
	if w.Code/100 != 3 || err != nil {
		t.Fatalf("no redirect, but status %d: %s", w.Code, w.Body)
	}
	params = location.Query()
	location.RawQuery = ""
	return location.String(), params
}

// allowedCode logs in and returns the code.
func allowedCode(t *testing.T, s *Server, changes ...change) string {
	t.Helper()
	_, params := redirected(t, post(s, authorizationURL(s, changes...), url.Values{"decision": {Allow}}))
	if params.Get("code") == "" {
		t.Fatalf("no code in %v", params)
	}
	return params.Get("code")
}

func codeForm(s *Server, code string, changes ...change) url.Values {
	form := url.Values{
		"grant_type": {"authorization_code"}, "client_id": {s.ClientID()},
		"code": {code}, "redirect_uri": {callback},
	}
	for _, change := range changes {
		change(form)
	}
	return form
}

func exchange(s *Server, code string, changes ...change) *httptest.ResponseRecorder {
	return post(s, s.TokenEndpoint(), codeForm(s, code, changes...))
}
