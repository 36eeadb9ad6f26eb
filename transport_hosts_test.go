package freshet_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauthtest"
)

func TestTransportFollowsARedirectToAnotherHostWithoutTheToken(t *testing.T) {
	got := make(chan string, 1)
	other := httptest.NewServer(
		http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got <- r.Header.Get("Authorization") }),
	)
	defer other.Close()
	a := newAPI(t, oauthtest.Config{}, func(w http.ResponseWriter, r *http.Request) bool {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, other.URL, http.StatusFound)
		case "/around":
			http.Redirect(w, r, "/home", http.StatusTemporaryRedirect)
		default:
			return false
		}
		return true
	})
	for name, hosts := range map[string][]string{
		"an unknown host": {hostOf(a.URL)}, "even if it may have the token": {hostOf(a.URL), hostOf(other.URL)},
	} {
		a.transport.Hosts = hosts
		if status, _ := a.do(t, request(t, http.MethodGet, a.URL+"/away", nil)); status != http.StatusOK {
			t.Errorf("%s: status %d", name, status)
		}
		if sent := <-got; sent != "" {
			t.Errorf("%s got the token", name)
		}
	}
	status, body := a.do(t, request(t, http.MethodPost, a.URL+"/around", strings.NewReader("body")))
	if status != http.StatusOK || body != "welcome" {
		t.Errorf("a redirect on the same host: %d %s", status, body)
	}
}

// Hosts that the registration names are all the connection's own. A detour over another host is
// not.
func TestTransportFollowsARedirectBetweenOwnHostsWithTheToken(t *testing.T) {
	got := make(chan string, 1)
	moved := httptest.NewServer(
		http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got <- r.Header.Get("Authorization") }),
	)
	defer moved.Close()
	detour := httptest.NewServer(http.RedirectHandler(moved.URL, http.StatusTemporaryRedirect))
	defer detour.Close()
	a := newAPI(t, oauthtest.Config{}, func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, "http:/"+r.URL.Path, http.StatusTemporaryRedirect)
		return true
	})
	a.transport.Hosts = nil
	for name, test := range map[string]struct {
		api  freshet.API
		to   string
		want bool
	}{
		"both in Hosts":       {freshet.API{Hosts: []string{hostOf(a.URL), hostOf(moved.URL)}}, moved.URL, true},
		"from Base":           {freshet.API{Base: a.URL, Hosts: []string{hostOf(moved.URL)}}, moved.URL, true},
		"to Base":             {freshet.API{Base: moved.URL, Hosts: []string{hostOf(a.URL)}}, moved.URL, true},
		"to a host not named": {freshet.API{Base: a.URL}, moved.URL, false},
		"by way of one":       {freshet.API{Hosts: []string{hostOf(a.URL), hostOf(moved.URL)}}, detour.URL, false},
		"by way of an own host": {
			freshet.API{Hosts: []string{hostOf(a.URL), hostOf(moved.URL), hostOf(detour.URL)}}, detour.URL, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := a.store.Get(t.Context(), acme)
			if err != nil {
				t.Fatal(err)
			}
			c.API = test.api
			a.store.Put(c)
			a.transport.Source = freshet.NewKeeper(freshet.Config{Store: a.store}).Source(acme)
			a.do(t, request(t, http.MethodPost, a.URL+"/"+hostOf(test.to), strings.NewReader("body")))
			want := ""
			if test.want {
				want = "Bearer " + c.Token.AccessToken()
			}
			if sent := <-got; sent != want {
				t.Errorf("sent %q, want %q", sent, want)
			}
		})
	}
}

