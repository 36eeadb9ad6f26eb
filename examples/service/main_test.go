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

// testService is the service with test servers, and a customer's browser.
type testService struct {
	hubspot, salesforce *oauthtest.Server
	browser             http.Client
	url                 string
	log                 *lockedBuffer
}

func newTestService(t *testing.T) *testService {
	t.Helper()
	s := &testService{
		hubspot: oauthtest.NewServer(oauthtest.Config{
			Provider: "hubspot", Consent: oauthtest.Allow, RequirePKCE: true,
		}),
		salesforce: oauthtest.NewServer(oauthtest.Config{
			Provider: oauthtest.Salesforce, Consent: oauthtest.Allow,
			RequireSecret: true, Rotate: true, OneAccessToken: true,
			Latency: 100 * time.Millisecond,
		}),
		log: new(lockedBuffer),
	}
	t.Cleanup(s.hubspot.Close)
	t.Cleanup(s.salesforce.Close)
	t.Setenv("FRESHET_HOME", t.TempDir())
	t.Setenv("HUBSPOT_CLIENT_SECRET", s.hubspot.ClientSecret())
	t.Setenv("SALESFORCE_CLIENT_SECRET", s.salesforce.ClientSecret())
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.browser.Jar = jar
	return s
}

// start starts the service. stop ends it as SIGTERM does.
func (s *testService) start(t *testing.T) (stop func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.url = "http://" + listener.Addr().String()
	ctx, terminate := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		ended <- serve(ctx, slog.New(slog.NewTextHandler(s.log, nil)), listener, withServers(s.hubspot, s.salesforce))
	}()
	return func() {
		t.Helper()
		terminate()
		if err := <-ended; err != nil {
			t.Errorf("the service ended with %v", err)
		}
	}
}

