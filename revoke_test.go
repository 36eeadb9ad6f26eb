package freshet_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// lookUp sets the endpoints of a server whose tokens do not name them, as a login does.
func (w *world) lookUp(t *testing.T) {
	t.Helper()
	c := w.connection(t)
	c.Endpoints.Revocation = w.server.URL() + "/revoke"
	c.Endpoints.Introspection = w.server.URL() + "/introspect"
	c.Endpoints.Userinfo = w.server.URL() + "/userinfo"
	w.store.Put(c)
}

func salesforceWorld(t *testing.T) *world {
	t.Helper()
	return newWorld(t, oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true})
}

func genericWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, oauthtest.Config{Rotate: true})
	w.lookUp(t)
	return w
}

func TestRevoke(t *testing.T) {
	for name, make := range map[string]func(*testing.T) *world{"Salesforce": salesforceWorld, "RFC 7009": genericWorld} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := make(t)
				known, err := w.Revoke(t.Context(), acme)
				if err != nil || !known {
					t.Fatalf("%v, %v", known, err)
				}
				if w.server.ValidRefresh(string(w.first.RefreshToken())) ||
					w.server.ValidAccess(w.first.AccessToken()) {
					t.Error("the grant has not ended")
				}
				c := w.connection(t)
				if c.Token.AccessToken() != w.first.AccessToken() || !c.Health.Revoked {
					t.Errorf("the token was changed, or is not marked: %+v", c.Health)
				}
				if h := c.History.Entries; len(h) != 1 || h[0].Code != freshet.CodeRevoked {
					t.Errorf("history %+v", h)
				}
			})
		})
	}
}

// The token of a revoked grant is not returned, although it looks fresh. Only Insist sends a
// refresh.
func TestRevokedTokenIsNotReturned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := salesforceWorld(t)
		if _, err := w.Revoke(t.Context(), acme); err != nil {
			t.Fatal(err)
		}
		for _, d := range []freshet.Options{{}, {MinTTL: time.Minute}, {Forced: true}, {Rejected: "another"}} {
			_, err := w.Token(t.Context(), acme, d)
			failed := refreshError(t, err)
			if failed.Code != freshet.CodeRevoked || !errors.Is(err, freshet.ErrLoginRequired) {
				t.Errorf("%+v: %+v", d, failed)
			}
		}
		w.wantRequests(t, 0)
		_, err := w.Token(t.Context(), acme, freshet.Options{Forced: true, Insist: true})
		if failed := refreshError(t, err); failed.Code != "invalid_grant" {
			t.Errorf("%+v", failed)
		}
		w.wantRequests(t, 1)
	})
}

// A new token is not marked as revoked, also if another program saves it.
func TestLoginAfterRevoke(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, Consent: oauthtest.Allow})
		w.lookUp(t)
		if _, err := w.Revoke(t.Context(), acme); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Login(t.Context(), acme, w.consented(t, nil)); err != nil {
			t.Fatal(err)
		}
		if result, err := w.Token(t.Context(), acme, freshet.Options{}); err != nil || result.Outcome != freshet.Cached {
			t.Errorf("%v, %v", result.Outcome, err)
		}
	})
}

// Salesforce refuses to revoke a grant that has ended already. That is not a failure.
func TestRevokeOfEndedGrant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := salesforceWorld(t)
		w.server.Revoke(string(w.first.RefreshToken()))
		known, err := w.Revoke(t.Context(), acme)
		if err != nil || known {
			t.Fatalf("%v, %v", known, err)
		}
		if c := w.connection(t); !c.Health.Revoked || !strings.Contains(c.Health.LastFailure.Cause, "no longer knew") {
			t.Errorf("%+v", c.Health)
		}
	})
}

func TestRevokeAccessToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := salesforceWorld(t)
		w.put(parse(t, `{"access_token": "`+w.first.AccessToken()+`", "id": "`+w.first.Member("id")+`"}`))
		if known, err := w.Revoke(t.Context(), acme); err != nil || !known {
			t.Fatalf("%v, %v", known, err)
		}
		if w.server.ValidAccess(w.first.AccessToken()) {
			t.Error("the access token is still valid")
		}
	})
}

// An interrupted refresh is finished first, since its reply has the current refresh token.
func TestRevokeFinishesInterruptedRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := salesforceWorld(t)
		interrupt(t, w)
		if known, err := w.Revoke(t.Context(), acme); err != nil || !known {
			t.Fatalf("%v, %v", known, err)
		}
		c := w.connection(t)
		if c.Token.RefreshToken() == w.first.RefreshToken() || !c.Health.Revoked || w.pending(t) != nil {
			t.Errorf("%+v, pending %v", c.Health, w.pending(t))
		}
		if s := w.server.Stats(); s.GrantsRevoked != 1 || s.Reuses != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// The token to revoke is in a reply that this process cannot read.
func TestRevokeWaitsForUnreadableReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := salesforceWorld(t)
		err := w.store.Update(t.Context(), acme, func(_ context.Context, c freshet.Connection, save freshet.Save) error {
			c.Pending = &freshet.Pending{
				Spent: c.Token.RefreshTokenHash(), Since: time.Now(), SpilledTo: "/run/user/1/freshet",
			}
			return save(c)
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.Revoke(t.Context(), acme)
		var unsaved *freshet.UnsavedError
		if !errors.As(err, &unsaved) || unsaved.Place != "/run/user/1/freshet" {
			t.Errorf("%v", err)
		}
		if s := w.server.Stats(); s.Revocations != 0 || w.pending(t) == nil {
			t.Errorf("%+v, pending %v", s, w.pending(t))
		}
	})
}

