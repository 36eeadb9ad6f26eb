package login_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/login"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
	"github.com/freshet-dev/freshet/provider"
)

// providers is what to expect of each provider: whether refresh tokens rotate, the lifetime of
// access tokens, and the cause of the error after a revocation.
var providers = map[string]struct {
	rotates  bool
	lifetime time.Duration
	revoked  string // part of the cause of the error
}{
	"atlassian":      {rotates: true, lifetime: time.Hour, revoked: "replaced more than ten minutes ago"},
	"auth0":          {lifetime: 24 * time.Hour, revoked: "Auth0"},
	"box":            {rotates: true, lifetime: 69 * time.Minute, revoked: "Box"},
	"dropbox":        {lifetime: 4 * time.Hour, revoked: "the user disconnected the app"},
	"facebook":       {rotates: true, lifetime: 60 * 24 * time.Hour, revoked: "expired before it was exchanged"},
	"github":         {rotates: true, lifetime: 8 * time.Hour, revoked: "GitHub"},
	"google":         {lifetime: time.Hour, revoked: "Google"},
	"hubspot":        {lifetime: 30 * time.Minute, revoked: "the app was uninstalled from the account"},
	"linkedin":       {lifetime: 60 * 24 * time.Hour, revoked: "LinkedIn"},
	"microsoft":      {rotates: true, lifetime: time.Hour, revoked: "Microsoft cannot use this refresh token"},
	"okta":           {lifetime: time.Hour, revoked: "Okta"},
	"quickbooks":     {lifetime: time.Hour, revoked: "Intuit"},
	"salesforce":     {lifetime: time.Hour, revoked: "Salesforce"},
	"shopify":        {rotates: true, lifetime: time.Hour, revoked: "spent, older than 90 days"},
	"slack":          {rotates: true, lifetime: 12 * time.Hour, revoked: "Slack no longer accepts"},
	"stripe":         {rotates: true, lifetime: time.Hour, revoked: "used before, the account uninstalled the app"},
	"stripe-connect": {revoked: "the account disconnected"}, // without expiry
	"x":              {rotates: true, lifetime: 2 * time.Hour, revoked: "the user disconnected the app"},
	"xero":           {rotates: true, lifetime: 30 * time.Minute, revoked: "Xero"},
	"zoho":           {lifetime: time.Hour, revoked: "Zoho"},
	"zoom":           {rotates: true, lifetime: time.Hour, revoked: "used before, has expired or was revoked"},
}

// TestProviders logs in, refreshes twice and is refused, at a server that imitates each provider.
// Only the addresses are the test server's; all else is from the provider's file.
func TestProviders(t *testing.T) {
	for _, name := range provider.Names() {
		p, err := provider.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(oauthtest.Providers(), name) || p.IsGeneric() {
			continue
		}
		want, ok := providers[name]
		if !ok {
			t.Errorf("providers has no %s, which the test server can imitate", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			server := newServer(t, oauthtest.Config{Provider: name, Consent: oauthtest.Allow})
			r := &freshet.Refresher{Store: new(freshet.MemoryStore)}
			reg := freshet.Registration{
				Provider: name,
				Client:   oauth.Client{ID: server.ClientID(), Secret: oauth.Secret(server.ClientSecret())},
				Endpoints: oauth.Endpoints{
					Issuer: server.URL(), Authorization: server.AuthorizationEndpoint(),
					Token: server.TokenEndpoint(),
				},
			}
			a := begin(t, reg, login.Options{})
			if _, err := login.Exchange(t.Context(), r, acme, reg, a, decide(t, a)); err != nil {
				t.Fatal(err)
			}
			token := saved(t, r).Token
			for range 2 {
				token = checkRefresh(t, r, reg.Client.Secret, server, token, want.rotates, want.lifetime)
			}
			server.Revoke(string(token.RefreshToken()))
			forgetAccessToken(t, r)
			checkRevoked(t, r, reg.Client.Secret, want.revoked)
		})
	}
}

