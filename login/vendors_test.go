package login_test

import (
	"context"
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

// vendors is what becomes of a token at each vendor: whether a refresh brings another refresh token, how long the access token
// lives, and what is said when the grant is dead.
var vendors = map[string]struct {
	rotates  bool
	lifetime time.Duration
	dead     string // a part of the cause
}{
	"atlassian":      {rotates: true, lifetime: time.Hour, dead: "replaced more than ten minutes ago"},
	"auth0":          {lifetime: 24 * time.Hour, dead: "Auth0"},
	"box":            {rotates: true, lifetime: 69 * time.Minute, dead: "Box"},
	"dropbox":        {lifetime: 4 * time.Hour, dead: "the user disconnected the app"},
	"facebook":       {rotates: true, lifetime: 60 * 24 * time.Hour, dead: "expired before it was exchanged"},
	"github":         {rotates: true, lifetime: 8 * time.Hour, dead: "GitHub"},
	"google":         {lifetime: time.Hour, dead: "Google"},
	"hubspot":        {lifetime: 30 * time.Minute, dead: "the app was uninstalled from the account"},
	"linkedin":       {lifetime: 60 * 24 * time.Hour, dead: "LinkedIn"},
	"microsoft":      {rotates: true, lifetime: time.Hour, dead: "Microsoft cannot use this refresh token"},
	"okta":           {lifetime: time.Hour, dead: "Okta"},
	"quickbooks":     {lifetime: time.Hour, dead: "Intuit"},
	"salesforce":     {lifetime: time.Hour, dead: "Salesforce"},
	"shopify":        {rotates: true, lifetime: time.Hour, dead: "spent, older than 90 days"},
	"slack":          {rotates: true, lifetime: 12 * time.Hour, dead: "Slack no longer accepts"},
	"stripe":         {rotates: true, lifetime: time.Hour, dead: "used before, the account uninstalled the app"},
	"stripe-connect": {dead: "the account disconnected"}, // its access tokens do not expire
	"x":              {rotates: true, lifetime: 2 * time.Hour, dead: "the user disconnected the app"},
	"xero":           {rotates: true, lifetime: 30 * time.Minute, dead: "Xero"},
	"zoho":           {lifetime: time.Hour, dead: "Zoho"},
	"zoom":           {rotates: true, lifetime: time.Hour, dead: "used before, has expired or was revoked"},
}

// TestVendors logs in, refreshes twice and is refused at a server that speaks as each vendor does. Only the addresses are the
// test server's: all else comes from the vendor's file.
func TestVendors(t *testing.T) {
	for _, name := range provider.Names() {
		vendor, err := provider.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(oauthtest.Providers(), name) || vendor.IsGeneric() {
			continue
		}
		want, ok := vendors[name]
		if !ok {
			t.Errorf("%s: a vendor that the test server can imitate is missing here", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			server := newServer(t, oauthtest.Config{Provider: name, Consent: oauthtest.Allow})
			r := &freshet.Refresher{Store: new(freshet.MemoryStore)}
			reg := freshet.Registration{
				Provider: name, Client: oauth.Client{ID: server.ClientID(), Secret: oauth.Secret(server.ClientSecret())},
				Endpoints: oauth.Endpoints{Issuer: server.URL(), Authorization: server.AuthorizationEndpoint(), Token: server.TokenEndpoint()},
			}
			a := begin(t, reg, login.Options{})
			if _, err := login.Exchange(t.Context(), r, acme, reg, a, decide(t, a)); err != nil {
				t.Fatal(err)
			}
			token := saved(t, r).Token
			for range 2 {
				token = refreshes(t, r, reg.Client.Secret, server, token, want.rotates, want.lifetime)
			}
			server.Revoke(string(token.RefreshToken()))
			isDead(t, r, reg.Client.Secret, want.dead)
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

// refresh presents the secret as an application would that keeps it elsewhere.
func refresh(ctx context.Context, r *freshet.Refresher, secret oauth.Secret) (freshet.Answer, error) {
	if secret == "" {
		return r.Ask(ctx, acme, freshet.Demand{Forced: true})
	}
	err := r.Store.Update(ctx, acme, func(_ context.Context, c freshet.Connection, save freshet.Save) error {
		c.SecretFrom = "env:VENDOR"
		return save(c)
	})
	if err != nil {
		return freshet.Answer{}, err
	}
	r.Secrets = func(context.Context, string) (oauth.Secret, error) { return secret, nil }
	return r.Ask(ctx, acme, freshet.Demand{Forced: true})
}

func refreshes(
	t *testing.T, r *freshet.Refresher, secret oauth.Secret, server *oauthtest.Server, before freshet.Token, rotates bool, lifetime time.Duration,
) freshet.Token {
	t.Helper()
	answer, err := refresh(t.Context(), r, secret)
	if err != nil {
		t.Fatal(err)
	}
	c := saved(t, r)
	token := c.Token
	if answer.Rotated != rotates || (token.RefreshToken() != before.RefreshToken()) != rotates || token.RefreshToken() == "" {
		t.Errorf("rotated: %t (%t), want %t", answer.Rotated, token.RefreshToken() != before.RefreshToken(), rotates)
	}
	if token.AccessToken() == before.AccessToken() || !server.ValidAccess(token.AccessToken()) {
		t.Error("the access token is not the next one")
	}
	if e := c.Expiry(time.Now()); lifetime == 0 && !e.At.IsZero() || lifetime > 0 && e.At.Sub(e.Issued).Round(time.Minute) != lifetime {
		t.Errorf("the access token lives for %s (%s), want %s", e.At.Sub(e.Issued), e.From, lifetime)
	}
	return token
}

func isDead(t *testing.T, r *freshet.Refresher, secret oauth.Secret, cause string) {
	t.Helper()
	_, err := refresh(t.Context(), r, secret)
	failed, ok := errors.AsType[*freshet.RefreshError](err)
	if !ok || !errors.Is(err, freshet.ErrLoginRequired) {
		t.Fatalf("%v, want a login to be required", err)
	}
	if !strings.Contains(failed.Cause, cause) || !strings.Contains(failed.Remedy, "log in") {
		t.Errorf("%s; %s", failed.Cause, failed.Remedy)
	}
}
