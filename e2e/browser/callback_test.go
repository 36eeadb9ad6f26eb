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

// The provider's page posts the code to freshet from another origin (OAuth 2.0 Form Post Response Mode).
// The code is never in a URL in the browser's history.
func TestFormPost(t *testing.T) {
	for name, flags := range map[string][]string{
		"code":          {"--response-mode", "form_post"},
		"code id_token": {"--response-type", "code id_token", "--scope", "openid"},
	} {
		t.Run(name, func(t *testing.T) {
			m, b, s := newMachine(t), newTab(t), newServer(t)
			l := m.login(append(flags, "acme", "--issuer", s.URL(), "--client-id", s.ClientID())...)
			wantLogin(b, l, s)
		})
	}
}

// Browsers warn about forms that are sent from https to http, but not if the target is this machine.
func TestFormPostFromHTTPS(t *testing.T) {
	m, b, s := newMachine(t), newTab(t), newServer(t)
	secure := https(t, s)
	l := m.login("acme", "--authorize-url", secure+"/authorize", "--token-url", s.TokenEndpoint(),
		"--client-id", s.ClientID(), "--response-mode", "form_post")
	if !strings.HasPrefix(l.address, secure) {
		t.Fatal(l.address)
	}
	wantLogin(b, l, s)
}

// docs/callback.html, on any web server, forwards the code to freshet.
func TestCallbackPage(t *testing.T) {
	m, b, s := newMachine(t), newTab(t), newServer(t)
	web := httptest.NewTLSServer(http.FileServer(http.Dir(filepath.Join("..", "..", "docs"))))
	t.Cleanup(web.Close)
	page := web.URL + "/callback.html"
	l := m.login("acme", "--issuer", s.URL(), "--client-id", s.ClientID(), "--callback-url", page)

	b.open(page + "?state=another&code=c")
	if got := b.read("#text"); got != "This is not the redirect of a login with freshet." {
		t.Errorf("a callback of another login: %q", got)
	}
	b.open(l.address)
	b.click("#allow")
	if got := b.read("#reason"); got != "The token is saved." {
		t.Errorf("the last page says %q", got)
	}
	if r := l.end(); r.code != 0 || !strings.Contains(r.stderr, "\nlogged in: acme (") {
		t.Errorf("exit %d: %s", r.code, r.stderr)
	}
}

// https returns the URL of s over TLS.
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

// wantLogin allows, and checks that the code is not in the URL.
func wantLogin(b tab, l login, s *oauthtest.Server) {
	b.t.Helper()
	b.open(l.address)
	b.click("#allow")
	if got := b.read("#reason"); got != "The token is saved." {
		b.t.Errorf("the last page says %q", got)
	}
	if got := b.url(); got != l.callback() {
		b.t.Errorf("the last page is %s", got)
	}
	if r := l.end(); r.code != 0 || !strings.Contains(r.stderr, "\nlogged in: acme (") {
		b.t.Errorf("exit %d: %s", r.code, r.stderr)
	}
	if got := s.Stats().Logins; got != 1 {
		b.t.Errorf("%d logins", got)
	}
}