func TestTransportSendsNoTokenToOtherHosts(t *testing.T) {
	a := newAPI(t, oauthtest.Config{}, nil)
	a.transport.Hosts = []string{"api.example.com", ".sub.example.com", hostOf(a.URL)}
	a.transport.Base = roundTrip(func(*http.Request) (*http.Response, error) { return nil, errSent })
	for address, sent := range map[string]bool{
		"https://api.example.com/x":       true,
		"https://API.example.com:443/x":   true,
		"https://a.sub.example.com/":      true,
		a.URL:                             true,
		"http://api.example.com/x":        false, // anybody on the way reads along
		"https://api.example.com:8443/x":  false,
		"https://example.com/x":           false,
		"https://api.example.com.evil.io": false,
		"https://sub.example.com":         false,
		"https://127.0.0.1:1/":            false,
		"/relative":                       false, // there is no base
	} {
		body := &watchedBody{io.NopCloser(strings.NewReader("")), nil}
		closed := false
		body.closed = func() { closed = true }
		_, err := a.transport.RoundTrip(request(t, http.MethodPost, address, body))
		var p *freshet.SetupError
		if errors.Is(err, errSent) != sent || !sent && (!errors.As(err, &p) || p.Remedy == "") {
			t.Errorf("%s: %v", address, err)
		}
		if !sent && !closed {
			t.Errorf("%s: the request's body was not closed", address)
		}
	}
}

var errSent = errors.New("sent")

// Salesforce's token names the API, and is sent only to that host.
func TestTransportUsesTheInstanceURL(t *testing.T) {
	a := newAPI(t, oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true}, nil)
	client := a.keeper.Client(acme)
	get := func(address string) (int, string) {
		t.Helper()
		res, err := client.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(body)
	}
	if status, body := get("/services/data/"); status != http.StatusOK || !strings.Contains(body, "v67.0") {
		t.Errorf("a relative address: %d %s", status, body)
	}
	a.auth.Revoke(a.accessToken(t)) // INVALID_SESSION_ID
	if status, _ := get("/services/data/"); status != http.StatusOK {
		t.Errorf("with a session that ended: %d", status)
	}
	if stats := a.auth.Stats(); stats.Refreshes != 1 {
		t.Errorf("%d refreshes", stats.Refreshes)
	}
	for _, address := range []string{
		"https://other.my.salesforce.com/", "https://www.salesforce.com/", a.auth.URL() + "0/",
	} {
		if _, err := client.Get(address); err == nil || !strings.Contains(err.Error(), "is not sent to") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// The identity URL rejects an invalid token with 403 Bad_OAuth_Token. Other 403s mean something
// else.
func TestTransportKnowsSalesforcesOtherRejections(t *testing.T) {
	a := newAPI(
		t,
		oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true},
		func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == "/forbidden" {
				w.WriteHeader(http.StatusForbidden)
				_, _ = io.WriteString(w, "not for you"+strings.Repeat(".", 10<<10))
				return true
			}
			return false
		},
	)
	status, body := a.do(t, request(t, http.MethodGet, a.URL+"/forbidden", nil))
	if status != http.StatusForbidden || len(body) != len("not for you")+10<<10 {
		t.Errorf("%d, %d bytes", status, len(body))
	}
	if stats := a.auth.Stats(); stats.Refreshes != 0 {
		t.Errorf("%d refreshes for a user without the right", stats.Refreshes)
	}
	c, err := a.store.Get(t.Context(), acme)
	if err != nil {
		t.Fatal(err)
	}
	a.auth.Revoke(c.Token.AccessToken())
	if status, body := a.do(t, request(t, http.MethodGet, c.Token.Member("id"), nil)); status != http.StatusOK ||
		!strings.Contains(body, "user_id") {
		t.Errorf("%d %s", status, body)
	}
	if stats := a.auth.Stats(); stats.Refreshes != 1 {
		t.Errorf("%d refreshes", stats.Refreshes)
	}
}

// net/http would send the request without the proxy.
func TestTransportRejectsAnInvalidProxyVariable(t *testing.T) {
	a := newAPI(t, oauthtest.Config{}, nil)
	a.transport.Base, a.transport.Hosts = nil, []string{"api.invalid"}
	t.Setenv("HTTPS_PROXY", "http://ann:hunter2@proxy:80:80")
	_, err := a.client().Get("https://api.invalid/")
	if problem, ok := errors.AsType[*freshet.SetupError](err); !ok || !strings.Contains(problem.What, "HTTPS_PROXY") ||
		strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}
