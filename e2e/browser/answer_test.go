package browser

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/oauthtest"
)

// The page of the provider posts the answer to freshet by itself (OAuth 2.0 Form Post Response Mode), from another origin,
// and in the end there is no code in the address that the browser remembers.
func TestFormPost(t *testing.T) {
	for name, flags := range map[string][]string{
		"code":          {"--response-mode", "form_post"},
		"code id_token": {"--response-type", "code id_token", "--scope", "openid"},
	} {
		t.Run(name, func(t *testing.T) {
			m, b, s := newMachine(t), newTab(t), newServer(t)
			l := m.login(append(flags, "acme", "--issuer", s.URL(), "--client-id", s.ClientID())...)
			logsIn(b, l, s)
		})
	}
}

// Providers have https, and browsers warn of forms that go from there to plain http, but not if that is this machine.
func TestFormPostFromHTTPS(t *testing.T) {
	m, b, s := newMachine(t), newTab(t), newServer(t)
	secure := https(t, s)
	l := m.login("acme", "--authorize-url", secure+"/authorize", "--token-url", s.TokenEndpoint(), "--client-id", s.ClientID(),
		"--response-mode", "form_post")
	if !strings.HasPrefix(l.address, secure) {
		t.Fatal(l.address)
	}
	logsIn(b, l, s)
}

// The page of docs/callback.html, on a web server of one's own, sends the answer on to freshet.
func TestCallbackPage(t *testing.T) {
	m, b, s := newMachine(t), newTab(t), newServer(t)
	web := httptest.NewTLSServer(http.FileServer(http.Dir(filepath.Join("..", "..", "docs"))))
	t.Cleanup(web.Close)
	page := web.URL + "/callback.html"
	l := m.login("acme", "--issuer", s.URL(), "--client-id", s.ClientID(), "--callback-url", page)

	b.open(page + "?state=somebody-else&code=c")
	if got := b.read("#text"); got != "This is not the answer to a login that freshet began." {
		t.Errorf("an answer that is not ours: %q", got)
	}
	b.open(l.address)
	b.click("#allow")
	if got := b.read("#reason"); got != "The token is saved." {
		t.Errorf("the page in the end says %q", got)
	}
	if r := l.end(); r.code != 0 || !strings.Contains(r.stderr, "\nlogged in: acme (") {
		t.Errorf("exit %d: %s", r.code, r.stderr)
	}
}

// https is the server as it is reached over TLS.
func https(t *testing.T, s *oauthtest.Server) string {
	t.Helper()
	target, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewTLSServer(httputil.NewSingleHostReverseProxy(target))
	t.Cleanup(proxy.Close)
	return proxy.URL
}

// logsIn allows, and checks that the answer was not in the address.
func logsIn(b tab, l login, s *oauthtest.Server) {
	b.t.Helper()
	b.open(l.address)
	b.click("#allow")
	if got := b.read("#reason"); got != "The token is saved." {
		b.t.Errorf("the page in the end says %q", got)
	}
	if got := b.url(); got != l.callback() {
		b.t.Errorf("the page in the end is %s", got)
	}
	if r := l.end(); r.code != 0 || !strings.Contains(r.stderr, "\nlogged in: acme (") {
		b.t.Errorf("exit %d: %s", r.code, r.stderr)
	}
	if got := s.Stats().Logins; got != 1 {
		b.t.Errorf("%d logins", got)
	}
}
