package browser

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/freshet-dev/freshet/oauthtest"
)

func TestDenied(t *testing.T) {
	m, b := newMachine(t), newTab(t)
	server := m.testserver("--addr", serverAddress())
	l := m.login("acme", "--issuer", "http://"+server, "--client-id", "oauthtest-client")
	b.open(l.address)
	b.click("#deny")
	if got := b.read("main"); !strings.HasPrefix(got, "You are not logged in\n") ||
		!strings.Contains(got, "consent was denied") {
		t.Errorf("the last page says %q", got)
	}
	b.picture("login-denied.png")
	if r := l.end(); r.code != 4 ||
		!strings.Contains(r.stderr, "\nfreshet: acme: consent was denied ("+server+" answered access_denied") {
		t.Errorf("exit %d: %s", r.code, r.stderr)
	}
	m.wantNoConnection("acme")
}

// The user allows after freshet has timed out. The port is closed, so the browser shows its own error page.
func TestAllowAfterTimeout(t *testing.T) {
	m, b, s := newMachine(t), newTab(t), newServer(t)
	l := m.login("acme", "--issuer", s.URL(), "--client-id", s.ClientID(), "--timeout", "2s")
	b.open(l.address)
	if r := l.end(); r.code != 4 || !strings.Contains(r.stderr,
		"\nfreshet: acme: login timed out after 2s\n  → run the same command again; to wait longer, pass --timeout; ") {
		t.Errorf("exit %d: %s", r.code, r.stderr)
	}

	var failure *chromedp.LoadError
	if err := b.tryClick("#allow"); !errors.As(err, &failure) || failure.ErrorText != "net::ERR_CONNECTION_REFUSED" {
		t.Errorf("the late callback: %v", err)
	}
	m.wantNoConnection("acme")
	if got := s.Stats().Requests; got != 0 {
		t.Errorf("%d token requests", got)
	}
}

// Two logins wait in two tabs. Each refuses the callback of the other one and goes on.
func TestTwoLoginsAtOnce(t *testing.T) {
	m, s := newMachine(t), newServer(t)
	names := []string{"one", "two"}
	tabs := []tab{newTab(t)}
	tabs = append(tabs, tabs[0].another())
	var logins []login
	for _, name := range names {
		logins = append(logins, m.login(name, "--issuer", s.URL(), "--client-id", s.ClientID()))
	}

	for i, b := range tabs {
		b.open(crossed(t, logins[i], logins[1-i]))
		b.click("#allow")
		if got := b.title(); got != "This is not the expected login" {
			t.Errorf("%s: the callback of the other login: %q", names[i], got)
		}
	}
	tabs[0].picture("login-other.png")
	for i, b := range tabs {
		b.open(logins[i].address)
	}
	for i, b := range tabs {
		b.click("#allow")
		if got := b.title(); got != "You are logged in" {
			t.Errorf("%s: the last page is %q", names[i], got)
		}
	}

	tokens := map[string]bool{}
	for i, name := range names {
		r := logins[i].end()
		for _, want := range []string{
			"\nfreshet: warning: the answer belongs to another login: its state is not the one that was sent\n",
			"\nlogged in: " + name + " (",
		} {
			if r.code != 0 || !strings.Contains(r.stderr, want) {
				t.Errorf("%s: exit %d, and no %q: %s", name, r.code, want, r.stderr)
			}
		}
		token := strings.TrimSpace(m.run("token", name).stdout)
		if !s.ValidAccess(token) {
			t.Errorf("%s has no valid token", name)
		}
		tokens[token] = true
	}
	if got := s.Stats(); len(tokens) != 2 || got.Logins != 2 || got.Requests != 2 {
		t.Errorf("%d tokens; %+v", len(tokens), got)
	}
}

// crossed returns the URL of one login with the redirect URI of the other.
func crossed(t *testing.T, one, other login) string {
	u, err := url.Parse(one.address)
	if err != nil || one.callback() == other.callback() {
		t.Fatal(one.callback(), err)
	}
	query := u.Query()
	query.Set("redirect_uri", other.callback())
	u.RawQuery = query.Encode()
	return u.String()
}

func TestCustomPages(t *testing.T) {
	m, b, s := newMachine(t), newTab(t), newServer(t)
	dir := t.TempDir()
	pages := []string{}
	for flag, text := range map[string]string{"--allow-page": "Come in", "--deny-page": "Stay out"} {
		path := filepath.Join(dir, flag+".html")
		if err := os.WriteFile(path, []byte(customPage(text)), 0o600); err != nil {
			t.Fatal(err)
		}
		pages = append(pages, flag, path)
	}
	for button, want := range map[chromedp.CSS]string{"#allow": "Come in", "#deny": "Stay out"} {
		l := m.login(append(pages, "acme", "--issuer", s.URL(), "--client-id", s.ClientID())...)
		b.open(l.address)
		b.click(button)
		if got := b.read("h1"); got != want {
			t.Errorf("%s: the page says %q", button, got)
		}
		color := do(b, chromedp.Evaluate[string]("getComputedStyle(document.querySelector('h1')).color"))
		if color != "rgb(1, 2, 3)" {
			t.Errorf("%s: its style is missing: %s", button, color)
		}
		if got := do(b, chromedp.Evaluate[int]("document.images[0].naturalWidth")); got != 7 {
			t.Errorf("%s: its image is missing: width %d", button, got)
		}
		if got := b.title(); got != "Custom" {
			t.Errorf("%s: its script has run: %s", button, got)
		}
		l.end()
	}
}

// customPage returns a page with a style and an image, which are allowed, and a script, which is not.
func customPage(text string) string {
	return `<!DOCTYPE html><title>Custom</title><style>h1 { color: rgb(1, 2, 3) }</style><h1>` + text + `</h1>
<img alt="" src="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='7' height='7'/%3E">
<script>document.title = "run"</script>`
}

func newServer(t *testing.T) *oauthtest.Server {
	s := oauthtest.NewServer(oauthtest.Config{RequirePKCE: true})
	t.Cleanup(s.Close)
	return s
}

// wantNoConnection checks that there is no connection with this name.
func (m machine) wantNoConnection(name string) {
	m.t.Helper()
	if r := m.run("token", name); r.code == 0 || r.stdout != "" ||
		!strings.Contains(r.stderr, "no such connection") {
		m.t.Errorf("freshet token %s: exit %d: %s", name, r.code, r.stderr)
	}
}
