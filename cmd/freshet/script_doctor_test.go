package main_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// rival is the command rival FILE [SPENT GO], a program that refreshes without the lock. It sends
// the file's refresh token to $TOKEN_ENDPOINT and replaces the file. With two more files it creates
// SPENT and waits for GO before it does.
func rival() {
	path := os.Args[1]
	var document map[string]any
	data, err := os.ReadFile(path)
	check(err)
	check(json.Unmarshal(data, &document))
	res, err := http.PostForm(os.Getenv("TOKEN_ENDPOINT"), url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {document["refresh_token"].(string)},
		"client_id": {os.Getenv("CLIENT_ID")},
	})
	check(err)
	check(json.NewDecoder(res.Body).Decode(&document))
	res.Body.Close()
	data, err = json.Marshal(document)
	check(err)
	if len(os.Args) > 2 {
		check(os.WriteFile(os.Args[2], nil, 0o600))
		for !exists(os.Args[3]) {
			time.Sleep(time.Millisecond)
		}
	}
	check(os.WriteFile(path+".tmp", data, 0o600))
	check(os.Rename(path+".tmp", path))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// clock DURATION sets CLOCK_ENDPOINT to a token endpoint of the server whose clock is ahead.
func (p *script) clock(ts *testscript.TestScript, args []string) {
	ahead := duration(ts, args[0])
	ts.Setenv("CLOCK_ENDPOINT", p.proxy(ts, httptest.NewServer, func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
		return false
	}))
}

// answers STATUS [FILE] sets ODD_ENDPOINT to a token endpoint that always sends this reply.
func (p *script) answers(ts *testscript.TestScript, args []string) {
	status, err := strconv.Atoi(args[0])
	ts.Check(err)
	body := ""
	if len(args) > 1 {
		body = ts.ReadFile(args[1])
	}
	ts.Setenv("ODD_ENDPOINT", p.proxy(ts, httptest.NewServer, func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
		return true
	}))
}

// secured LIFE FILE sets TLS_ENDPOINT to a token endpoint of the server with TLS, and writes its
// certificate to the file.
func (p *script) secured(ts *testscript.TestScript, args []string) {
	life := duration(ts, args[0])
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	begin := time.Now().Add(-time.Hour)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: begin, NotAfter: begin.Add(life),
		IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	start := func(handler http.Handler) *httptest.Server {
		s := httptest.NewUnstartedServer(handler)
		s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
		s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		s.StartTLS()
		return s
	}
	ts.Setenv("TLS_ENDPOINT", p.proxy(ts, start, func(http.ResponseWriter, *http.Request) bool { return false }))
}

// proxy starts a proxy of the server and returns its token endpoint. handle reports whether it has
// replied itself.
func (p *script) proxy(
	ts *testscript.TestScript, start func(http.Handler) *httptest.Server,
	handle func(http.ResponseWriter, *http.Request) bool,
) string {
	server := p.server
	front := start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !handle(w, r) {
			server.ServeHTTP(w, r)
		}
	}))
	ts.Defer(front.Close)
	return front.URL + strings.TrimPrefix(server.TokenEndpoint(), server.URL())
}

// killrefresher FILE kills the process that refreshes the file's token.
func (p *script) killrefresher(ts *testscript.TestScript, args []string) {
	head, _, _ := bytes.Cut([]byte(ts.ReadFile(args[0]+".pending")), []byte("\n"))
	var journal struct {
		PID int `json:"pid"`
	}
	ts.Check(json.Unmarshal(head, &journal))
	process, err := os.FindProcess(journal.PID)
	ts.Check(err)
	ts.Check(process.Kill())
}

// waitdead FILE waits until the file's refresh token is not valid.
func (p *script) waitdead(ts *testscript.TestScript, args []string) {
	var saved struct {
		RefreshToken string `json:"refresh_token"`
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &saved))
	waitUntil(ts, "the refresh token is still valid",
		func() bool { return !p.server.ValidRefresh(saved.RefreshToken) })
}
