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
	if got := b.read("main"); !strings.HasPrefix(got, "You are not logged in\n") || !strings.Contains(got, "consent was denied") {
		t.Errorf("the page in the end says %q", got)
	}
	b.picture("login-denied.png")
	if r := l.end(); r.code != 4 || !strings.Contains(r.stderr, "\nfreshet: acme: consent was denied ("+server+" answered access_denied") {
		t.Errorf("exit %d: %s", r.code, r.stderr)
	}
	m.hasNo("acme")
}

// The person comes back when nobody waits any more. freshet has ended and its port is closed, so that no page of ours can say so:
// the browser shows its own, that the site cannot be reached.
func TestPageLeftOpen(t *testing.T) {
	m, b, s := newMachine(t), newTab(t), newServer(t)
	l := m.login("acme", "--issuer", s.URL(), "--client-id", s.ClientID(), "--timeout", "2s")
	b.open(l.address)
	if r := l.end(); r.code != 4 || !strings.HasSuffix(r.stderr,
		"\nfreshet: acme: nobody finished the login within 2s\n  → run the same command again; to wait longer, pass --timeout\n") {
		t.Errorf("exit %d: %s", r.code, r.stderr)
	}

	var failure *chromedp.LoadError
	if err := b.tryClick("#allow"); !errors.As(err, &failure) || failure.ErrorText != "net::ERR_CONNECTION_REFUSED" {
		t.Errorf("the late answer: %v", err)
	}
	m.hasNo("acme")
	if got := s.Stats().Requests; got != 0 {
		t.Errorf("%d token requests", got)
	}
}

// Two logins in two tabs, for two people at two ports. Each refuses the answer to the other's question and goes on.
func TestTwoAtOnce(t *testing.T) {
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
		if got := b.title(); got != "This is not the login that is waited for" {
			t.Errorf("%s: the other's answer: %q", names[i], got)
		}
	}
	tabs[0].picture("login-other.png")
	for i, b := range tabs {
		b.open(logins[i].address)
	}
	for i, b := range tabs {
		b.click("#allow")
		if got := b.title(); got != "You are logged in" {
			t.Errorf("%s: the page in the end is %q", names[i], got)
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

// crossed is the question of one login, whose answer goes to the other.
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

func TestOwnPages(t *testing.T) {
	m, b, s := newMachine(t), newTab(t), newServer(t)
	dir := t.TempDir()
	pages := []string{}
	for flag, say := range map[string]string{"--allow-page": "Come in", "--deny-page": "Stay out"} {
		path := filepath.Join(dir, flag+".html")
		if err := os.WriteFile(path, []byte(ownPage(say)), 0o600); err != nil {
			t.Fatal(err)
		}
		pages = append(pages, flag, path)
	}
	for button, say := range map[chromedp.CSS]string{"#allow": "Come in", "#deny": "Stay out"} {
		l := m.login(append(pages, "acme", "--issuer", s.URL(), "--client-id", s.ClientID())...)
		b.open(l.address)
		b.click(button)
		if got := b.read("h1"); got != say {
			t.Errorf("%s: the page says %q", button, got)
		}
		if got := do(b, chromedp.Evaluate[string]("getComputedStyle(document.querySelector('h1')).color")); got != "rgb(1, 2, 3)" {
			t.Errorf("%s: its style is not there: %s", button, got)
		}
		if got := do(b, chromedp.Evaluate[int]("document.images[0].naturalWidth")); got != 7 {
			t.Errorf("%s: its image is not there: width %d", button, got)
		}
		if got := b.title(); got != "Own" {
			t.Errorf("%s: its script has run: %s", button, got)
		}
		l.end()
	}
}

// ownPage has a style and an image, which may be there, and a script, which may not.
func ownPage(say string) string {
	return `<!DOCTYPE html><title>Own</title><style>h1 { color: rgb(1, 2, 3) }</style><h1>` + say + `</h1>
<img alt="" src="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='7' height='7'/%3E">
<script>document.title = "run"</script>`
}

func newServer(t *testing.T) *oauthtest.Server {
	s := oauthtest.NewServer(oauthtest.Config{RequirePKCE: true})
	t.Cleanup(s.Close)
	return s
}

// hasNo checks that no connection was made.
func (m machine) hasNo(name string) {
	m.t.Helper()
	if r := m.run("token", name); r.code == 0 || r.stdout != "" || !strings.Contains(r.stderr, "there is no connection") {
		m.t.Errorf("freshet token %s: exit %d: %s", name, r.code, r.stderr)
	}
}
