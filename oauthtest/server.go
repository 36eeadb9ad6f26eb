package oauthtest

import (
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Server is a running authorization server. Its methods may be called from many goroutines at once.
type Server struct {
	cfg            Config
	url            string
	profile        *profile
	ledger         *ledger
	faults         faultQueue // at the token endpoint
	redirectFaults faultQueue // at the authorization endpoint
	key            func() *rsa.PrivateKey
	clientKeys     []jose.JSONWebKey
	mux            *http.ServeMux
	http           *http.Server
	closed         chan struct{}
	close          sync.Once
}

// NewServer starts a server. The caller closes it. Like [net/http/httptest.NewServer] it panics if it
// cannot start: if the address is taken, or cfg names a provider, a fault or a consent that does not
// exist.
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

// NewHandler returns a server that does not listen: an [http.Handler] whose base URL is url. It is for
// tests with a fake clock (testing/synctest), which cannot use real connections. [Server.Transport]
// sends requests to it.
func NewHandler(cfg Config, url string) *Server {
	cfg = cfg.withDefaults()
	if cfg.Consent != "" && cfg.Consent != Allow && cfg.Consent != Deny {
		panic(fmt.Sprintf("oauthtest: unknown consent %q", cfg.Consent))
	}
	p, err := loadProfile(cfg.Provider, url)
	if err != nil {
		panic(fmt.Sprintf("oauthtest: %v", err))
	}
	clientKeys, err := parseClientKeys(cfg.ClientKeys)
	if err != nil {
		panic(fmt.Sprintf("oauthtest: the client's keys: %v", err))
	}
	cfg = cfg.mergedWith(p.config())
	s := &Server{
		cfg: cfg, url: url, profile: p, ledger: newLedger(cfg, p),
		key: newKey(), clientKeys: clientKeys, mux: http.NewServeMux(), closed: make(chan struct{}),
	}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	s.Fail(cfg.Faults...)
	s.route()
	return s
}

func (s *Server) route() {
	paths, handle := s.profile.Endpoints, s.mux.HandleFunc
	handle("GET "+paths.Authorization, s.serveAuthorize)
	handle("POST "+paths.Authorization, s.serveAuthorize)
	handle(paths.Token, s.serveToken)
	if paths.Device != "" {
		handle("POST "+paths.Device, s.serveDevice)
	}
	handle("GET "+paths.DevicePage, s.serveDevicePage)
	handle("POST "+paths.DevicePage, s.serveDevicePage)
	handle("POST "+paths.Introspection, s.serveIntrospect)
	handle("POST "+paths.Revocation, s.serveRevoke)
	if s.cfg.Provider == Salesforce {
		handle("GET "+paths.Revocation, s.serveRevoke)
	}
	handle("GET "+paths.Keys, s.serveKeys)
	handle("GET /.well-known/openid-configuration", s.serveMetadata)
	handle("GET /.well-known/oauth-authorization-server", s.serveMetadata)
	s.routeAPI()
	handle("GET /testserver/stats", s.serveStats)
	handle(redirectPath, s.serveRedirected)
}

// Close stops the server and cuts its connections, including those with a reply in flight. Further
// calls do nothing.
func (s *Server) Close() {
	s.close.Do(func() {
		s.http.Close() // first, so that the replies that the next line releases reach no client
		close(s.closed)
	})
}

// URL returns the server's base URL, without a trailing slash: its issuer.
func (s *Server) URL() string { return s.url }

// ClientID returns the identifier of the one client the server knows.
func (s *Server) ClientID() string { return s.cfg.ClientID }

// ClientSecret returns that client's secret.
func (s *Server) ClientSecret() string { return s.cfg.ClientSecret }

// RequiresSecret reports whether a client without a secret is refused, because of
// [Config.RequireSecret] or of the provider.
func (s *Server) RequiresSecret() bool { return s.cfg.RequireSecret }

// Document starts a grant and returns its token response as a program would have saved it: indented
// JSON with a trailing newline. It has a refresh token unless the provider has none.
func (s *Server) Document() []byte {
	r := s.ledger.grant()
	body, err := json.MarshalIndent(s.applyConfig(s.tokenMembers(r), r), "", "  ")
	if err != nil {
		panic(err) // unreachable: the members are strings and numbers
	}
	return append(body, '\n')
}

// ValidAccess reports whether the API would accept accessToken now.
func (s *Server) ValidAccess(accessToken string) bool { return s.ledger.validAccess(accessToken) }

// ValidRefresh reports whether a refresh with refreshToken would be accepted now.
func (s *Server) ValidRefresh(refreshToken string) bool { return s.ledger.validRefresh(refreshToken) }

// Revoke ends an access token or, given any refresh token of a grant, the grant with all its tokens.
// It ignores a token that it does not know.
func (s *Server) Revoke(token string) { s.ledger.revoke(token) }

// ServeHTTP answers as the listening server does. Without a connection, a fault that drops the
// connection panics with [http.ErrAbortHandler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Stats counts what a [Server] has done since it started.
type Stats struct {
	Refreshes         int `json:"refreshes"`          // refreshes done, even if the reply is lost
	Reuses            int `json:"reuses"`             // spent refresh tokens presented after their grace period
	GrantsRevoked     int `json:"grants_revoked"`     // grants ended, by a reuse or a revocation
	Requests          int `json:"requests"`           // requests to the token endpoint with an accepted method
	RedirectsFollowed int `json:"redirects_followed"` // requests that followed a "redirect" fault
	Logins            int `json:"logins"`             // codes and device codes exchanged, even if the reply is lost
	ClientTokens      int `json:"client_tokens"`      // tokens issued to the client itself, even if the reply is lost
	CodeReuses        int `json:"code_reuses"`        // codes presented after their exchange
	Revocations       int `json:"revocations"`        // tokens ended at the revocation endpoint
	ResourceRequests  int `json:"resource_requests"`  // API requests with a valid access token
	ResourceRefused   int `json:"resource_refused"`   // API requests refused because of their access token
}

// Stats returns the counts so far.
func (s *Server) Stats() Stats {
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	return s.ledger.stats
}

func (s *Server) count(update func(*Stats)) {
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	update(&s.ledger.stats)
}

func (s *Server) serveStats(w http.ResponseWriter, r *http.Request) {
	body, err := json.Marshal(s.Stats())
	if err != nil {
		panic(err) // unreachable: the counts are integers
	}
	reply{status: http.StatusOK, contentType: "application/json", body: body}.send(w)
}
