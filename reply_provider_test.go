package freshet_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// nested is a reply of Slack for a user, saved verbatim by another program.
func nested(access, refresh string) string {
	return `{"ok":true,"authed_user":{"id":"U1","access_token":"` + access + `",` +
		`"refresh_token":"` + refresh + `","expires_in":43200}}`
}

func nestedConnection(t *testing.T, document string) freshet.Connection {
	t.Helper()
	return freshet.Connection{
		Name:      acme,
		TokenFile: "slack.json",
		Token:     parse(t, document),
		Saved:     time.Now(),
		Registration: freshet.Registration{
			Provider: "slack", Client: oauth.Client{ID: "c"},
			Endpoints: oauth.Endpoints{Token: "http://127.0.0.1:1/token"},
		},
	}
}

// Promise 7 holds wherever in the document the refresh token is.
func TestNestedTokenSavedByAnotherProgramIsKept(t *testing.T) {
	store := new(freshet.MemoryStore)
	store.Put(nestedConnection(t, nested("a-1", "r-1-long-enough")))
	server := &answering{status: 200, body: `{"ok":true,"access_token":"a-2","refresh_token":"r-2","expires_in":43200}`}
	refresher := &freshet.Refresher{
		Store: store,
		HTTP: &http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
			if server.requests == 0 {
				// A login by a program that takes no lock.
				store.Put(nestedConnection(t, nested("a-other", "r-other-long-enough")))
			}
			return server.RoundTrip(req)
		})},
	}
	_, _ = refresher.Refresh(t.Context(), acme, freshet.Options{Forced: true})
	c, err := store.Get(t.Context(), acme)
	if err != nil {
		t.Fatal(err)
	}
	if request, err := c.Request(); server.requests != 1 || err != nil ||
		request.Form.Get("refresh_token") != "r-other-long-enough" {
		t.Errorf("the other program's grant is no longer the one that is refreshed: %v, %s", err, c.Token.Names())
	}
}

func TestNestedSecretInARefusalIsRedacted(t *testing.T) {
	store := new(freshet.MemoryStore)
	store.Put(nestedConnection(t, nested("a-1-long-enough", "r-1-long-enough")))
	server := &answering{
		status: 400,
		body:   `{"error":"invalid_grant","error_description":"no such token: r-1-long-enough"}`,
	}
	refresher := &freshet.Refresher{Store: store, HTTP: &http.Client{Transport: server}}
	_, err := refresher.Token(t.Context(), acme, freshet.Options{Forced: true})
	if err == nil || strings.Contains(err.Error(), "r-1-long-enough") {
		t.Errorf("%v", err)
	}
}

func TestNestedTokenHasARefreshExpiry(t *testing.T) {
	c := freshet.Connection{
		Token: parse(t, `{"access_token":"a-1","expires_in":5184000}`), Saved: time.Now(),
		Registration: freshet.Registration{Provider: "facebook"},
	}
	if at, _ := c.RefreshExpiry(time.Now()); at.IsZero() {
		t.Error("it has no refresh expiry")
	}
}

// A reply in form encoding may have its members under other names, too.
func TestFormReplyIsStandardized(t *testing.T) {
	store := new(freshet.MemoryStore)
	store.Put(freshet.Connection{
		Name: acme, Token: parse(t, `{"access_token":"a-1","refresh_token":"a-1"}`), Saved: time.Now(),
		Registration: freshet.Registration{
			Provider: "facebook", Client: oauth.Client{ID: "1"},
			Endpoints: oauth.Endpoints{Token: "http://127.0.0.1:1/token"},
		},
	})
	server := &answering{status: 200, body: "access_token=a-2&expires=3600"}
	refresher := &freshet.Refresher{Store: store, HTTP: &http.Client{Transport: server}}
	result, err := refresher.Token(t.Context(), acme, freshet.Options{Forced: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := result.Connection.Token; got.AccessToken() != "a-2" || got.RefreshToken() != oauth.Secret("a-2") ||
		!result.Rotated {
		t.Errorf("the next refresh presents %q, which ends with the login's 60 days", string(got.RefreshToken()))
	}
	if e := result.Connection.Expiry(time.Now()); e.At.Sub(e.Issued).Round(time.Minute) != time.Hour {
		t.Errorf("valid for %s (%s), want the hour of the member expires", e.At.Sub(e.Issued), e.From)
	}
}

// A new refresh token is saved from where the provider sends it, also if the access token is missing.
func TestNestedRefreshTokenWithoutAccessTokenIsSaved(t *testing.T) {
	w := newWorld(t, oauthtest.Config{})
	c := w.connection(t)
	c.Provider = "slack"
	w.store.Put(c)
	w.HTTP.Transport = &answering{status: 200, body: `{"ok":true,"authed_user":{"refresh_token":"r-2"}}`}
	_, err := w.Refresh(t.Context(), acme, freshet.Options{Forced: true})
	if got := w.connection(t).Token; got.RefreshToken() != "r-2" || got.AccessToken() != w.first.AccessToken() {
		t.Errorf("refresh token %q", string(got.RefreshToken()))
	}
	if f := refreshError(t, err); f.Kind != oauth.Temporary {
		t.Errorf("%s: %v", f.Kind, err)
	}
}
