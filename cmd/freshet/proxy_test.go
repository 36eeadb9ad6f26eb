//go:build unix

package main_test

import (
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/freshet-dev/freshet/oauthtest"
)

// The proxy comes from a flag or the environment. The server has TLS with a certificate of its own.
func TestProxies(t *testing.T) {
	for name, listen := range map[string]func(*proxy, *testing.T) string{
		"http": (*proxy).listenHTTP, "socks5": (*proxy).listenSOCKS5,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := savedBehindTLS(t)
			p := &proxy{t: t, target: s.at}
			url := name + "://" + listen(p, t)

			t.Run("by a flag", func(t *testing.T) {
				wantExit(t, s.run("refresh", "--proxy", url), 0, "refreshed ")
				p.wantHost(t, "example.com:443")
			})
			t.Run("by the environment", func(t *testing.T) {
				s.env = []string{"HTTPS_PROXY=" + url}
				defer func() { s.env = nil }()
				wantExit(t, s.run("refresh"), 0, "refreshed ")
				p.wantHost(t, "example.com:443")
			})
			t.Run("by other commands", func(t *testing.T) {
				for _, command := range []string{"whoami", "introspect", "revoke"} {
					wantExit(t, s.run(command, "--proxy", url), 0)
					p.wantHost(t, "example.com:443")
				}
			})
			s.wantStats("refreshes", s.server.Stats().Refreshes, 2)
			s.wantStats("revocations", s.server.Stats().Revocations, 1)
		})
	}
}

// A connection keeps the proxy and the CA file of its creation. Flags override them for one run.
func TestConnectionWithAProxy(t *testing.T) {
	s := savedBehindTLS(t)
	first, second := &proxy{t: t, target: s.at}, &proxy{t: t, target: s.at}
	freshet := func(args ...string) result {
		cmd := s.command("status")
		cmd.Args = append(cmd.Args[:1], args...)
		return capture(t, cmd)
	}
	wantExit(t, freshet(append([]string{"import", "acme", s.path, "--proxy", "http://" + first.listenHTTP(t)},
		s.flags...)...), 0)
	wantExit(t, freshet("refresh", "acme"), 0, "refreshed ")
	first.wantHost(t, "example.com:443")
	got := freshet("revoke", "acme", "--proxy", "socks5://"+second.listenSOCKS5(t), "--ca-file", s.ca)
	wantExit(t, got, 0, "revoked ")
	second.wantHost(t, "example.com:443")
	s.wantStats("revocations", s.server.Stats().Revocations, 1)
}

// Requests without TLS only go through a proxy on this machine, because others could read them.
func TestProxyWithoutTLS(t *testing.T) {
	s := save(t, rotating(t, 0), 0)
	p := &proxy{t: t}
	url := "http://" + p.listenHTTP(t)
	wantExit(t, s.run("refresh", "--proxy", url), 0, "refreshed ")
	p.wantHost(t, strings.TrimPrefix(s.server.URL(), "http://"))
	wantExit(t, s.run("revoke", "--proxy", "http://proxy.example:8080"), 5,
		"the proxy at proxy.example:8080 could read the request, which is not https")
	s.wantStats("requests", s.server.Stats().Requests, 1)
}

// The proxy gets its password. The password is in no message and no trace.
func TestProxyWithAPassword(t *testing.T) {
	s := savedBehindTLS(t)
	p := &proxy{t: t, target: s.at, userinfo: "user:hush"}
	at := p.listenHTTP(t)
	wantExit(t, s.run("refresh", "--proxy", "http://user:hush@"+at, "--trace", "-"), 0, "refreshed ")
	for _, refused := range []string{"http://user:secrecy@" + at, "http://" + at} {
		got := s.run("revoke", "--proxy", refused, "--trace", "-")
		wantExit(t, got, 5, "Proxy Authentication Required")
		if strings.Contains(got.stderr, "secrecy") {
			t.Errorf("the password is printed: %s", got.stderr)
		}
	}
	wantExit(t, s.run("refresh", "--proxy", "ftp://user:secrecy@"+at), 2,
		"the proxy's URL must begin with http://, https:// or socks5://")
	s.wantStats("requests", s.server.Stats().Requests, 1)
}

// A proxy repeats the password in the status line of its refusal, which net/http makes an error of.
func TestProxyThatRepeatsThePassword(t *testing.T) {
	s := savedBehindTLS(t)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, credentials, _ := strings.Cut(r.Header.Get("Proxy-Authorization"), " ")
		plain, err := base64.StdEncoding.DecodeString(credentials)
		if err != nil {
			t.Error(err)
		}
		client, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer client.Close()
		fmt.Fprintf(client, "HTTP/1.1 407 no %s, that is %s\r\n\r\n", credentials, plain)
	}))
	defer proxy.Close()
	for command, code := range map[string]int{"refresh": 5, "whoami": 5, "introspect": 5, "revoke": 5, "doctor": 1} {
		got := s.run(command, "--proxy", "http://user:secrecy-secrecy@"+proxy.Listener.Addr().String(), "--trace", "-")
		output := got.stdout + got.stderr
		if got.code != code && got.code != 5 || !strings.Contains(output, "no [secret], that is [secret]") {
			t.Errorf("%s exits with %d and does not print the cause: %s", command, got.code, output)
		}
		if strings.Contains(output, "secrecy") || strings.Contains(output, "c2VjcmVjeS") {
			t.Errorf("%s prints the password: %s", command, output)
		}
	}
}

