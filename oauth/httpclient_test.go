package oauth_test

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/freshet-dev/freshet/oauth"
)

// TestMain lets a test run the test binary as a program that fetches an address, because net/http
// reads the proxy variables once per process.
func TestMain(m *testing.M) {
	if address := os.Getenv("OAUTH_TEST_FETCH"); address != "" {
		_, err := oauth.Fetch(context.Background(), nil, address, "", "op.invalid")
		fmt.Println(err)
		return
	}
	os.Exit(m.Run())
}

// newTLSServer starts a server whose certificate only the CA file makes trusted.
func newTLSServer(t *testing.T) (server *httptest.Server, caFile string) {
	t.Helper()
	server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"protocol":%q}`, r.Proto)
	}))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.EnableHTTP2 = true // the client must not use it
	server.StartTLS()
	t.Cleanup(server.Close)
	caFile = filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(caFile, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	return server, caFile
}

// fetch fetches address with the client of config.
func fetch(t *testing.T, config oauth.HTTPConfig, address string) (oauth.Reply, error) {
	t.Helper()
	client, err := config.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	return oauth.Fetch(t.Context(), client, address, "")
}

func TestCAFile(t *testing.T) {
	server, caFile := newTLSServer(t)
	if _, err := fetch(t, oauth.HTTPConfig{}, server.URL); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("without the CA file: %v", err)
	}
	reply, err := fetch(t, oauth.HTTPConfig{CAFile: caFile}, server.URL)
	if err != nil || string(reply.Body) != `{"protocol":"HTTP/1.1"}` {
		t.Errorf("with the CA file: %s, %v", reply.Body, err)
	}
}

func TestRequestsUseProxy(t *testing.T) {
	server, caFile := newTLSServer(t)
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer plain.Close()
	for name, start := range map[string]func(*testing.T) *proxy{"http": startHTTPProxy, "socks5": startSOCKSProxy} {
		t.Run(name, func(t *testing.T) {
			p := start(t)
			config := oauth.HTTPConfig{Proxy: name + "://ann:hunter2@" + p.address, CAFile: caFile}
			for _, address := range []string{server.URL, plain.URL} {
				before := p.passed.Load()
				if reply, err := fetch(t, config, address); err != nil || reply.Status != http.StatusOK {
					t.Errorf("%s: %v, %v", address, reply, err)
				}
				if p.passed.Load() != before+1 {
					t.Errorf("%s was reached without the proxy", address)
				}
			}
			config.Proxy = name + "://ann:wrong@" + p.address
			_, err := fetch(t, config, server.URL)
			failed, ok := errors.AsType[*oauth.SendError](err)
			if !ok || failed.Sent || strings.Contains(err.Error(), "ann") || strings.Contains(err.Error(), "wrong") {
				t.Errorf("with a wrong password: %v", err)
			}
		})
	}
}

func TestRemoteProxyGetsNoPlainHTTP(t *testing.T) {
	_, err := fetch(t, oauth.HTTPConfig{Proxy: "http://ann:hunter2@proxy.invalid:3128"}, "http://127.0.0.1:1/")
	const want = "could not reach 127.0.0.1:1: the proxy at proxy.invalid:3128 could read the request, which " +
		"is not https"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

// A proxy of the environment gets no plain http either, although the host may.
func TestRemoteProxyOfTheEnvironmentGetsNoPlainHTTP(t *testing.T) {
	program := exec.Command(os.Args[0])
	program.Env = []string{
		"OAUTH_TEST_FETCH=http://op.invalid/", "HTTP_PROXY=http://ann:hunter2@proxy.invalid:3128",
	}
	output, err := program.Output()
	const want = "could not reach op.invalid: the proxy at proxy.invalid:3128 could read the request, which is not " +
		"https; list op.invalid in NO_PROXY\n"
	if err != nil || string(output) != want {
		t.Errorf("%s, %v", output, err)
	}
}

func TestHTTPConfigErrors(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		config oauth.HTTPConfig
		want   string
	}{
		{
			oauth.HTTPConfig{Proxy: "http://ann:hunter2@[proxy"},
			"the proxy is not a URL, such as http://proxy.example.com:8080",
		},
		{
			oauth.HTTPConfig{Proxy: "proxy.example.com:8080"},
			"the proxy's URL must begin with http://, https:// or socks5://",
		},
		{oauth.HTTPConfig{Proxy: "http://ann:hunter2@:8080"}, "the proxy's URL, http://…, names no host"},
		{
			oauth.HTTPConfig{CAFile: empty + ".missing"},
			"the CA file cannot be read: open " + empty + ".missing: no such file or directory",
		},
		{oauth.HTTPConfig{CAFile: empty}, "the CA file " + empty + " has no certificate in PEM format"},
	} {
		if _, err := test.config.Client(); err == nil || err.Error() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}

func TestProxyFromEnvironment(t *testing.T) {
	p := startHTTPProxy(t)
	program := exec.Command(os.Args[0])
	program.Env = []string{"OAUTH_TEST_FETCH=https://op.invalid/", "HTTPS_PROXY=http://ann:hunter2@" + p.address}
	output, err := program.Output()
	// The proxy cannot reach the host either.
	if got := string(output); err != nil || got != "could not reach op.invalid: Bad Gateway\n" || p.passed.Load() != 1 {
		t.Errorf("%s, %v", got, err)
	}
}

// net/http ignores a proxy variable that it cannot parse, or connects to a host named http.
func TestInvalidProxyVariable(t *testing.T) {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		for value, isProxy := range map[string]bool{
			"":                                  true,
			"http://proxy.example":              true,
			"http://ann:hunter2@proxy.example/": true,
			"HTTP://proxy.example:8080":         true,
			"https://proxy.example:8443":        true,
			"socks5://[::1]:1080":               true,
			"socks5h://proxy.example:1080":      true,
			"proxy.example:8080":                true, // net/http accepts it
			"proxy":                             true,
			"ann:hunter2@proxy.example:8080":    true,
			"http://ann:hunter2@proxy example":  false,
			"http://ann:hunter2@proxy:80:80":    false,
			"http://ann:hunter2@proxy:port":     false,
			"http://ann:hunter2@[proxy":         false,
			"http://ann:hunt%er2@proxy.example": false,
			"http://ann:hunter2@":               false,
			"http://ann:hunter2@:8080":          false,
			" http://ann:hunter2@proxy.example": false,
			"://ann:hunter2@proxy.example":      false,
			"//ann:hunter2@proxy.example":       false,
			"ftp://ann:hunter2@proxy.example":   false,
			"socks4://ann:hunter2@127.0.0.1:1":  false,
			"ann:hunter2@proxy example":         false,
		} {
			t.Run(name+"="+value, func(t *testing.T) {
				for _, other := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
					t.Setenv(other, "")
				}
				t.Setenv(name, value)
				_, err := oauth.HTTPConfig{}.Client()
				if (err == nil) != isProxy {
					t.Errorf("got %v", err)
				}
				if err != nil &&
					(!strings.Contains(strings.ToLower(err.Error()), strings.ToLower(name)) ||
						strings.Contains(err.Error(), "hunt") || strings.Contains(err.Error(), "ann")) {
					t.Errorf("got %v", err)
				}
				if err := (oauth.HTTPConfig{Proxy: "http://proxy.example"}).Check(); err != nil {
					t.Error(err)
				}
				if _, err := (oauth.HTTPConfig{Proxy: "http://proxy.example"}).Client(); err != nil {
					t.Errorf("the environment overrides a given proxy: %v", err)
				}
			})
		}
	}
}

func TestInvalidProxyVariableSendsNothing(t *testing.T) {
	program := exec.Command(os.Args[0])
	program.Env = []string{"OAUTH_TEST_FETCH=https://op.invalid/", "https_proxy=http://ann:hunter2@proxy:80:80"}
	output, err := program.Output()
	const want = "could not reach op.invalid: the environment variable https_proxy is not the URL of a proxy, " +
		"such as http://proxy.example.com:8080\n"
	if got := string(output); err != nil || got != want {
		t.Errorf("%s, %v", got, err)
	}
}

// proxy is a proxy for the user ann with the password hunter2.
type proxy struct {
	address string
	passed  atomic.Int32 // connections or requests
}

func startHTTPProxy(t *testing.T) *proxy {
	p := &proxy{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Proxy-Authorization") != "Basic YW5uOmh1bnRlcjI=" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		p.passed.Add(1)
		target, err := net.Dial("tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		if r.Method != http.MethodConnect {
			target.Close()
			w.WriteHeader(http.StatusOK)
			return
		}
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		join(conn, buffered, target)
	}))
	t.Cleanup(server.Close)
	p.address = strings.TrimPrefix(server.URL, "http://")
	return p
}

// startSOCKSProxy implements as much of RFC 1928 and RFC 1929 as net/http uses for an IPv4 address.
func startSOCKSProxy(t *testing.T) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	p := &proxy{address: listener.Addr().String()}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go p.socks(conn)
		}
	}()
	return p
}

func (p *proxy) socks(conn net.Conn) {
	defer conn.Close()
	read := func(n int) []byte {
		b := make([]byte, n)
		_, _ = io.ReadFull(conn, b)
		return b
	}
	read(int(read(2)[1]))             // version, number of methods; the methods
	_, _ = conn.Write([]byte{5, 2})   // method: user and password
	user := read(int(read(2)[1]))     // version, length; the user
	password := read(int(read(1)[0])) // length; the password
	if string(user) != "ann" || string(password) != "hunter2" {
		_, _ = conn.Write([]byte{1, 1})
		return
	}
	_, _ = conn.Write([]byte{1, 0})
	request := read(10) // version, connect, 0, IPv4, address, port
	target, err := net.DialTCP("tcp", nil, &net.TCPAddr{IP: request[4:8], Port: int(request[8])<<8 | int(request[9])})
	if err != nil {
		return
	}
	p.passed.Add(1)
	_, _ = conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	join(conn, conn, target)
}

// join copies in both directions until one side ends.
func join(conn net.Conn, from io.Reader, target net.Conn) {
	defer conn.Close()
	defer target.Close()
	go func() {
		_, _ = io.Copy(target, from)
		target.Close()
	}()
	_, _ = io.Copy(conn, target)
}
