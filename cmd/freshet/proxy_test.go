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

// How requests leave: through a proxy that a flag or the environment names, over TLS that a certificate of one's own vouches
// for.
func TestProxies(t *testing.T) {
	for name, listen := range map[string]func(*proxy, *testing.T) string{"http": (*proxy).listenHTTP, "socks5": (*proxy).listenSOCKS5} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := savedBehindTLS(t)
			p := &proxy{t: t, target: s.at}
			url := name + "://" + listen(p, t)

			t.Run("by a flag", func(t *testing.T) {
				wantExit(t, s.run("refresh", "--proxy", url), 0, "refreshed ")
				p.want(t, "example.com:443")
			})
			t.Run("by the environment", func(t *testing.T) {
				s.env = []string{"HTTPS_PROXY=" + url}
				defer func() { s.env = nil }()
				wantExit(t, s.run("refresh"), 0, "refreshed ")
				p.want(t, "example.com:443")
			})
			t.Run("by other commands", func(t *testing.T) {
				for _, command := range []string{"whoami", "introspect", "revoke"} {
					wantExit(t, s.run(command, "--proxy", url), 0)
					p.want(t, "example.com:443")
				}
			})
			s.wantStats("refreshes", s.server.Stats().Refreshes, 2)
			s.wantStats("revocations", s.server.Stats().Revocations, 1)
		})
	}
}

// A connection remembers the proxy and the certificates that it was made with. For one run a flag outranks them.
func TestConnectionWithAProxy(t *testing.T) {
	s := savedBehindTLS(t)
	first, second := &proxy{t: t, target: s.at}, &proxy{t: t, target: s.at}
	freshet := func(args ...string) ended {
		cmd := s.command("status")
		cmd.Args = append(cmd.Args[:1], args...)
		return capture(t, cmd)
	}
	wantExit(t, freshet(append([]string{"import", "acme", s.path, "--proxy", "http://" + first.listenHTTP(t)}, s.flags...)...), 0)
	wantExit(t, freshet("refresh", "acme"), 0, "refreshed ")
	first.want(t, "example.com:443")
	wantExit(t, freshet("revoke", "acme", "--proxy", "socks5://"+second.listenSOCKS5(t), "--ca-file", s.ca), 0, "revoked ")
	second.want(t, "example.com:443")
	s.wantStats("revocations", s.server.Stats().Revocations, 1)
}

// Without TLS only a proxy on this machine is asked to pass a request on: any other could read it.
func TestProxyWithoutTLS(t *testing.T) {
	s := save(t, rotating(t, 0), 0)
	p := &proxy{t: t}
	url := "http://" + p.listenHTTP(t)
	wantExit(t, s.run("refresh", "--proxy", url), 0, "refreshed ")
	p.want(t, strings.TrimPrefix(s.server.URL(), "http://"))
	wantExit(t, s.run("revoke", "--proxy", "http://proxy.example:8080"), 5, "the proxy at proxy.example:8080 could read the request, which is not https")
	s.wantStats("requests", s.server.Stats().Requests, 1)
}

// A proxy that wants a password gets it, and nobody else sees it.
func TestProxyWithAPassword(t *testing.T) {
	s := savedBehindTLS(t)
	p := &proxy{t: t, target: s.at, userinfo: "user:hush"}
	at := p.listenHTTP(t)
	wantExit(t, s.run("refresh", "--proxy", "http://user:hush@"+at, "--trace", "-"), 0, "refreshed ")
	for _, refused := range []string{"http://user:secrecy@" + at, "http://" + at} {
		got := s.run("revoke", "--proxy", refused, "--trace", "-")
		wantExit(t, got, 5, "Proxy Authentication Required")
		if strings.Contains(got.stderr, "secrecy") {
			t.Errorf("the password is told: %s", got.stderr)
		}
	}
	wantExit(t, s.run("refresh", "--proxy", "ftp://user:secrecy@"+at), 2, "the proxy's URL must begin with http://, https:// or socks5://")
	s.wantStats("requests", s.server.Stats().Requests, 1)
}

// A proxy that says which password it got, in the line by which it refuses to connect: net/http makes an error of that.
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
		said := got.stdout + got.stderr
		if got.code != code && got.code != 5 || !strings.Contains(said, "no [secret], that is [secret]") {
			t.Errorf("%s exits with %d and does not say why: %s", command, got.code, said)
		}
		if strings.Contains(said, "secrecy") || strings.Contains(said, "c2VjcmVjeS") {
			t.Errorf("%s tells the password: %s", command, said)
		}
	}
}

// A proxy that cannot be reached has passed nothing on.
func TestProxyThatIsNotThere(t *testing.T) {
	s := savedBehindTLS(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	s.failedBefore()
	wantExit(t, s.run("refresh", "--proxy", "socks5://"+listener.Addr().String()), 5, "could not reach the proxy", "nothing was sent")
	s.wantStats("requests", s.server.Stats().Requests, 0)
}

// A certificate that nobody vouches for ends the conversation before anything is said.
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

// behindTLS is a saved token of a server that calls itself https://example.com, with a certificate of its own.
type behindTLS struct {
	*saved
	at string // where the server really listens
	ca string // the file with its certificate
}

func savedBehindTLS(t *testing.T) behindTLS {
	t.Helper()
	server := oauthtest.NewHandler(oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true}, "https://example.com")
	listener := httptest.NewUnstartedServer(server)
	listener.Config.ErrorLog = log.New(io.Discard, "", 0) // who does not trust the certificate hangs up
	listener.StartTLS()
	t.Cleanup(listener.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: listener.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	s := behindTLS{save(t, server, 0), listener.Listener.Addr().String(), ca}
	s.flags = append(s.flags, "--token-url", server.TokenEndpoint(), "--ca-file", ca)
	return s
}

// proxy passes everything on to one target, and knows what it was asked for.
type proxy struct {
	t        *testing.T
	target   string // "": what is asked for
	userinfo string // that it wants, if any

	mu    sync.Mutex
	asked []string
}

// want checks that the proxy was asked for this host since the last time, and for nothing else.
func (p *proxy) want(t *testing.T, host string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.Equal(p.asked, []string{host}) {
		t.Errorf("the proxy was asked for %q, want %q", p.asked, host)
	}
	p.asked = nil
}

func (p *proxy) note(host string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, host)
}

func (p *proxy) listenHTTP(t *testing.T) string {
	forward := &httputil.ReverseProxy{Rewrite: func(*httputil.ProxyRequest) {}, ErrorLog: log.New(io.Discard, "", 0)} // servers hang up, too
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
		p.pass(client)
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
			go p.greet(client)
		}
	}()
	return listener.Addr().String()
}

// greet is RFC 1928 for a client that needs no password and names its host.
func (p *proxy) greet(client net.Conn) {
	var greeting [2]byte // version, how many methods
	var request [5]byte  // version, command, 0, type of address, its length
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
		p.t.Errorf("not what a client asks: %v, %v", request, err)
		client.Close()
		return
	}
	host, port := address[:len(address)-2], address[len(address)-2:]
	p.note(fmt.Sprintf("%s:%d", host, int(port[0])<<8|int(port[1])))
	p.pass(client)
}

// pass passes everything on until one side has ended.
func (p *proxy) pass(client net.Conn) {
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
