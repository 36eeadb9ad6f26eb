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

// TestProcesses runs the part of the contract that takes several processes, some of which are killed. It starts the test's own
// program as workers, for which TestMain must call [Worker] first:
//
//	func TestMain(m *testing.M) {
//		storetest.Worker(open)
//		m.Run()
//	}
//
// setup is called for each test, as [Test] does, and also returns the address by which open finds the same store.
func TestProcesses(t *testing.T, setup func(t *testing.T) (b Backend, address string)) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, *machines)
	}{
		{"many callers in two processes send one refresh", twoProcesses},
		{"a worker killed while it waits for the answer leaves a mark", killedOnTheWire},
		{"a worker killed with the answer in its journal is completed", killedAfterTheReply},
	} {
		t.Run(test.name, func(t *testing.T) {
			b, address := setup(t)
			test.run(t, newMachines(t, b, address))
		})
	}
}

// machines are processes that share a store with a connection whose token is stale, and still valid.
type machines struct {
	Backend
	address string
	name    string
	token   freshet.Token // at the beginning
	server  *oauthtest.Server
	acted   chan struct{} // receives when the server has acted on a request
	reply   chan struct{} // lets the replies go out when it is closed
}

func newMachines(t *testing.T, b Backend, address string) *machines {
	t.Helper()
	m := &machines{Backend: b, address: address, acted: make(chan struct{}, 100), reply: make(chan struct{})}
	front := httptest.NewServer(http.HandlerFunc(m.serve))
	t.Cleanup(front.Close)
	// The grace lets the second presentation of a refresh token pass, which is what an interrupted refresh can hope for.
	m.server = oauthtest.NewHandler(oauthtest.Config{Rotate: true, Grace: time.Hour}, front.URL)
	var members map[string]any
	if err := json.Unmarshal(m.server.Document(), &members); err != nil {
		t.Fatal(err)
	}
	members["issued_at"], members["expires_in"] = time.Now().Add(-50*time.Minute).Unix(), 3600
	document, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	m.token = parse(t, string(document))
	m.name = b.Add(t, freshet.Connection{Token: m.token, Registration: freshet.Registration{
		Client: oauth.Client{ID: m.server.ClientID()}, Endpoints: oauth.Endpoints{Token: m.server.TokenEndpoint()},
	}})
	return m
}

// serve acts at once, as a provider does, and holds the reply back.
func (m *machines) serve(w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	m.server.ServeHTTP(answer, r)
	m.acted <- struct{}{}
	select {
	case <-m.reply:
	case <-r.Context().Done():
		return
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // whoever asked may be dead
}

// wantActed returns when a request is on the wire: acted on, and not yet answered.
func (m *machines) wantActed(t *testing.T) {
	t.Helper()
	select {
	case <-m.acted:
	case <-time.After(patience):
		t.Fatal("no worker sent a refresh, although the token is stale")
	}
}

func (m *machines) task(callers int) task {
	return task{Address: m.address, Name: m.name, Callers: callers}
}

// wantServer checks what the server saw, and that what is saved now is what it expects next.
func (m *machines) wantServer(t *testing.T, requests int) {
	t.Helper()
	if stats := m.server.Stats(); stats.Requests != requests || stats.Refreshes != requests || stats.Reuses != 0 {
		t.Errorf("the server saw %d requests, %d refreshes and %d spent refresh tokens; want %[4]d, %[4]d and none",
			stats.Requests, stats.Refreshes, stats.Reuses, requests)
	}
}

func (m *machines) wantKept(t *testing.T) {
	t.Helper()
	current := get(t, m.Backend, m.name).Token
	if !m.server.ValidRefresh(string(current.RefreshToken())) || current.RefreshToken() == m.token.RefreshToken() {
		t.Error("the saved refresh token is not the server's current one: the grant is lost, and a person must log in again")
	}
	if p := pending(t, m.Backend, m.name); p != nil {
		t.Errorf("after all is saved, a refresh of %s is still pending", p.Since)
	}
}

func (m *machines) wantNewToken(t *testing.T, results []result) {
	t.Helper()
	for _, got := range results {
		if got.Error != "" || got.AccessToken == m.token.AccessToken() || !m.server.ValidAccess(got.AccessToken) {
			t.Errorf("a caller got no new token that works: %s, error %q, warning %q", got.Outcome, got.Error, got.Warning)
		}
	}
}

func twoProcesses(t *testing.T, m *machines) {
	do := m.task(8)
	do.Demand.Rejected = m.token.AccessToken()
	one, two := start(t, do), start(t, do)
	one.begin(t)
	two.begin(t)
	m.wantActed(t)
	close(m.reply)
	m.wantNewToken(t, append(one.results(t), two.results(t)...))
	m.wantServer(t, 1)
	m.wantKept(t)
}

func killedOnTheWire(t *testing.T, m *machines) {
	killed, waiting := start(t, m.task(1)), start(t, m.task(8))
	killed.begin(t)
	m.wantActed(t)
	waiting.begin(t)
	if err := killed.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	killed.ended(t)
	close(m.reply)
	// The lock ended with its holder. Whether the provider replaced the refresh token, nobody knows: the access token is valid.
	for _, got := range waiting.results(t) {
		if got.Error != "" || got.AccessToken != m.token.AccessToken() || got.Warning == "" {
			t.Errorf("after a process had died on the wire, a caller got %s, error %q, warning %q; want the valid token and a warning",
				got.Outcome, got.Error, got.Warning)
		}
	}
	m.wantServer(t, 1)
	do := m.task(8)
	do.Demand.Rejected = m.token.AccessToken()
	m.wantNewToken(t, start(t, do).begin(t).results(t))
	m.wantServer(t, 2)
	m.wantKept(t)
}

// A lock ends with its holder, but not at the same moment: a server has to notice first.
func killedAfterTheReply(t *testing.T, m *machines) {
	close(m.reply)
	do := m.task(1)
	do.DieAfterReply = true
	start(t, do).begin(t).ended(t)
	if !eventually(func() bool { return get(t, m.Backend, m.name).Unsettled }) {
		t.Error("a reply that a dead process had journalled is not seen: the new refresh token lies there until the old one fails")
	}
	m.wantNewToken(t, start(t, m.task(8)).begin(t).results(t))
	m.wantServer(t, 1)
	m.wantKept(t)
}
