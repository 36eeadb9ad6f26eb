package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/oauthtest"
)

// world is the service, its providers, and a customer with a browser.
type world struct {
	hubspot, salesforce *oauthtest.Server
	browser             http.Client
	url                 string
	log                 *lockedBuffer
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		hubspot: oauthtest.NewServer(oauthtest.Config{Provider: "hubspot", Consent: oauthtest.Allow, RequirePKCE: true}),
		salesforce: oauthtest.NewServer(oauthtest.Config{
			Provider: oauthtest.Salesforce, Consent: oauthtest.Allow, RequireSecret: true, Rotate: true, OneAccessToken: true,
			Latency: 100 * time.Millisecond,
		}),
		log: new(lockedBuffer),
	}
	t.Cleanup(w.hubspot.Close)
	t.Cleanup(w.salesforce.Close)
	t.Setenv("FRESHET_HOME", t.TempDir())
	t.Setenv("HUBSPOT_CLIENT_SECRET", w.hubspot.ClientSecret())
	t.Setenv("SALESFORCE_CLIENT_SECRET", w.salesforce.ClientSecret())
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	w.browser.Jar = jar
	return w
}

// start runs the service until stop is called, as SIGTERM does.
func (w *world) start(t *testing.T) (stop func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.url = "http://" + listener.Addr().String()
	ctx, terminate := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		ended <- serve(ctx, slog.New(slog.NewTextHandler(w.log, nil)), listener, imitating(w.hubspot, w.salesforce))
	}()
	return func() {
		t.Helper()
		terminate()
		if err := <-ended; err != nil {
			t.Errorf("the service ended with %v", err)
		}
	}
}