func saved(t *testing.T, r *freshet.Refresher) freshet.Connection {
	t.Helper()
	c, err := r.Store.Get(t.Context(), acme)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// forgetAccessToken leaves the connection without an access token, as if it had expired: until then, a
// refusal with another code than invalid_grant is not final.
func forgetAccessToken(t *testing.T, r *freshet.Refresher) {
	t.Helper()
	c := saved(t, r)
	var document map[string]any
	if err := json.Unmarshal(c.Token.Bytes(), &document); err != nil {
		t.Fatal(err)
	}
	if document["refresh_token"] == nil { // Facebook's token is both
		document["refresh_token"] = document["access_token"]
	}
	delete(document, "access_token")
	data, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	if c.Token, err = freshet.ParseToken(data); err != nil {
		t.Fatal(err)
	}
	r.Store.(*freshet.MemoryStore).Put(c)
}

// refresh provides the secret as an application that keeps it elsewhere.
func refresh(ctx context.Context, r *freshet.Refresher, secret oauth.Secret) (freshet.Result, error) {
	if secret == "" {
		return r.Token(ctx, acme, freshet.Options{Forced: true})
	}
	err := r.Store.Update(ctx, acme, func(_ context.Context, c freshet.Connection, save freshet.Save) error {
		c.SecretFrom = "env:ACME_SECRET"
		return save(c)
	})
	if err != nil {
		return freshet.Result{}, err
	}
	r.Secrets = func(context.Context, string) (oauth.Secret, error) { return secret, nil }
	return r.Token(ctx, acme, freshet.Options{Forced: true})
}

func checkRefresh(
	t *testing.T, r *freshet.Refresher, secret oauth.Secret, server *oauthtest.Server, before freshet.Token,
	rotates bool, lifetime time.Duration,
) freshet.Token {
	t.Helper()
	result, err := refresh(t.Context(), r, secret)
	if err != nil {
		t.Fatal(err)
	}
	c := saved(t, r)
	token := c.Token
	if result.Rotated != rotates || (token.RefreshToken() != before.RefreshToken()) != rotates ||
		token.RefreshToken() == "" {
		t.Errorf("rotated: %t (%t), want %t", result.Rotated, token.RefreshToken() != before.RefreshToken(), rotates)
	}
	if token.AccessToken() == before.AccessToken() || !server.ValidAccess(token.AccessToken()) {
		t.Error("the access token is not a new valid one")
	}
	if e := c.Expiry(time.Now()); lifetime == 0 && !e.At.IsZero() || lifetime > 0 &&
		e.At.Sub(e.Issued).Round(time.Minute) != lifetime {
		t.Errorf("the access token's lifetime is %s (%s), want %s", e.At.Sub(e.Issued), e.From, lifetime)
	}
	return token
}

func checkRevoked(t *testing.T, r *freshet.Refresher, secret oauth.Secret, cause string) {
	t.Helper()
	_, err := refresh(t.Context(), r, secret)
	failed, ok := errors.AsType[*freshet.RefreshError](err)
	if !ok || !errors.Is(err, freshet.ErrLoginRequired) {
		t.Fatalf("%v, want a login to be required", err)
	}
	if !strings.Contains(failed.Cause, cause) || !strings.Contains(failed.Remedy.String(), "log in") {
		t.Errorf("%s; %s", failed.Cause, failed.Remedy)
	}
}

// TestReplyShapes logs in and refreshes twice at servers whose replies differ from RFC 6749.
func TestReplyShapes(t *testing.T) {
	for name, test := range map[string]struct {
		config   oauthtest.Config
		json     bool                 // requests are JSON
		from     freshet.ExpirySource // the member that says when the access token expires
		refresh  freshet.ExpirySource // and the one that says when the refresh token does
		lifetime time.Duration        // of the access token
	}{
		"form replies": {
			config: oauthtest.Config{Rotate: true, Faults: []oauthtest.Fault{fault(t, "form:3")}},
			from:   "expires_in", lifetime: time.Hour,
		},
		"expires_on in seconds": {
			config: oauthtest.Config{Rotate: true, ExpiryMember: "expires_on"}, from: "expires_on",
			lifetime: time.Hour,
		},
		"expires_at, a date": {
			config: oauthtest.Config{ExpiryMember: "expires_at", ExpiryLayout: time.RFC3339}, from: "expires_at",
			lifetime: time.Hour,
		},
		"a date without a zone": {
			config: oauthtest.Config{ExpiryMember: "expiry", ExpiryLayout: "2006-01-02T15:04:05"}, from: "expiry",
			lifetime: time.Hour,
		},
		"JSON requests": {
			config: oauthtest.Config{Rotate: true, JSONOnly: true}, json: true, from: "expires_in",
			lifetime: time.Hour,
		},
		"a refresh token's lifetime": {
			config: oauthtest.Config{RefreshTTL: 30 * 24 * time.Hour}, from: "expires_in",
			refresh: "refresh_token_expires_in", lifetime: time.Hour,
		},
		"Slack's token of a user": {
			config: oauthtest.Config{Provider: "slack", UserToken: true}, from: "expires_in", lifetime: 12 * time.Hour,
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.config.Consent = oauthtest.Allow
			server := newServer(t, test.config)
			reg := registered(server)
			if test.config.Provider != "" {
				reg.Provider, reg.Client.Secret = test.config.Provider, oauth.Secret(server.ClientSecret())
			}
			reg.Requests.Code.JSON, reg.Requests.Refresh.JSON = test.json, test.json
			r := &freshet.Refresher{Store: new(freshet.MemoryStore)}
			a := begin(t, reg, login.Options{})
			if _, err := login.Exchange(t.Context(), r, acme, reg, a, decide(t, a)); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				before := saved(t, r).Token
				if _, err := refresh(t.Context(), r, reg.Client.Secret); err != nil {
					t.Fatal(err)
				}
				c := saved(t, r)
				if !server.ValidAccess(c.Token.AccessToken()) ||
					!server.ValidRefresh(string(c.Token.RefreshToken())) ||
					c.Token.AccessToken() == before.AccessToken() {
					t.Errorf("%s", c.Token.Names())
				}
				if e := c.Expiry(time.Now()); e.From != test.from ||
					time.Until(e.At).Round(time.Minute) != test.lifetime {
					t.Errorf("%+v, want it from %s", e, test.from)
				}
				if _, from := c.RefreshExpiry(time.Now()); from != test.refresh && test.refresh != "" {
					t.Errorf("the refresh token's expiry is from %q", from)
				}
			}
		})
	}
}

func fault(t *testing.T, text string) oauthtest.Fault {
	t.Helper()
	f, err := oauthtest.ParseFault(text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
