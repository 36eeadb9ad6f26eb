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

// The providers a [Server] can imitate.
const (
	Generic    = "generic"    // RFC 6749, no more and no less
	Salesforce = "salesforce" // the shape, error texts and overlap rule of Salesforce
)

// What [Config.Consent] can be.
const (
	Allow = "allow"
	Deny  = "deny"
)

// Config says how a [Server] behaves. The zero value is a well-behaved generic server without rotation.
type Config struct {
	// Provider is Generic or Salesforce. Defaults to Generic.
	Provider string

	// Addr is the TCP address to listen on. Defaults to "127.0.0.1:0", a free loopback port.
	Addr string

	// ClientID is the only client the server knows. Defaults to "oauthtest-client".
	ClientID string

	// ClientSecret is that client's secret; it also keys Salesforce's signature. Defaults to "oauthtest-not-a-secret".
	ClientSecret string

	// RequireSecret refuses a client that sends no secret. Defaults to false: a public client is served. A wrong
	// secret is refused either way.
	RequireSecret bool

	// RedirectURIs are those that the client has registered (RFC 6749 §3.1.2.2), to be matched exactly (RFC 9700 §2.1).
	// Defaults to none: any on the loopback interface or with https is served, and urn:ietf:wg:oauth:2.0:oob, which shows the
	// code on a page.
	RedirectURIs []string

	// RequirePKCE refuses an authorization request without a code challenge (RFC 7636 §4.4.1). Defaults to false: a challenge
	// that comes is checked all the same.
	RequirePKCE bool

	// Consent is Allow or Deny, for a server that decides by itself: on a code at once, on a device at its second poll.
	// Defaults to "": a page asks, or the test calls ApproveDevice.
	Consent string

	// RedirectParams are further parameters of each redirect with a code, such as QuickBooks' realmId. Defaults to none.
	RedirectParams map[string]string

	// DeviceInterval is how long a device waits between two polls (interval in RFC 8628 §3.2, which the reply rounds up to
	// seconds). One that comes earlier is told slow_down, and waits 5 seconds longer from then on (§3.5). Defaults to 5 seconds.
	DeviceInterval time.Duration

	// DeviceLife is how long a device code lives (expires_in in RFC 8628 §3.2). Defaults to 10 minutes.
	DeviceLife time.Duration

	// NoRefreshToken leaves refresh_token out of the reply to a login. Defaults to false: every login gets one, whatever
	// its scope.
	NoRefreshToken bool

	// JSONOnly makes the token endpoint refuse a form. Defaults to false: a form and a JSON object will do.
	JSONOnly bool

	// Rotate replaces the refresh token at every refresh and watches for reuse. Defaults to false.
	Rotate bool

	// Grace is how long after a rotation the token just spent is still accepted. Defaults to 0, not at all.
	Grace time.Duration

	// IdleLimit ends a grant whose refresh token was not used for so long. Defaults to 0, never.
	IdleLimit time.Duration

	// MaxGrants is how many grants live at once: one more ends the oldest, as at Salesforce the sixth of a user and a client.
	// Defaults to 0, any number.
	MaxGrants int

	// TTL is how long an access token lives. The generic server sends it as expires_in. Defaults to 1 hour.
	TTL time.Duration

	// SameAccessToken answers a refresh with the access token issued last, as long as that is still valid. It has no
	// effect with Rotate. Defaults to false: every refresh issues a new one.
	SameAccessToken bool

	// OneAccessToken ends a grant's access token when a refresh issues the next, as Atlassian and GitHub do. Defaults to
	// false: it lives until it expires.
	OneAccessToken bool

	// Latency is how long every reply of the token endpoint is held back after the server has acted. A client that
	// leaves in the meantime undoes nothing. Defaults to 0.
	Latency time.Duration

	// Faults are queued before the first request; see [Server.Fail]. Defaults to none.
	Faults []Fault
}

func (c Config) withDefaults() Config {
	if c.Provider == "" {
		c.Provider = Generic
	}
	if c.Addr == "" {
		c.Addr = "127.0.0.1:0"
	}
	if c.ClientID == "" {
		c.ClientID = "oauthtest-client"
	}
	if c.ClientSecret == "" {
		c.ClientSecret = "oauthtest-not-a-secret"
	}
	if c.TTL == 0 {
		c.TTL = time.Hour
	}
	if c.DeviceInterval == 0 {
		c.DeviceInterval = 5 * time.Second
	}
	if c.DeviceLife == 0 {
		c.DeviceLife = 10 * time.Minute
	}
	return c
}

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
	s := &Server{cfg: cfg, url: url, key: newKey(), mux: http.NewServeMux(), closed: make(chan struct{})}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	switch cfg.Provider {
	case Generic:
		s.dialect = generic()
	case Salesforce:
		s.dialect = salesforce(url, cfg.ClientSecret)
	default:
		panic(fmt.Sprintf("oauthtest: unknown provider %q", cfg.Provider))
	}
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

// Document starts a grant and returns its token response as a program would have saved it: indented JSON with a refresh
// token and a trailing newline.
func (s *Server) Document() []byte {
	body, err := json.MarshalIndent(s.dialect.members(s.ledger.grant()), "", "  ")
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
