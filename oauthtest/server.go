package oauthtest

import (
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Server is a running authorization server. Its methods may be called from many goroutines at once.
type Server struct {
	cfg            Config
	url            string
	dialect        dialect
	ledger         *ledger
	faults         faultQueue // of the token endpoint
	redirectFaults faultQueue // of the authorization endpoint
	key            func() *rsa.PrivateKey
	mux            *http.ServeMux
	http           *http.Server
	closed         chan struct{}
	close          sync.Once
}

// NewServer starts a server. Like [net/http/httptest.NewServer] it panics when it cannot: when the address is taken, or
// when cfg names a provider, a fault or a consent that does not exist. The caller closes the server.
func NewServer(cfg Config) *Server {
	cfg = cfg.withDefaults()
	listener, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		panic(fmt.Sprintf("oauthtest: %v", err))
	}
	s := NewHandler(cfg, "http://"+listener.Addr().String())
	go s.http.Serve(listener)
	return s
}

// NewHandler makes a server that does not listen: an [http.Handler] that believes its base URL is url. It is for tests with
// a fake clock (testing/synctest), which no real connection can cross; [Server.Transport] leads there.
func NewHandler(cfg Config, url string) *Server {
	cfg = cfg.withDefaults()
	if cfg.Consent != "" && cfg.Consent != Allow && cfg.Consent != Deny {
		panic(fmt.Sprintf("oauthtest: unknown consent %q", cfg.Consent))
	}
	d, ok := imitation(cfg.Provider, url, cfg.ClientSecret)
	if !ok {
		panic(fmt.Sprintf("oauthtest: unknown provider %q", cfg.Provider))
	}
	cfg = cfg.over(d.defaults)
	s := &Server{cfg: cfg, url: url, dialect: d, key: newKey(), mux: http.NewServeMux(), closed: make(chan struct{})}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	s.ledger = newLedger(cfg, s.dialect)
	s.Fail(cfg.Faults...)
	s.route()
	return s
}

// route says who answers where.
func (s *Server) route() {
	p, handle := s.dialect.paths, s.mux.HandleFunc
	handle("GET "+p.authorize, s.serveAuthorize)
	handle("POST "+p.authorize, s.serveAuthorize)
	handle(p.token, s.serveToken)
	if p.device != "" {
		handle("POST "+p.device, s.serveDevice)
	}
	handle("GET "+p.devicePage, s.serveDevicePage)
	handle("POST "+p.devicePage, s.serveDevicePage)
	handle("POST "+p.introspect, s.serveIntrospect)
	handle("POST "+p.revoke, s.serveRevoke)
	handle("GET "+p.keys, s.serveKeys)
	handle("GET /.well-known/openid-configuration", s.serveMetadata)
	handle("GET /.well-known/oauth-authorization-server", s.serveMetadata)
	if s.cfg.Provider == Salesforce {
		handle("GET "+p.revoke, s.serveRevoke)
	}
	s.routeResources()
	handle("GET /testserver/stats", s.serveStats)
	handle(redirectPath, s.serveRedirected)
}

// Close stops the server and cuts its connections, including those with a reply under way. Further calls do nothing.
func (s *Server) Close() {
	s.close.Do(func() {
		s.http.Close() // first, so that no reply released by the next line reaches its client
		close(s.closed)
	})
}

// URL returns the server's base URL, without a trailing slash: its issuer.
func (s *Server) URL() string { return s.url }

// ClientID returns the identifier of the one client the server knows.
func (s *Server) ClientID() string { return s.cfg.ClientID }

// ClientSecret returns that client's secret.
func (s *Server) ClientSecret() string { return s.cfg.ClientSecret }

// RequiresSecret reports whether a client without a secret is refused, for [Config.RequireSecret] or by a habit of the provider.
func (s *Server) RequiresSecret() bool { return s.cfg.RequireSecret }

// Document starts a grant and returns its token response as a program would have saved it: indented JSON with a refresh
// token, where the provider has them, and a trailing newline.
func (s *Server) Document() []byte {
	i := s.ledger.grant()
	body, err := json.MarshalIndent(s.shape(s.dialect.members(i), i), "", "  ")
	if err != nil {
		panic(err) // unreachable: the members are strings and numbers
	}
	return append(body, '\n')
}

// ValidAccess reports whether the resource would honour accessToken now.
func (s *Server) ValidAccess(accessToken string) bool { return s.ledger.validAccess(accessToken) }

// ValidRefresh reports whether a refresh with refreshToken now would be accepted and not be a reuse.
func (s *Server) ValidRefresh(refreshToken string) bool { return s.ledger.validRefresh(refreshToken) }

// Revoke ends an access token, or, given any refresh token of a grant, the grant with all its tokens. It ignores a
// token it does not know.
func (s *Server) Revoke(token string) { s.ledger.revoke(token) }

// ServeHTTP answers as the listening server does. A fault that drops the connection panics with [http.ErrAbortHandler]
// where there is no connection to drop.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }
