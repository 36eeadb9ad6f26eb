package oauthtest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/oauthtest"
)

// client makes one connection a request and follows no redirect, so that every fault is seen as it was sent.
var client = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// answer is a reply as the client saw it.
type answer struct {
	status  int
	header  http.Header
	body    string
	members map[string]any // nil when the body is not a JSON object
	err     error          // of the request, or of reading the body
}

func newAnswer(res *http.Response, err error) answer {
	if err != nil {
		return answer{err: err}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	a := answer{status: res.StatusCode, header: res.Header, body: string(body), err: err}
	_ = json.Unmarshal(body, &a.members)
	return a
}

func (a answer) member(name string) string {
	text, _ := a.members[name].(string)
	return text
}

func newServer(t *testing.T, c oauthtest.Config) *oauthtest.Server {
	t.Helper()
	s := oauthtest.NewServer(c)
	t.Cleanup(s.Close)
	return s
}

// document makes a grant and returns its tokens.
func document(t *testing.T, s *oauthtest.Server) answer {
	t.Helper()
	a := answer{body: string(s.Document())}
	if err := json.Unmarshal([]byte(a.body), &a.members); err != nil {
		t.Fatalf("the document is not JSON: %v", err)
	}
	if !s.RefreshTokenLive(a.member("refresh_token")) || !s.AccessTokenLive(a.member("access_token")) {
		t.Fatalf("the tokens of a new document do not work:\n%s", a.body)
	}
	return a
}

func refreshForm(s *oauthtest.Server, refreshToken string) url.Values {
	return url.Values{
		"grant_type":    {"refresh_token"},
		"refresh_token": {refreshToken},
		"client_id":     {s.ClientID()},
	}
}

func refresh(s *oauthtest.Server, refreshToken string) answer {
	return newAnswer(client.PostForm(s.TokenEndpoint(), refreshForm(s, refreshToken)))
}

// refreshDirectly calls the handler without a network, as a synctest bubble needs it.
func refreshDirectly(s *oauthtest.Server, refreshToken string) answer {
	body := strings.NewReader(refreshForm(s, refreshToken).Encode())
	req := httptest.NewRequest(http.MethodPost, s.TokenEndpoint(), body)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, req)
	return newAnswer(w.Result(), nil)
}

// resource asks the resource, with a token unless it is "".
func resource(t *testing.T, s *oauthtest.Server, accessToken string) answer {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, s.URL()+"/services/data/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if accessToken != "" {
		req.Header.Set("Authorization", "Bearer "+accessToken)
	}
	return newAnswer(client.Do(req))
}

func wantStats(t *testing.T, s *oauthtest.Server, want oauthtest.Stats) {
	t.Helper()
	if got := s.Stats(); got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
}

func wantError(t *testing.T, a answer, status int, code, description string) {
	t.Helper()
	if a.status != status || a.member("error") != code || description != "" && a.member("error_description") != description {
		t.Errorf("got %d %s (%v), want %d %s: %s", a.status, a.body, a.err, status, code, description)
	}
	if a.member("access_token") != "" {
		t.Errorf("a refusal has an access token: %s", a.body)
	}
}

func TestServer(t *testing.T) {
	s := newServer(t, oauthtest.Config{})
	if !strings.HasPrefix(s.URL(), "http://127.0.0.1:") {
		t.Errorf("the URL is %s, want a loopback one", s.URL())
	}
	refresh(s, "nonsense")
	stats := newAnswer(client.Get(s.URL() + "/testserver/stats"))
	want := `{"requests":1,"refreshes":0,"reuses":0,"grants_revoked":0,"redirects_followed":0}` + "\n"
	if stats.body != want {
		t.Errorf("stats are %s, want %s", stats.body, want)
	}
	s.Close()
	s.Close()
	if a := refresh(s, "nonsense"); a.err == nil {
		t.Errorf("a closed server answers: %d %s", a.status, a.body)
	}
}

func TestPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"provider": func() { oauthtest.NewHandler(oauthtest.Config{Provider: "nobody"}) },
		"fault":    func() { oauthtest.NewHandler(oauthtest.Config{Faults: []oauthtest.Fault{{Name: "typo"}}}) },
		"count": func() {
			oauthtest.NewHandler(oauthtest.Config{}).Fail(oauthtest.Fault{Name: "lost", Count: -1})
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}