func (s *testService) get(t *testing.T, path string) (status int, page string) {
	t.Helper()
	response, err := s.browser.Get(s.url + path)
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

func (s *testService) wantPage(t *testing.T, path string, status int, parts ...string) {
	t.Helper()
	got, page := s.get(t, path)
	if got != status {
		t.Errorf("%s: status %d, want %d", path, got, status)
	}
	for _, part := range parts {
		if !strings.Contains(page, part) {
			t.Errorf("%s lacks %q:\n%s", path, part, page)
		}
	}
}

// saved returns the connection as another process reads it.
func saved(t *testing.T, name string) freshet.Connection {
	t.Helper()
	c, err := filestore.New(freshet.Registration{}).Get(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCustomerConnectsOnce(t *testing.T) {
	s := newTestService(t)
	stop := s.start(t)
	s.wantPage(t, "/hubspot", http.StatusOK, `"version":"67.0"`) // through the provider and the callback
	s.wantPage(t, "/salesforce", http.StatusOK, `"records"`)
	s.wantPage(t, "/", http.StatusOK, "hubspot.acme: all is well", "salesforce.acme: all is well")
	stop()

	stop = s.start(t)
	defer stop()
	s.wantPage(t, "/hubspot", http.StatusOK)
	s.wantPage(t, "/salesforce", http.StatusOK)
	if logins := s.hubspot.Stats().Logins + s.salesforce.Stats().Logins; logins != 2 {
		t.Errorf("%d logins at two providers", logins)
	}
}

func TestRefusedTokenIsReplaced(t *testing.T) {
	s := newTestService(t)
	defer s.start(t)()
	for _, test := range []struct {
		path, connection string
		server           *oauthtest.Server
	}{
		{"/hubspot", "hubspot.acme", s.hubspot},
		{"/salesforce", "salesforce.acme", s.salesforce},
	} {
		s.wantPage(t, test.path, http.StatusOK)
		test.server.Revoke(saved(t, test.connection).Token.AccessToken())
		s.wantPage(t, test.path, http.StatusOK)
		if stats := test.server.Stats(); stats.ResourceRefused != 1 || stats.Refreshes != 1 {
			t.Errorf("%s: %+v", test.path, stats)
		}
	}
}

func TestCustomerMustLogInAgain(t *testing.T) {
	s := newTestService(t)
	stop := s.start(t)
	s.wantPage(t, "/hubspot", http.StatusOK)
	s.hubspot.Revoke(string(saved(t, "hubspot.acme").Token.RefreshToken()))

	failure := `hubspot.acme: HubSpot no longer accepts this refresh token`
	s.wantPage(t, "/hubspot", http.StatusForbidden,
		`<p>This account is no longer connected. <a href="/hubspot/connect">Log in again</a></p>`)
	s.wantPage(t, "/", http.StatusOK, failure, "To do: ", `<a href="/hubspot/connect">Log in again</a>`)

	s.wantPage(t, "/hubspot/connect", http.StatusOK, `"version":"67.0"`)
	s.wantPage(t, "/", http.StatusOK, "hubspot.acme: all is well")
	stop()
	if !strings.Contains(s.log.String(), `msg="mail to the customer: please log in again" connection=hubspot.acme`) {
		t.Errorf("no event in the log:\n%s", s.log)
	}
}

// Errors are in the log, and the page is the same for every error.
func TestCustomerSeesNoErrors(t *testing.T) {
	s := newTestService(t)
	stop := s.start(t)
	for _, test := range []struct{ path, fault string }{
		{"/hubspot", "grant=the code of the app at 10.0.0.7"},  // of the exchange
		{"/salesforce", "authorize-error=the app at 10.0.0.7"}, // in the redirect
	} {
		s.hubspot.Fail(oauthtest.Fault{Name: test.fault, Count: 1})
		s.salesforce.Fail(oauthtest.Fault{Name: test.fault, Count: 1})
		if _, page := s.get(t, test.path); page != "this did not work; please try again later\n" {
			t.Errorf("%s shows %s", test.path, page)
		}
	}
	stop()
	for _, logged := range []string{
		`level=ERROR msg="a page failed" path=/hubspot/callback error=`,
		`level=ERROR msg="a page failed" path=/salesforce/callback error=`,
		"the code of the app at 10.0.0.7", "answered the app at 10.0.0.7",
	} {
		if !strings.Contains(s.log.String(), logged) {
			t.Errorf("the log lacks %s:\n%s", logged, s.log)
		}
	}
}

func TestUnknownRequestsAreRefused(t *testing.T) {
	s := newTestService(t)
	defer s.start(t)()
	s.wantPage(t, "/elsewhere", http.StatusNotFound)
	s.wantPage(t, "/hubspot/callback?code=x&state=y", http.StatusBadRequest)
	s.wantPage(t, "/", http.StatusOK, "<ul>\n</ul>")
	if requests := s.hubspot.Stats().Requests; requests != 0 {
		t.Errorf("%d codes were exchanged", requests)
	}
}

// SIGTERM arrives while a refresh is in flight. The refresh token is spent, and the new one must be saved.
func TestShutdownSavesRefreshInFlight(t *testing.T) {
	s := newTestService(t)
	stop := s.start(t)
	s.wantPage(t, "/salesforce", http.StatusOK)
	s.salesforce.Revoke(saved(t, "salesforce.acme").Token.AccessToken())

	answered := make(chan struct{})
	go func() {
		defer close(answered)
		s.wantPage(t, "/salesforce", http.StatusOK, `"records"`)
	}()
	for s.salesforce.Stats().Refreshes == 0 {
		time.Sleep(time.Millisecond)
	}
	stop()
	<-answered
	token := saved(t, "salesforce.acme").Token
	if !s.salesforce.ValidRefresh(string(token.RefreshToken())) || !s.salesforce.ValidAccess(token.AccessToken()) {
		t.Error("the last reply of the provider is lost")
	}
}

// The addresses of the real providers, which tests do not use.
func TestRealProviders(t *testing.T) {
	t.Setenv("HUBSPOT_CLIENT_ID", "a client")
	all := realProviders()
	for name, want := range map[string][2]string{
		"hubspot": {"https://app.hubspot.com/oauth/authorize", "https://api.hubapi.com/oauth/2026-03/token"},
		"salesforce": {
			"https://login.salesforce.com/services/oauth2/authorize",
			"https://login.salesforce.com/services/oauth2/token",
		},
	} {
		a := account{provider: all[name]}
		if got := (&freshet.Connection{Registration: a.Registration}).ResolvedEndpoints(); got.Authorization != want[0] || got.Token != want[1] {
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

// lockedBuffer is a log that can be read while it is written.
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
