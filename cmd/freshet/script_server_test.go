package main_test

import (
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/freshet-dev/freshet/oauthtest"
)

// testserver PROVIDER [FLAG...] starts a test server in this process, and sets SERVER_URL,
// SERVER_HOST, TOKEN_ENDPOINT, CLIENT_ID and CLIENT_SECRET. The other commands use the server
// started last.
func (p *script) testserver(ts *testscript.TestScript, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: testserver PROVIDER [FLAG...]")
	}
	config := oauthtest.Config{Provider: args[0]}
	flags := flag.NewFlagSet("testserver", flag.ContinueOnError)
	flags.BoolVar(&config.Rotate, "rotate", false, "")
	flags.BoolVar(&config.RequireSecret, "require-secret", false, "")
	flags.DurationVar(&config.Grace, "grace", 0, "")
	flags.DurationVar(&config.IdleLimit, "idle-limit", 0, "")
	flags.StringVar(&config.ClientID, "client-id", "", "")
	flags.DurationVar(&config.TTL, "ttl", 0, "")
	flags.StringVar(&config.Consent, "consent", "", "")
	flags.BoolVar(&config.RequirePKCE, "require-pkce", false, "")
	flags.BoolVar(&config.NoRefreshToken, "no-refresh-token", false, "")
	flags.BoolVar(&config.JSONOnly, "json-only", false, "")
	flags.DurationVar(&config.DeviceInterval, "device-interval", 0, "")
	flags.DurationVar(&config.DeviceLife, "device-life", 0, "")
	flags.Func("redirect-uri", "", func(uri string) error {
		config.RedirectURIs = append(config.RedirectURIs, uri)
		return nil
	})
	flags.Func("redirect-param", "", func(pair string) error {
		name, value, _ := strings.Cut(pair, "=")
		config.RedirectParams = map[string]string{name: value}
		return nil
	})
	flags.Func("member", "", func(pair string) error {
		name, place, _ := strings.Cut(pair, "=")
		config.Members = map[string]string{name: place}
		return nil
	})
	ts.Check(flags.Parse(args[1:]))
	p.server = oauthtest.NewServer(config)
	ts.Defer(p.server.Close)
	ts.Setenv("SERVER_URL", p.server.URL())
	ts.Setenv("SERVER_HOST", strings.TrimPrefix(p.server.URL(), "http://"))
	ts.Setenv("TOKEN_ENDPOINT", p.server.TokenEndpoint())
	ts.Setenv("CLIENT_ID", p.server.ClientID())
	ts.Setenv("CLIENT_SECRET", p.server.ClientSecret())
}

// stopserver stops the server, and cuts off its replies. No server of another script gets its port.
func (p *script) stopserver(ts *testscript.TestScript, _ []string) {
	p.server.Close()
	address, err := netip.ParseAddrPort(strings.TrimPrefix(p.server.URL(), "http://"))
	ts.Check(err)
	// A process that another script starts has the listener, too, until exec.
	release, err := occupy(address)
	for deadline := time.Now().Add(10 * time.Second); err != nil &&
		time.Now().Before(deadline); release, err = occupy(address) {
		time.Sleep(time.Millisecond)
	}
	ts.Check(err)
	ts.Defer(release)
}

// fault NAME[:COUNT]... queues faults of the server.
func (p *script) fault(ts *testscript.TestScript, args []string) {
	for _, arg := range args {
		fault, err := oauthtest.ParseFault(arg)
		ts.Check(err)
		p.server.Fail(fault)
	}
}

// revoke FILE ends the grant of the file's refresh token.
func (p *script) revoke(ts *testscript.TestScript, args []string) {
	var saved struct {
		RefreshToken string `json:"refresh_token"`
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &saved))
	p.server.Revoke(saved.RefreshToken)
}

// stats NAME=COUNT... compares counts of the server.
func (p *script) stats(ts *testscript.TestScript, args []string) {
	data, err := json.Marshal(p.server.Stats())
	ts.Check(err)
	var counts map[string]int
	ts.Check(json.Unmarshal(data, &counts))
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		want, err := strconv.Atoi(value)
		ts.Check(err)
		if got, known := counts[name]; !known || got != want {
			ts.Fatalf("the server counted %s=%d, want %d (of %s)", name, got, want, data)
		}
	}
}

// hold sets HELD_ENDPOINT to a token endpoint of the server that acts on a request and holds the
// reply.
func (p *script) hold(ts *testscript.TestScript, _ []string) {
	server, arrived, released := p.server, make(chan struct{}, 1), make(chan struct{})
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reply := httptest.NewRecorder()
		server.ServeHTTP(reply, r)
		arrived <- struct{}{}
		<-released
		for name, values := range reply.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(reply.Code)
		_, _ = w.Write(reply.Body.Bytes()) // the client may have been killed
	}))
	p.arrived, p.letGo = arrived, sync.OnceFunc(func() { close(released) })
	letGo := p.letGo
	ts.Defer(func() { letGo(); front.Close() })
	ts.Setenv("HELD_ENDPOINT", front.URL+strings.TrimPrefix(server.TokenEndpoint(), server.URL()))
}

// held waits until the server has acted on a request and holds its reply.
func (p *script) held(ts *testscript.TestScript, _ []string) {
	select {
	case <-p.arrived:
	case <-time.After(waitTimeout):
		ts.Fatalf("no request arrived")
	}
}

// release sends the held replies.
func (p *script) release(*testscript.TestScript, []string) { p.letGo() }
