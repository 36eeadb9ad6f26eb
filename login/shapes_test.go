package login_test

import (
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/login"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// TestReplyShapes logs in and refreshes twice at servers whose replies have the shapes that are about.
func TestReplyShapes(t *testing.T) {
	for name, test := range map[string]struct {
		config   oauthtest.Config
		json     bool          // requests are JSON
		from     string        // the member that says when the access token expires
		refresh  string        // and the one that says when the refresh token does
		lifetime time.Duration // of the access token
	}{
		"a form in place of JSON": {
			config: oauthtest.Config{Rotate: true, Faults: []oauthtest.Fault{fault(t, "form:3")}}, from: "expires_at", lifetime: time.Hour,
		},
		"expires_on in seconds":  {config: oauthtest.Config{Rotate: true, ExpiryMember: "expires_on"}, from: "expires_on", lifetime: time.Hour},
		"expires_at, a date":     {config: oauthtest.Config{ExpiryMember: "expires_at", ExpiryLayout: time.RFC3339}, from: "expires_at", lifetime: time.Hour},
		"a date without a zone":  {config: oauthtest.Config{ExpiryMember: "expiry", ExpiryLayout: "2006-01-02T15:04:05"}, from: "expiry", lifetime: time.Hour},
		"JSON requests alone":    {config: oauthtest.Config{Rotate: true, JSONOnly: true}, json: true, from: "expires_at", lifetime: time.Hour},
		"a refresh token's life": {config: oauthtest.Config{RefreshTTL: 30 * 24 * time.Hour}, from: "expires_at", refresh: "refresh_token_expires_in", lifetime: time.Hour},
		"Slack's token of a user": {
			config: oauthtest.Config{Provider: "slack", UserToken: true}, from: "expires_at", lifetime: 12 * time.Hour,
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
				if !server.ValidAccess(c.Token.AccessToken()) || !server.ValidRefresh(string(c.Token.RefreshToken())) || c.Token.AccessToken() == before.AccessToken() {
					t.Errorf("%s", c.Token.Names())
				}
				if e := c.Expiry(time.Now()); e.From != test.from || time.Until(e.At).Round(time.Minute) != test.lifetime {
					t.Errorf("%+v, want it from %s", e, test.from)
				}
				if _, from := c.RefreshExpiry(time.Now()); from != test.refresh && test.refresh != "" {
					t.Errorf("the refresh token's end is told from %q", from)
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
