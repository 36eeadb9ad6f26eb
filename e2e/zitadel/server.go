// Package zitadel runs an independent authorization server: the certified op of github.com/zitadel/oidc, on a
// loopback address. This package only implements the interfaces that op requires: clients (client.go),
// logins and grants (login.go, tokens.go), and their storage (storage.go).
//
// There is one user, Alice. She logs in and allows when a browser opens the login page. A public client has
// [Server.ClientID] and must use PKCE. A confidential client has [Server.ConfidentialID] and [Server.Secret],
// authenticates with HTTP Basic, and may introspect access tokens. Refresh tokens rotate. A spent one that
// is presented again ends its grant.
package zitadel

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// Server is an authorization server until the end of the test that started it.
type Server struct {
	Issuer         string // an http URL on the loopback interface
	ClientID       string // a public client, which may redirect to any loopback port
	ConfidentialID string // a client that may redirect to the URIs of AllowRedirect
	Secret         string // of the confidential client

	storage *storage
}

// Start starts a server.
func Start(t *testing.T) *Server {
	t.Helper()
	listening := httptest.NewUnstartedServer(nil)
	s := &Server{
		Issuer:         "http://" + listening.Listener.Addr().String(),
		ClientID:       "freshet-public",
		ConfidentialID: "freshet-confidential",
		Secret:         "100% + " + rand.Text(), // must be form-encoded in HTTP Basic (RFC 6749 §2.3.1)
	}
	s.storage = newStorage(t, publicClient(s.ClientID), confidentialClient(s.ConfidentialID, s.Secret))
	provider, err := op.NewProvider(&op.Config{
		CryptoKey:             [32]byte([]byte(rand.Text() + rand.Text())),
		CodeMethodS256:        true,
		GrantTypeRefreshToken: true,
		SupportedScopes:       []string{oidc.ScopeOpenID, oidc.ScopeEmail, oidc.ScopeOfflineAccess},
		DeviceAuthorization: op.DeviceAuthorizationConfig{
			Lifetime:     5 * time.Minute,
			PollInterval: time.Second,
			UserFormPath: "/device",
			UserCode:     op.UserCodeBase20,
		},
	}, s.storage, op.StaticIssuer(s.Issuer), op.WithAllowInsecure())
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", provider)
	mux.HandleFunc("GET "+loginPath, func(w http.ResponseWriter, r *http.Request) {
		id := r.FormValue("id")
		s.storage.logIn(id)
		ctx := op.ContextWithIssuer(r.Context(), s.Issuer)
		http.Redirect(w, r, op.AuthCallbackURL(provider)(ctx, id), http.StatusFound)
	})
	listening.Config.Handler = mux
	listening.Start()
	t.Cleanup(listening.Close)
	return s
}

// AllowRedirect registers uri for the confidential client.
func (s *Server) AllowRedirect(uri string) { s.storage.allowRedirect(s.ConfidentialID, uri) }

// ApproveDevice allows the device with userCode. It reports whether there is one.
func (s *Server) ApproveDevice(userCode string) bool { return s.storage.decideDevice(userCode, true) }

// DenyDevice denies the device with userCode. It reports whether there is one.
func (s *Server) DenyDevice(userCode string) bool { return s.storage.decideDevice(userCode, false) }

// Refreshes returns the number of refresh tokens that were spent.
func (s *Server) Refreshes() int {
	s.storage.mu.Lock()
	defer s.storage.mu.Unlock()
	return s.storage.refreshes
}

// ClientTokens returns how often a token of the client's own was requested.
func (s *Server) ClientTokens() int {
	s.storage.mu.Lock()
	defer s.storage.mu.Unlock()
	return s.storage.clientTokens
}

// Reuses returns how often a spent refresh token was presented.
func (s *Server) Reuses() int {
	s.storage.mu.Lock()
	defer s.storage.mu.Unlock()
	return s.storage.reuses
}