func (w *world) get(t *testing.T, path string) (status int, page string) {
	t.Helper()
	response, err := w.browser.Get(w.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func (w *world) wantPage(t *testing.T, path string, status int, parts ...string) {
	t.Helper()
	got, page := w.get(t, path)
	if got != status {
		t.Errorf("%s: status %d, want %d", path, got, status)
	}
	for _, part := range parts {
		if !strings.Contains(page, part) {
			t.Errorf("%s lacks %q:\n%s", path, part, page)
		}
	}
}

// saved is the connection as another process sees it.
func saved(t *testing.T, name string) freshet.Connection {
	t.Helper()
	c, err := filestore.New(freshet.Registration{}).Get(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestACustomerConnectsOnce(t *testing.T) {
	w := newWorld(t)
	stop := w.start(t)
	w.wantPage(t, "/hubspot", http.StatusOK, `"version":"67.0"`) // by way of the provider and the callback
	w.wantPage(t, "/salesforce", http.StatusOK, `"records"`)
	w.wantPage(t, "/", http.StatusOK, "hubspot.acme: all is well", "salesforce.acme: all is well")
	stop()

	stop = w.start(t)
	defer stop()
	w.wantPage(t, "/hubspot", http.StatusOK)
	w.wantPage(t, "/salesforce", http.StatusOK)
	if logins := w.hubspot.Stats().Logins + w.salesforce.Stats().Logins; logins != 2 {
		t.Errorf("%d logins at two providers", logins)
	}
}

func TestARefusedTokenIsReplaced(t *testing.T) {
	w := newWorld(t)
	defer w.start(t)()
	for _, test := range []struct {
		path, connection string
		server           *oauthtest.Server
	}{
		{"/hubspot", "hubspot.acme", w.hubspot},
		{"/salesforce", "salesforce.acme", w.salesforce},
	} {
		w.wantPage(t, test.path, http.StatusOK)
		test.server.Revoke(saved(t, test.connection).Token.AccessToken())
		w.wantPage(t, test.path, http.StatusOK)
		if stats := test.server.Stats(); stats.ResourceRefused != 1 || stats.Refreshes != 1 {
			t.Errorf("%s: %+v", test.path, stats)
		}
	}
}

func TestACustomerIsToldToLogInAgain(t *testing.T) {
	w := newWorld(t)
	stop := w.start(t)
	w.wantPage(t, "/hubspot", http.StatusOK)
	w.hubspot.Revoke(string(saved(t, "hubspot.acme").Token.RefreshToken()))

	failure := `hubspot.acme: HubSpot no longer accepts this refresh token`
	w.wantPage(t, "/hubspot", http.StatusForbidden, `<p>This account is no longer connected. <a href="/hubspot/connect">Log in again</a></p>`)
	w.wantPage(t, "/", http.StatusOK, failure, "To do: ", `<a href="/hubspot/connect">Log in again</a>`)

	w.wantPage(t, "/hubspot/connect", http.StatusOK, `"version":"67.0"`)
	w.wantPage(t, "/", http.StatusOK, "hubspot.acme: all is well")
	stop()
	if !strings.Contains(w.log.String(), `msg="mail to the customer: please log in again" connection=hubspot.acme`) {
		t.Errorf("nobody was told:\n%s", w.log)
	}
}

// What went wrong is the operator's business: it is in the log, and the page is the same for every error.
func TestACustomerSeesAFixedSentence(t *testing.T) {
	w := newWorld(t)
	stop := w.start(t)
	for _, test := range []struct{ path, fault string }{
		{"/hubspot", "grant=the code of the app at 10.0.0.7"},  // of the exchange
		{"/salesforce", "authorize-error=the app at 10.0.0.7"}, // in the redirect
	} {
		w.hubspot.Fail(oauthtest.Fault{Name: test.fault, Count: 1})
		w.salesforce.Fail(oauthtest.Fault{Name: test.fault, Count: 1})
		if _, page := w.get(t, test.path); page != "this did not work; please try again later\n" && page != "the provider did not grant the access\n" {
			t.Errorf("%s shows %s", test.path, page)
		}
	}
	stop()
	for _, logged := range []string{"level=ERROR msg=\"a page failed\" path=/hubspot/callback error=", "the code of the app at 10.0.0.7", "error=\"the app at 10.0.0.7\""} {
		if !strings.Contains(w.log.String(), logged) {
			t.Errorf("the log lacks %s:\n%s", logged, w.log)
		}
	}
}

func TestStrangersAreRefused(t *testing.T) {
	w := newWorld(t)
	defer w.start(t)()
	w.wantPage(t, "/elsewhere", http.StatusNotFound)
	w.wantPage(t, "/hubspot/callback?code=x&state=y", http.StatusBadRequest)
	w.wantPage(t, "/", http.StatusOK, "<ul>\n</ul>")
	if requests := w.hubspot.Stats().Requests; requests != 0 {
		t.Errorf("%d codes were exchanged", requests)
	}
}

// SIGTERM comes while a refresh is on the wire: the refresh token is spent, and its successor must be saved.
func TestNothingIsLostAtTheEnd(t *testing.T) {
	w := newWorld(t)
	stop := w.start(t)
	w.wantPage(t, "/salesforce", http.StatusOK)
	w.salesforce.Revoke(saved(t, "salesforce.acme").Token.AccessToken())

	answered := make(chan struct{})
	go func() {
		defer close(answered)
		w.wantPage(t, "/salesforce", http.StatusOK, `"records"`)
	}()
	for w.salesforce.Stats().Refreshes == 0 {
		time.Sleep(time.Millisecond)
	}
	stop()
	<-answered
	token := saved(t, "salesforce.acme").Token
	if !w.salesforce.ValidRefresh(string(token.RefreshToken())) || !w.salesforce.ValidAccess(token.AccessToken()) {
		t.Error("what the provider sent last is lost")
	}
}

// The addresses that nobody reaches in a test.
func TestRealProviders(t *testing.T) {
	t.Setenv("HUBSPOT_CLIENT_ID", "a client")
	all := realProviders()
	for name, want := range map[string][2]string{
		"hubspot":    {"https://app.hubspot.com/oauth/authorize", "https://api.hubapi.com/oauth/2026-03/token"},
		"salesforce": {"https://login.salesforce.com/services/oauth2/authorize", "https://login.salesforce.com/services/oauth2/token"},
	} {
		a := account{provider: all[name]}
		if got := a.addresses(); got.Authorization != want[0] || got.Token != want[1] {
			t.Errorf("%s: %+v", name, got)
		}
		if _, err := json.Marshal(a.Registration); err != nil {
			t.Errorf("%s cannot be saved: %v", name, err)
		}
	}
	if id := all["hubspot"].Client.ID; id != "a client" {
		t.Errorf("client %q", id)
	}
}

// lockedBuffer is a log that may be read while it is written.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
