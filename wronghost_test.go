package freshet_test

import (
	"net/url"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// connectionWith is a connection with what a user said and what the document says.
func connectionWith(t *testing.T, r freshet.Registration, document string) freshet.Connection {
	t.Helper()
	token, err := freshet.ParseToken([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	r.Client.ID = "c"
	return freshet.Connection{Name: acme, Registration: r, Token: token}
}

// Where a vendor has several hosts, the usual one is for those who said nothing: a token that is another's is never sent there.
func TestTheUsualHostIsNotTakenInPlaceOfAnother(t *testing.T) {
	stated := func(endpoint string) string {
		return `{"access_token":"a","refresh_token":"r","token_uri":"` + endpoint + `"}`
	}
	const unstated = `{"access_token":"a","refresh_token":"r"}`
	for name, test := range map[string]struct {
		registration freshet.Registration
		document     string
		wrong        string
	}{
		"an Enterprise Server": {
			registration: freshet.Registration{Provider: "github", Endpoints: oauth.Endpoints{Issuer: "https://github.corp.example"}},
			document:     unstated, wrong: "github.com",
		},
		"an issuer of one's own": {
			registration: freshet.Registration{Provider: "microsoft", Endpoints: oauth.Endpoints{Issuer: "https://sts.corp.example/"}},
			document:     unstated, wrong: "login.microsoftonline.com",
		},
		"a data centre as the issuer": {
			registration: freshet.Registration{Provider: "zoho", Endpoints: oauth.Endpoints{Issuer: "https://accounts.zoho.eu"}},
			document:     unstated, wrong: "accounts.zoho.com",
		},
		"another cloud's old endpoint": {
			document: stated("https://login.microsoftonline.us/acme/oauth2/token"), wrong: "login.microsoftonline.com",
		},
		"another tenant's old endpoint": {
			document: stated("https://login.microsoftonline.com/acme/oauth2/token"), wrong: "login.microsoftonline.com", // as common
		},
		"an endpoint with its port": {
			document: stated("https://acme.ghe.com:443/login/oauth/access_token"), wrong: "github.com",
		},
		"an endpoint with a query": {
			document: stated("https://accounts.zoho.eu/oauth/v2/token?grant_type=refresh_token"), wrong: "accounts.zoho.com",
		},
		"a tenant of another cloud": {
			registration: freshet.Registration{Provider: "microsoft", Parts: map[string]string{"tenant": "acme"}},
			document:     stated("https://login.microsoftonline.us/acme/oauth2/v2.0/token"), wrong: "login.microsoftonline.com",
		},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := connectionWith(t, test.registration, test.document).Request()
			if err != nil {
				return // to ask is right
			}
			if u, _ := url.Parse(request.Endpoint); u.Hostname() == test.wrong {
				t.Errorf("the refresh token would go to %s", request.Endpoint)
			}
		})
	}
}

// Revocation and introspection present tokens, too: they go where the refresh token goes.
func TestTokensAreRevokedAtTheHostThatTheyAreOf(t *testing.T) {
	const endpoint = "https://accounts.zoho.eu/oauth/v2/token"
	for name, c := range map[string]freshet.Connection{
		"stated": connectionWith(t, freshet.Registration{}, `{"access_token":"a","refresh_token":"r","token_uri":"`+endpoint+`"}`),
		"named": connectionWith(t, freshet.Registration{Provider: "zoho", Endpoints: oauth.Endpoints{Token: endpoint}},
			`{"access_token":"a","refresh_token":"r"}`),
	} {
		t.Run(name, func(t *testing.T) {
			if request, err := c.Request(); err != nil || request.Endpoint != endpoint {
				t.Fatalf("%s, %v", request.Endpoint, err)
			}
			addresses := c.Addresses()
			if addresses.Token != endpoint {
				t.Errorf("said to be refreshed at %s", addresses.Token)
			}
			if addresses.Revocation != endpoint+"/revoke" {
				t.Errorf("would be revoked at %s", addresses.Revocation)
			}
		})
	}
}

// A vendor's parts are enough where its endpoints are paths, too.
func TestPartsAreEnough(t *testing.T) {
	for name, test := range map[string]struct {
		registration freshet.Registration
		document     string
		want         string
	}{
		"Auth0's domain": {
			registration: freshet.Registration{Provider: "auth0", Parts: map[string]string{"domain": "acme.eu.auth0.com"}},
			document:     `{"refresh_token":"r"}`, want: "https://acme.eu.auth0.com/oauth/token",
		},
		"Okta's domain": {
			registration: freshet.Registration{Provider: "okta", Parts: map[string]string{"domain": "acme.okta.com"}},
			document:     `{"refresh_token":"r"}`, want: "https://acme.okta.com/oauth2/default/v1/token",
		},
		"Okta's endpoint in the document": {
			document: `{"refresh_token":"r","token_uri":"https://acme.okta.com/oauth2/default/v1/token"}`,
			want:     "https://acme.okta.com/oauth2/default/v1/token",
		},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := connectionWith(t, test.registration, test.document).Request()
			if err != nil || request.Endpoint != test.want {
				t.Errorf("%q, %v", request.Endpoint, err)
			}
		})
	}
}
