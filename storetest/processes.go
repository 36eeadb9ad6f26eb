package storetest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// TestProcesses runs the tests that need several processes, and kills some of them. The processes are
// workers that run the test's own program. For this, TestMain must call [Worker] first:
//
//	func TestMain(m *testing.M) {
//		storetest.Worker(open)
//		m.Run()
//	}
//
// TestProcesses calls setup for each test, as Test does. The address that setup returns is what a worker
// passes to open, which opens the same store.
func TestProcesses(t *testing.T, setup func(t *testing.T) (b Backend, address string)) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, *processTest)
	}{
		{"many callers in two processes send one refresh", testTwoProcesses},
		{"a refresh whose process was killed before the reply is reported", testKilledInFlight},
		{"a refresh whose process was killed after the reply is completed", testKilledAfterReply},
	} {
		t.Run(test.name, func(t *testing.T) {
			b, address := setup(t)
			test.run(t, newProcessTest(t, b, address))
		})
	}
}

// processTest has a store that processes share. Its connection has a token that is stale but valid.
type processTest struct {
	Backend
	address string
	name    string
	token   freshet.Token // the first token
	server  *oauthtest.Server
	acted   chan struct{} // has a value for each request that the server has acted on
	release chan struct{} // replies are sent when it is closed
}

func newProcessTest(t *testing.T, b Backend, address string) *processTest {
	t.Helper()
	p := &processTest{Backend: b, address: address, acted: make(chan struct{}, 100), release: make(chan struct{})}
	front := httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(front.Close)
	// With the grace, a refresh token can be presented again after an interrupted refresh.
	p.server = oauthtest.NewHandler(oauthtest.Config{Rotate: true, Grace: time.Hour}, front.URL)
	var members map[string]any
	if err := json.Unmarshal(p.server.Document(), &members); err != nil {
		t.Fatal(err)
	}
	members["issued_at"], members["expires_in"] = time.Now().Add(-50*time.Minute).Unix(), 3600
	document, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	p.token = parse(t, string(document))
	p.name = b.Add(t, freshet.Connection{Token: p.token, Registration: freshet.Registration{
		Client: oauth.Client{ID: p.server.ClientID()}, Endpoints: oauth.Endpoints{Token: p.server.TokenEndpoint()},
	}})
	return p
}

// serve acts at once, as a provider does, and delays the reply.
func (p *processTest) serve(w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	p.server.ServeHTTP(answer, r)
	p.acted <- struct{}{}
	select {
	case <-p.release:
	case <-r.Context().Done():
		return
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // the client may have been killed
}

// waitActed waits for a request that the server has acted on but not answered.
func (p *processTest) waitActed(t *testing.T) {
	t.Helper()
	select {
	case <-p.acted:
	case <-time.After(timeout):
		t.Fatal("no worker sent a refresh of the stale token")
	}
}

func (p *processTest) task(callers int) task {
	return task{Address: p.address, Name: p.name, Callers: callers, Timeout: timeout + p.Lease}
}

func (p *processTest) wantRequests(t *testing.T, requests int) {
	t.Helper()
	if stats := p.server.Stats(); stats.Requests != requests || stats.Refreshes != requests || stats.Reuses != 0 {
		t.Errorf("the server got %d requests, %d refreshes and %d spent refresh tokens; want %[4]d, %[4]d and 0",
			stats.Requests, stats.Refreshes, stats.Reuses, requests)
	}
}

// wantSaved checks that the server's current refresh token is saved.
func (p *processTest) wantSaved(t *testing.T) {
	t.Helper()
	current := get(t, p.Backend, p.name).Token
	if !p.server.ValidRefresh(string(current.RefreshToken())) || current.RefreshToken() == p.token.RefreshToken() {
		t.Error("the saved refresh token is not the server's current one: " +
			"the grant is lost, and the user must log in again")
	}
	if p := pending(t, p.Backend, p.name); p != nil {
		t.Errorf("after the save, a refresh of %s is still pending", p.Since)
	}
}

func (p *processTest) wantNewToken(t *testing.T, results []result) {
	t.Helper()
	for _, got := range results {
		if got.Error != "" || got.AccessToken == p.token.AccessToken() || !p.server.ValidAccess(got.AccessToken) {
			t.Errorf("a caller got no new valid token: %s, error %q, warning %q", got.Outcome, got.Error, got.Warning)
		}
	}
}

func testTwoProcesses(t *testing.T, p *processTest) {
	do := p.task(8)
	do.Options.Rejected = p.token.AccessToken()
	one, two := start(t, do), start(t, do)
	one.begin(t)
	two.begin(t)
	p.waitActed(t)
	close(p.release)
	p.wantNewToken(t, append(one.results(t), two.results(t)...))
	p.wantRequests(t, 1)
	p.wantSaved(t)
}

// testKilledInFlight kills a process between the server's action and its reply. The lock is free then,
// and it is unknown whether the server has replaced the refresh token.
func testKilledInFlight(t *testing.T, p *processTest) {
	killed, waiting := start(t, p.task(1)), start(t, p.task(8))
	killed.begin(t)
	p.waitActed(t)
	waiting.begin(t)
	if err := killed.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	killed.waitKilled(t)
	close(p.release)
	for _, got := range waiting.results(t) {
		if got.Error != "" || got.AccessToken != p.token.AccessToken() || got.Warning == "" {
			t.Errorf("after a process was killed, a caller got %s, error %q, warning %q; "+
				"want the valid token and a warning", got.Outcome, got.Error, got.Warning)
		}
	}
	p.wantRequests(t, 1)
	do := p.task(8)
	do.Options.Rejected = p.token.AccessToken()
	p.wantNewToken(t, start(t, do).begin(t).results(t))
	p.wantRequests(t, 2)
	p.wantSaved(t)
}

// testKilledAfterReply kills a process that has journaled the reply. A database server may free its lock
// some time later.
func testKilledAfterReply(t *testing.T, p *processTest) {
	close(p.release)
	do := p.task(1)
	do.KillAfterReply = true
	start(t, do).begin(t).waitKilled(t)
	if !eventually(timeout+p.Lease, func() bool { return get(t, p.Backend, p.name).ReplyPending }) {
		t.Error("ReplyPending is false with the reply of a killed process: " +
			"the new refresh token would not be used until the old one fails. " +
			"If a lock outlives its holder, set Backend.Lease")
	}
	p.wantNewToken(t, start(t, p.task(8)).begin(t).results(t))
	p.wantRequests(t, 1)
	p.wantSaved(t)
}
