package xoauth2_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
	"github.com/freshet-dev/freshet/xoauth2"
)

const acme = "acme"

// configOf returns the configuration of a program that used x/oauth2 alone.
func configOf(server *oauthtest.Server) *oauth2.Config {
	return &oauth2.Config{ClientID: server.ClientID(), Endpoint: oauth2.Endpoint{TokenURL: server.TokenEndpoint()}}
}

// savedToken returns the token that the program had saved.
func savedToken(t *testing.T, server *oauthtest.Server) *oauth2.Token {
	t.Helper()
	token := new(oauth2.Token)
	if err := json.Unmarshal(server.Document(), token); err != nil {
		t.Fatal(err)
	}
	return token
}

func newKeeper(t *testing.T, server *oauthtest.Server, store freshet.Store, configs ...*oauth2.Config) *freshet.Keeper {
	t.Helper()
	keeper := freshet.NewKeeper(freshet.Config{
		Store: store, HTTP: &http.Client{Transport: server.Transport()}, Secrets: xoauth2.Secrets(configs...),
	})
	t.Cleanup(func() {
		if err := keeper.Close(t.Context()); err != nil && !errors.Is(err, t.Context().Err()) {
			t.Error(err)
		}
	})
	return keeper
}

func adopt(t *testing.T, keeper *freshet.Keeper, config *oauth2.Config, token *oauth2.Token) oauth2.TokenSource {
	t.Helper()
	source, err := xoauth2.Adopt(t.Context(), keeper, acme, config, token)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func tokenOf(t *testing.T, source oauth2.TokenSource) *oauth2.Token {
	t.Helper()
	token, err := source.Token()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestAdoptAtEveryStart(t *testing.T) {
	server := oauthtest.NewHandler(oauthtest.Config{Rotate: true}, "http://127.0.0.1:1")
	store, config, saved := new(freshet.MemoryStore), configOf(server), savedToken(t, server)
	used := saved.AccessToken
	for range 3 { // each is a start of the program, which still loads its old token
		keeper := newKeeper(t, server, store)
		source := adopt(t, keeper, config, saved)
		if got := tokenOf(t, source).AccessToken; got != used {
			t.Error("the saved token replaced the one in the store")
		}
		next, err := keeper.Refresh(t.Context(), acme, "")
		if err != nil {
			t.Fatal(err)
		}
		used = next.AccessToken()
	}
	if got, want := server.Stats(), (oauthtest.Stats{Requests: 3, Refreshes: 3}); got != want {
		t.Errorf("the server counted %+v, want %+v", got, want)
	}
}

func TestAdoptSavesConfiguration(t *testing.T) {
	config := &oauth2.Config{
		ClientID: "id", ClientSecret: "not saved", Scopes: []string{"read", "write"},
		Endpoint: oauth2.Endpoint{
			AuthURL: "https://op.example/a", TokenURL: "https://op.example/t", DeviceAuthURL: "https://op.example/d",
		},
	}
	expiry := time.Now().Add(time.Hour)
	saved := (&oauth2.Token{AccessToken: "at", RefreshToken: "rt", Expiry: expiry, ExpiresIn: 7200}).
		WithExtra(map[string]any{"instance_url": "https://acme.example", "unknown": "to freshet"})
	store := new(freshet.MemoryStore)
	keeper := freshet.NewKeeper(freshet.Config{Store: store})
	adopt(t, keeper, config, saved)

	c, err := store.Get(t.Context(), acme)
	if err != nil {
		t.Fatal(err)
	}
	if c.Client != (oauth.Client{ID: "id", Auth: oauth.AuthBody}) || c.SecretFrom == "" {
		t.Errorf("client %+v, secret from %q", c.Client, c.SecretFrom)
	}
	if got := strings.Join(c.Scopes, " "); got != "read write" {
		t.Errorf("scopes %q", got)
	}
	want := oauth.Endpoints{
		Authorization: "https://op.example/a", Token: "https://op.example/t", Device: "https://op.example/d",
	}
	if c.Endpoints != want {
		t.Errorf("endpoints %+v", c.Endpoints)
	}
	if e := c.Expiry(time.Now()); !e.At.Equal(expiry) {
		t.Errorf("expires at %v, want %v", e.At, expiry)
	}
	if c.Token.RefreshToken() != "rt" || c.Token.Member("instance_url") != "https://acme.example" {
		t.Errorf("members %q", c.Token.Names())
	}
}

// The server accepts one way to authenticate, and the store does not save the secret.
func TestAdoptedClientAuthenticates(t *testing.T) {
	for name, style := range map[string]oauth2.AuthStyle{
		"body": oauth2.AuthStyleInParams, "basic": oauth2.AuthStyleInHeader, "default": oauth2.AuthStyleAutoDetect,
	} {
		t.Run(name, func(t *testing.T) {
			server := oauthtest.NewHandler(oauthtest.Config{Rotate: true, RequireSecret: true}, "http://127.0.0.1:1")
			config := configOf(server)
			config.ClientSecret, config.Endpoint.AuthStyle = server.ClientSecret(), style
			keeper := newKeeper(t, server, &filestore.Store{StateDir: t.TempDir()}, config)
			adopt(t, keeper, config, savedToken(t, server))
			if _, err := keeper.Refresh(t.Context(), acme, ""); err != nil {
				t.Error(err)
			}
			if got, want := server.Stats(), (oauthtest.Stats{Requests: 1, Refreshes: 1}); got != want {
				t.Errorf("the server counted %+v, want %+v", got, want)
			}
		})
	}
}

// A corrected configuration replaces a wrong one, even though the connection exists.
func TestAdoptUpdatesConfiguration(t *testing.T) {
	server := oauthtest.NewHandler(oauthtest.Config{Rotate: true, RequireSecret: true}, "http://127.0.0.1:1")
	store, saved := new(freshet.MemoryStore), savedToken(t, server)
	wrong := configOf(server)
	wrong.Endpoint.TokenURL = server.URL() + "/elsewhere"
	first := newKeeper(t, server, store, wrong)
	adopt(t, first, wrong, saved)
	if _, err := first.Refresh(t.Context(), acme, ""); err == nil {
		t.Fatal("the refresh succeeded at a wrong endpoint")
	}
	right := configOf(server)
	right.ClientSecret, right.Endpoint.AuthStyle = server.ClientSecret(), oauth2.AuthStyleInHeader
	keeper := newKeeper(t, server, store, right)
	adopt(t, keeper, right, saved)
	if _, err := keeper.Refresh(t.Context(), acme, ""); err != nil {
		t.Error(err)
	}
}

func TestSecretOfUnknownConfiguration(t *testing.T) {
	server := oauthtest.NewHandler(oauthtest.Config{RequireSecret: true}, "http://127.0.0.1:1")
	config := configOf(server)
	config.ClientSecret = server.ClientSecret()
	keeper := newKeeper(t, server, new(freshet.MemoryStore)) // without xoauth2.Secrets(config)
	adopt(t, keeper, config, savedToken(t, server))
	_, err := keeper.Refresh(t.Context(), acme, "")
	var problem *freshet.SetupError
	if !errors.As(err, &problem) || problem.Kind != oauth.Misconfigured {
		t.Errorf("got %v, want a Misconfigured problem", err)
	}
	if err != nil && strings.Contains(err.Error(), config.ClientSecret) {
		t.Errorf("the error quotes the secret: %v", err)
	}
	if n := server.Stats().Requests; n != 0 {
		t.Errorf("%d requests without the secret", n)
	}
}

// A customer whose grant was revoked logs in again at the application's own callback, which gets an
// oauth2.Token from Config.Exchange.
func TestAddAfterNewLogin(t *testing.T) {
	server := oauthtest.NewHandler(oauthtest.Config{Rotate: true}, "http://127.0.0.1:1")
	keeper, config, first := newKeeper(t, server, new(freshet.MemoryStore)), configOf(server), savedToken(t, server)
	adopt(t, keeper, config, first)
	server.Revoke(first.RefreshToken)
	if _, err := keeper.Refresh(t.Context(), acme, ""); !errors.Is(err, freshet.ErrLoginRequired) {
		t.Fatalf("got %v", err)
	}

	login := savedToken(t, server)
	source := adopt(t, keeper, config, login)
	if token := tokenOf(t, source); token.AccessToken == login.AccessToken {
		t.Error("the saved token replaced a newer one")
	}
	if err := xoauth2.Add(t.Context(), keeper, acme, config, login); err != nil {
		t.Fatal(err)
	}
	if !server.ValidAccess(tokenOf(t, source).AccessToken) {
		t.Error("the token is not that of the login")
	}
	if _, err := keeper.Refresh(t.Context(), acme, ""); err != nil {
		t.Error(err)
	}
}

// A keeper without Secrets returns the adopted token until it expires. The error must then name the
// missing setting.
func TestRemedyNamesMissingSecrets(t *testing.T) {
	server := oauthtest.NewHandler(oauthtest.Config{RequireSecret: true}, "http://127.0.0.1:1")
	config := configOf(server)
	config.ClientSecret = server.ClientSecret()
	keeper := freshet.NewKeeper(freshet.Config{Store: new(freshet.MemoryStore)})
	adopt(t, keeper, config, savedToken(t, server))
	_, err := keeper.Refresh(t.Context(), acme, "")
	var problem *freshet.SetupError
	if !errors.As(err, &problem) || !strings.Contains(problem.Remedy.String(), "xoauth2.Secrets") {
		t.Errorf("%+v does not name xoauth2.Secrets", problem)
	}
}

func TestAdoptWithoutToken(t *testing.T) {
	server := oauthtest.NewHandler(oauthtest.Config{}, "http://127.0.0.1:1")
	keeper := newKeeper(t, server, new(freshet.MemoryStore))
	if _, err := adopt(t, keeper, configOf(server), nil).Token(); !errors.Is(err, freshet.ErrNotFound) {
		t.Errorf("without a saved token and a connection: %v", err)
	}
	if _, err := xoauth2.Adopt(t.Context(), keeper, acme, configOf(server), new(oauth2.Token)); err == nil {
		t.Error("an empty token was adopted")
	}
}

// The context given to Adopt bounds Adopt alone.
func TestAdoptedSourceOutlivesContext(t *testing.T) {
	server := oauthtest.NewHandler(oauthtest.Config{Rotate: true}, "http://127.0.0.1:1")
	keeper := newKeeper(t, server, new(freshet.MemoryStore))
	ctx, cancel := context.WithCancel(t.Context())
	source, err := xoauth2.Adopt(ctx, keeper, acme, configOf(server), savedToken(t, server))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if token, err := source.Token(); err != nil || !server.ValidAccess(token.AccessToken) {
		t.Errorf("after the context ended: %v", err)
	}
}

// In JSON the bytes would become U+FFFD, which makes it another token.
func TestAdoptRefusesTokenThatIsNotUTF8(t *testing.T) {
	server := oauthtest.NewHandler(oauthtest.Config{}, "http://127.0.0.1:1")
	keeper := newKeeper(t, server, new(freshet.MemoryStore))
	for _, token := range []*oauth2.Token{{AccessToken: "a\xff"}, {AccessToken: "a", RefreshToken: "\xffr"}} {
		if _, err := xoauth2.Adopt(t.Context(), keeper, acme, configOf(server), token); err == nil {
			t.Errorf("%q, %q was adopted", token.AccessToken, token.RefreshToken)
		}
	}
}