// If the proxy cannot be reached, nothing was sent.
func TestProxyThatCannotBeReached(t *testing.T) {
	s := savedBehindTLS(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	s.failedBefore()
	got := s.run("refresh", "--proxy", "socks5://"+listener.Addr().String())
	wantExit(t, got, 5, "could not reach the proxy", "nothing was sent")
	s.wantStats("requests", s.server.Stats().Requests, 0)
}

// To a server with an untrusted certificate nothing is sent.
func TestCAFile(t *testing.T) {
	s := savedBehindTLS(t)
	s.flags = slices.Clone(s.flags[:len(s.flags)-2]) // without --ca-file
	p := &proxy{t: t, target: s.at}
	s.env = []string{"HTTPS_PROXY=http://" + p.listenHTTP(t)}
	s.failedBefore()
	wantExit(t, s.run("refresh"), 5, "certificate signed by unknown authority", "nothing was sent")
	wantExit(t, s.run("revoke"), 5, "certificate signed by unknown authority")
	wantExit(t, s.run("refresh", "--ca-file", s.path), 2, "has no certificate in PEM format")
	wantExit(t, s.run("refresh", "--ca-file", "/nowhere/ca.pem"), 2, "the CA file cannot be read")
	s.wantStats("requests", s.server.Stats().Requests, 0)
	wantExit(t, s.run("refresh", "--ca-file", s.ca), 0, "refreshed ")
}

// behindTLS is a token of a server with the address https://example.com and a certificate of its
// own.
type behindTLS struct {
	*savedToken
	at string // the server's real address
	ca string // the path of its certificate
}

func savedBehindTLS(t *testing.T) behindTLS {
	t.Helper()
	server := oauthtest.NewHandler(oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true},
		"https://example.com")
	listener := httptest.NewUnstartedServer(server)
	listener.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that do not trust the certificate cause errors
	listener.StartTLS()
	t.Cleanup(listener.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: listener.Certificate().Raw})
	if err := os.WriteFile(ca, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	s := behindTLS{save(t, server, 0), listener.Listener.Addr().String(), ca}
	s.flags = append(s.flags, "--token-url", server.TokenEndpoint(), "--ca-file", ca)
	return s
}

// proxy relays all connections to one target, and notes the requested hosts.
type proxy struct {
	t        *testing.T
	target   string // "" for plain HTTP requests, which go to their hosts
	userinfo string // the required user and password, or ""

	mu        sync.Mutex
	requested []string
}

// wantHost checks that only this host was requested since the last call.
func (p *proxy) wantHost(t *testing.T, host string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.Equal(p.requested, []string{host}) {
		t.Errorf("requested hosts: %q, want %q", p.requested, host)
	}
	p.requested = nil
}

func (p *proxy) note(host string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requested = append(p.requested, host)
}

func (p *proxy) listenHTTP(t *testing.T) string {
	forward := &httputil.ReverseProxy{
		Rewrite: func(*httputil.ProxyRequest) {}, ErrorLog: log.New(io.Discard, "", 0), // servers may close
	}
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wanted := "Basic " + base64.StdEncoding.EncodeToString([]byte(p.userinfo))
		if p.userinfo != "" && r.Header.Get("Proxy-Authorization") != wanted {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		p.note(r.Host)
		if r.Method != http.MethodConnect {
			forward.ServeHTTP(w, r)
			return
		}
		client, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_, err = io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
		}
		if err != nil {
			p.t.Error(err)
			return
		}
		p.relay(client)
	}))
	t.Cleanup(listener.Close)
	return listener.Listener.Addr().String()
}

func (p *proxy) listenSOCKS5(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serveSOCKS5(client)
		}
	}()
	return listener.Addr().String()
}

// serveSOCKS5 implements RFC 1928 without authentication, for requests with a host name.
func (p *proxy) serveSOCKS5(client net.Conn) {
	var greeting [2]byte // version, number of methods
	var request [5]byte  // version, command, 0, type and length of the address
	_, err := io.ReadFull(client, greeting[:])
	if err == nil {
		_, err = io.CopyN(io.Discard, client, int64(greeting[1]))
	}
	if err == nil {
		_, err = client.Write([]byte{5, 0})
	}
	if err == nil {
		_, err = io.ReadFull(client, request[:])
	}
	address := make([]byte, int(request[4])+2)
	if err == nil {
		_, err = io.ReadFull(client, address)
	}
	if err == nil {
		_, err = client.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	}
	if err != nil || request[1] != 1 || request[3] != 3 {
		p.t.Errorf("unexpected request: %v, %v", request, err)
		client.Close()
		return
	}
	host, port := address[:len(address)-2], address[len(address)-2:]
	p.note(fmt.Sprintf("%s:%d", host, int(port[0])<<8|int(port[1])))
	p.relay(client)
}

// relay copies in both directions until one side closes.
func (p *proxy) relay(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		p.t.Error(err)
		return
	}
	defer server.Close()
	done := make(chan error, 2)
	go func() { _, err := io.Copy(server, client); done <- err }()
	go func() { _, err := io.Copy(client, server); done <- err }()
	if err := <-done; err != nil && !errors.Is(err, net.ErrClosed) {
		p.t.Log(err)
	}
}
