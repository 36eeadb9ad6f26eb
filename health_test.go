package freshet_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// A failure applies only to requests with the same client, secret, authentication style, endpoint
// and parameters.
func TestFailureAppliesOnlyToSameRequest(t *testing.T) {
	const endpoint = "https://one.example.com/token"
	refused := freshet.Registration{
		Provider: "generic", Client: oauth.Client{
			ID: "one", Secret: "secret one", Auth: oauth.AuthBody,
		}, Endpoints: oauth.Endpoints{Token: endpoint},
	}
	for _, test := range []struct {
		name    string
		change  func(*freshet.Connection)
		applies bool
	}{
		{name: "nothing", change: func(*freshet.Connection) {}, applies: true},
		{name: "settings that are not in the request", change: func(c *freshet.Connection) {
			c.Proxy, c.Scopes, c.Endpoints.Revocation = "http://127.0.0.1:1", []string{"a"}, "https://one.example.com/revoke"
		}, applies: true},
		{name: "the client", change: func(c *freshet.Connection) { c.Client.ID = "two" }},
		{name: "the client secret", change: func(c *freshet.Connection) { c.Client.Secret = "secret two" }},
		{name: "the source of the client secret", change: func(c *freshet.Connection) { c.SecretFrom = "env:TWO" }},
		{name: "the style", change: func(c *freshet.Connection) { c.Client.Auth = oauth.AuthBasic }},
		{
			name:   "the endpoint",
			change: func(c *freshet.Connection) { c.Endpoints.Token = "https://two.example.com/token" },
		},
		{
			name:   "a parameter",
			change: func(c *freshet.Connection) { c.Requests.Refresh.Params = map[string]string{"audience": "x"} },
		},
		{
			name:   "a header",
			change: func(c *freshet.Connection) { c.Requests.Refresh.Headers = map[string]string{"X-Tenant": "x"} },
		},
		{name: "the form", change: func(c *freshet.Connection) { c.Requests.Refresh.JSON = true }},
		{name: "the failed request is unknown", change: func(c *freshet.Connection) {
			c.Health.RequestHash, c.Health.ClientID, c.Client.ID = "", "", "two"
		}, applies: true},
		{name: "the grant was revoked", change: func(c *freshet.Connection) {
			c.Health.Revoked, c.Client.ID = true, "two"
		}, applies: true},
		{
			name: "the client of the next request is unknown", change: func(c *freshet.Connection) { c.Client.ID = "" },
			applies: true,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &answering{status: 400, body: `{"error":"invalid_grant"}`}
				w := newWorld(t, oauthtest.Config{})
				w.HTTP.Transport = server
				w.Secrets = func(context.Context, string) (oauth.Secret, error) { return "secret two", nil }
				w.store.Put(freshet.Connection{Name: acme, Token: w.first, Saved: time.Now(), Registration: refused})
				_, err := w.Token(t.Context(), acme, freshet.Options{Forced: true})
				if !errors.Is(err, freshet.ErrLoginRequired) {
					t.Fatal(err)
				}
				c := w.connection(t)
				test.change(&c)
				w.store.Put(c)

				health := c.CurrentHealth()
				if health.LoginRequired != test.applies || (health.LastFailure != nil) != test.applies {
					t.Errorf("login required: %v, last failure %v", health.LoginRequired, health.LastFailure)
				}
				if _, err := w.Token(t.Context(), acme, freshet.Options{Forced: true}); err == nil {
					t.Error("no error")
				}
				if sent := server.requests == 2; sent == test.applies {
					t.Errorf("sent again: %v", sent)
				}
				if failures := w.connection(t).Health.Failures; server.requests == 2 && failures != 1 {
					t.Errorf("%d failures in a row, want 1: the one before was another request's", failures)
				}
			})
		})
	}
}

// A client secret is read from its source only before a request. If it was corrected there, a
// forced refresh is sent. With the same secret, nothing is sent again.
func TestFailureAppliesOnlyToSameSecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &answering{status: 400, body: `{"error":"invalid_grant"}`}
		w := newWorld(t, oauthtest.Config{})
		w.HTTP.Transport = server
		secret := oauth.Secret("wrong")
		reads := 0
		w.Secrets = func(context.Context, string) (oauth.Secret, error) {
			reads++
			return secret, nil
		}
		c := w.connection(t)
		c.SecretFrom = "env:ACME"
		w.store.Put(c)
		ask := func(o freshet.Options, requests int) {
			t.Helper()
			if _, err := w.Token(t.Context(), acme, o); !errors.Is(err, freshet.ErrLoginRequired) {
				t.Errorf("got %v", err)
			}
			if server.requests != requests {
				t.Errorf("%d requests, want %d", server.requests, requests)
			}
		}
		ask(freshet.Options{Forced: true}, 1)
		ask(freshet.Options{Forced: true}, 1) // the same secret
		secret = "right"
		before := reads
		time.Sleep(3 * time.Hour) // the access token has expired
		ask(freshet.Options{}, 1)
		if reads != before {
			t.Error("the secret was read, which may prompt a user, although no refresh was possible")
		}
		ask(freshet.Options{Forced: true}, 2)
		ask(freshet.Options{Forced: true}, 2)
	})
}

func TestRunRefreshesAfterClientIsCorrected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{TTL: time.Hour})
		right := w.connection(t)
		wrong := right
		wrong.Client.ID = "another"
		w.store.Put(wrong)
		refusing := &answering{status: 400, body: `{"error":"invalid_grant"}`}
		transport := w.HTTP.Transport
		w.HTTP.Transport = refusing
		if _, err := w.Token(t.Context(), acme, freshet.Options{Forced: true}); !errors.Is(err, freshet.ErrLoginRequired) {
			t.Fatal(err)
		}
		w.HTTP = &http.Client{Transport: transport}
		keeper := freshet.NewKeeper(w.config())
		ctx, cancel := context.WithCancel(t.Context())
		ran := make(chan error)
		go func() { ran <- keeper.Run(ctx) }()
		time.Sleep(50 * time.Minute)
		w.wantRequests(t, 0)
		if err := keeper.Configure(t.Context(), acme, right.Registration); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Minute)
		w.wantRequests(t, 1)
		cancel()
		if err := <-ran; err != nil {
			t.Error(err)
		}
		if err := keeper.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// Status and doctor do not know the flags with which a token file is refreshed.
func TestAssumeSameRequest(t *testing.T) {
	failed := freshet.Health{
		LoginRequired: true, LastFailure: &freshet.Failure{Kind: oauth.LoginRequired}, RequestHash: "of another",
		ClientID: "one",
	}
	for _, test := range []struct {
		name, document, id string
		health             freshet.Health
		applies            bool
	}{
		{name: "the client is unknown", health: failed, applies: true},
		{name: "the same client", id: "one", health: failed, applies: true},
		{name: "the document's client", document: `"client_id":"one"`, health: failed, applies: true},
		{name: "another client", id: "two", health: failed},
		{name: "the document names another client", document: `"client_id":"two"`, health: failed},
		{
			name: "the client that failed is unknown", id: "two", health: freshet.Health{LoginRequired: true},
			applies: true,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			document := `{"access_token":"a","refresh_token":"r"`
			if test.document != "" {
				document += "," + test.document
			}
			c := freshet.Connection{Token: parse(t, document+"}"), Health: test.health}
			c.Client.ID, c.Endpoints.Token = test.id, "https://one.example.com/token"
			same := c.AssumeSameRequest()
			if got := same.CurrentHealth().LoginRequired; got != test.applies {
				t.Errorf("login required: %v", got)
			}
		})
	}
}
