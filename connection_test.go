package freshet_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

func TestRecordOmitsTokenAndClientSecret(t *testing.T) {
	at := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	want := freshet.Connection{
		Name: acme, TokenFile: "/t.json",
		Registration: freshet.Registration{
			Provider: "salesforce", Client: oauth.Client{ID: "id"}, SecretFrom: "env:SECRET",
			Policy: freshet.Policy{AssumeTTL: time.Hour}, Redirect: map[string]string{"realmId": "7"},
		},
		Health: freshet.Health{LastSuccess: at, LastFailure: &freshet.Failure{Time: at, Cause: "it said \x00 <&>"}},
		History: freshet.History{
			Key: "key", Entries: []freshet.HistoryEntry{{Time: at, Outcome: freshet.Refreshed, Millis: 3}},
		},
		Pending: &freshet.Pending{
			Spent: "hash", Since: at, Received: at, Reply: &oauth.Reply{
				Host: "op.example", Status: 200, Body: []byte("{}\x00\xff\r\n"),
			},
			Login: &freshet.PendingLogin{Name: acme, Before: &freshet.Pending{Spent: "hash", Since: at}},
		},
	}
	c := want
	c.Client.Secret, c.Token = "the client's secret", parse(t, `{"access_token":"a"}`)
	data, err := c.Record()
	if err != nil || strings.Contains(string(data), "the client's") {
		t.Fatalf("%s, %v", data, err)
	}
	got := freshet.Connection{Name: acme}
	if err := got.Restore(nil, data); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(freshet.Token{}, oauth.Reply{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	err = got.Restore(c.Token.Bytes(), nil)
	if err != nil || got.Token.AccessToken() != "a" || got.SecretFrom != "env:SECRET" {
		t.Errorf(
			"with a token and no record: access token %q, secret from %q, %v", got.Token.AccessToken(), got.SecretFrom,
			err,
		)
	}
}

// The application's registration replaces the saved one, except for fields that a customer's login
// set.
func TestRestoreKeepsRegistration(t *testing.T) {
	old := freshet.Registration{
		Provider: "quickbooks", Client: oauth.Client{ID: "old"}, SecretFrom: "env:OLD", Proxy: "http://old.example",
		Endpoints: oauth.Endpoints{Token: "https://old.example/token"}, Scopes: []string{"old"},
		Redirect: map[string]string{"realmId": "7"},
	}
	client := oauth.Client{ID: "new", Secret: "new secret"}
	for name, test := range map[string]struct{ app, want freshet.Registration }{
		"none": {freshet.Registration{}, old},
		"a client": {
			freshet.Registration{Client: client},
			freshet.Registration{Client: client, Endpoints: old.Endpoints, Scopes: old.Scopes, Redirect: old.Redirect},
		},
		"an endpoint and scopes": {
			freshet.Registration{
				Client: client, Endpoints: oauth.Endpoints{Issuer: "https://new.example"}, Scopes: []string{"new"},
			},
			freshet.Registration{
				Client: client, Endpoints: oauth.Endpoints{Issuer: "https://new.example"}, Scopes: []string{"new"},
				Redirect: old.Redirect,
			},
		},
	} {
		data, err := (&freshet.Connection{Name: acme, Registration: old, Health: freshet.Health{Failures: 3}}).Record()
		if err != nil {
			t.Fatal(err)
		}
		c := freshet.Connection{Name: acme, Registration: test.app}
		if err := c.Restore(nil, data); err != nil || c.Health.Failures != 3 {
			t.Errorf("%s: %d failures, %v", name, c.Health.Failures, err)
		}
		if diff := cmp.Diff(test.want, c.Registration); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestRestoreErrorsNameConnection(t *testing.T) {
	for token, record := range map[string]string{`{"access_token":`: `{}`, `{}`: `{"health":`} {
		c := freshet.Connection{Name: acme}
		if err := c.Restore([]byte(token), []byte(record)); err == nil || !strings.Contains(err.Error(), acme) {
			t.Errorf("%s and %s: %v", token, record, err)
		}
	}
}

// An application has one registration for all connections. The shop or data center of each
// connection was saved with it.
func TestRestoreFillsInParts(t *testing.T) {
	const document = `{"access_token":"a","refresh_token":"r"}`
	parts := map[string]string{"host": "accounts.zoho.eu"}
	saved, err := (&freshet.Connection{Registration: freshet.Registration{Provider: "zoho", Parts: parts}}).Record()
	if err != nil {
		t.Fatal(err)
	}
	c := freshet.Connection{Registration: freshet.Registration{Provider: "zoho", Client: oauth.Client{ID: "c"}}}
	if err := c.Restore([]byte(document), saved); err != nil {
		t.Fatal(err)
	}
	if request, err := c.Request(); err != nil || request.Endpoint != "https://accounts.zoho.eu/oauth/v2/token" {
		t.Errorf("the refresh token would go to %s, %v", request.Endpoint, err)
	}
}