// A failed revocation changes nothing, and can be tried again.
func TestRevokeFails(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		body   string
		kind   oauth.Kind
		says   string
	}{
		{
			"unsupported", 400, `{"error":"unsupported_token_type"}`, oauth.Misconfigured,
			"the provider did not revoke the grant: Salesforce cannot revoke a token of this kind",
		},
		{"client", 401, `{"error":"invalid_client"}`, oauth.Misconfigured, "this app requires the consumer secret"},
		{
			"repeats the token", 400, `{"error":"invalid_request","error_description":"no TOKEN"}`, oauth.Misconfigured,
			"no [secret]",
		},
		{"not found", 404, "<html>", oauth.Misconfigured, "this is not the revocation endpoint"},
		{"an invalid_token of another kind", 401, `{"error":"invalid_token"}`, oauth.Misconfigured, "invalid_token"},
		{
			"unauthorized", 400, `{"error":"unauthorized_client"}`, oauth.Misconfigured,
			"this client may not use the revocation endpoint",
		},
		{"fails", 500, "<html>", oauth.Temporary, "the server failed"},
		{"too many", 429, "", oauth.Temporary, "rate limit was reached"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := salesforceWorld(t)
				body := strings.ReplaceAll(test.body, "TOKEN", string(w.first.RefreshToken()))
				w.HTTP = &http.Client{Transport: &answering{status: test.status, body: body}}
				known, err := w.Revoke(t.Context(), acme)
				failed := refreshError(t, err)
				if known || failed.Kind != test.kind || !strings.Contains(failed.Error(), test.says) {
					t.Errorf("%v, %s: %v", known, failed.Kind, failed)
				}
				if c := w.connection(t); c.Health.LastFailure != nil || len(c.History.Entries) != 0 {
					t.Errorf("%+v", c.Health)
				}
				if _, err := w.Token(t.Context(), acme, freshet.Options{}); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestRevokeWithoutNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := salesforceWorld(t)
		w.HTTP = &http.Client{Transport: dead{}}
		_, err := w.Revoke(t.Context(), acme)
		if failed := refreshError(t, err); failed.Kind != oauth.Temporary || w.connection(t).Health.Revoked {
			t.Errorf("%v", failed)
		}
	})
}

type dead struct{}

func (dead) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("no route to host")
}

// If something is missing, the error is returned before anything is sent.
func TestRevokeRequirements(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(*freshet.Connection)
		says  string
	}{
		"endpoint": {func(c *freshet.Connection) { c.Endpoints.Revocation = "" }, "no revocation endpoint is known"},
		"https": {
			func(c *freshet.Connection) { c.Endpoints.Revocation = "http://op.example/revoke" }, "is not https",
		},
		"client": {func(c *freshet.Connection) { c.Client.ID = "" }, "no client id is known"},
		"token":  {func(c *freshet.Connection) { c.Token = freshet.Token{} }, "there is no token to revoke"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := genericWorld(t)
				c := w.connection(t)
				test.spoil(&c)
				w.store.Put(c)
				_, err := w.Revoke(t.Context(), acme)
				var p *freshet.SetupError
				if !errors.As(err, &p) || !strings.Contains(p.What, test.says) || p.Remedy == "" || p.Name != acme {
					t.Errorf("%v", err)
				}
			})
		})
	}
}

// If the mark cannot be saved, the revoked access token would still be used: that is an error.
func TestRevokeThatCannotBeRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, err := range []error{nil, fs.ErrPermission} {
			w := salesforceWorld(t)
			w.Store = forgetful{w.store, err}
			known, err := w.Revoke(t.Context(), acme)
			var p *freshet.SetupError
			if !known || !errors.As(err, &p) ||
				!strings.Contains(p.What, "ended the grant, but that could not be recorded here") {
				t.Errorf("%v, %v", known, err)
			}
		}
	})
}

// forgetful is a store that saves nothing, with or without an error.
type forgetful struct {
	*freshet.MemoryStore
	err error
}

func (s forgetful) Update(ctx context.Context, name string, change freshet.Change) error {
	c, err := s.Get(ctx, name)
	if err != nil {
		return err
	}
	return change(ctx, c, func(freshet.Connection) error { return s.err })
}

// A client secret that was read from SecretFrom is not saved.
func TestRevokeSavesNoClientSecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := genericWorld(t)
		c := w.connection(t)
		c.SecretFrom = "env:X"
		w.store.Put(c)
		w.Secrets = func(context.Context, string) (oauth.Secret, error) { return oauth.Secret(w.server.ClientSecret()), nil }
		if _, err := w.Revoke(t.Context(), acme); err != nil {
			t.Fatal(err)
		}
		if c := w.connection(t); c.Client.Secret != "" || !c.Revoked() {
			t.Errorf("the secret is saved: %t; revoked: %t", c.Client.Secret != "", c.Revoked())
		}
	})
}
