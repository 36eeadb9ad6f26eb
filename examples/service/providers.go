package main

import (
	"errors"
	"os"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// provider is the application's client at a provider, and the path of the API that its page shows.
type provider struct {
	freshet.Registration
	path string
}

func realProviders() map[string]provider {
	return map[string]provider{
		// freshet knows HubSpot. For a provider that it does not know, set Endpoints and API, too: tokens are
		// sent only to the hosts there.
		"hubspot": {
			Registration: freshet.Registration{
				Provider:   "hubspot",
				Client:     oauth.Client{ID: os.Getenv("HUBSPOT_CLIENT_ID")},
				SecretFrom: "env:HUBSPOT_CLIENT_SECRET", // read for each refresh, and not saved
				Scopes:     []string{"oauth", "crm.objects.contacts.read"},
			},
			path: "/crm/v3/objects/contacts?limit=3",
		},
		// The API is at the customer's instance, which is in the token.
		"salesforce": {
			Registration: freshet.Registration{
				Provider:   "salesforce",
				Client:     oauth.Client{ID: os.Getenv("SALESFORCE_CLIENT_ID")},
				SecretFrom: "env:SALESFORCE_CLIENT_SECRET",
				Endpoints:  oauth.Endpoints{Issuer: "https://login.salesforce.com"},
				Scopes:     []string{"api", "refresh_token"},
			},
			path: "/services/data/v67.0/query?q=SELECT+Name+FROM+Account+LIMIT+3",
		},
	}
}

// testProviders returns providers with test servers, and sets a temporary directory for the connections. stop
// removes both.
func testProviders() (providers map[string]provider, stop func(), err error) {
	hubspot := oauthtest.NewServer(oauthtest.Config{Provider: "hubspot"})
	salesforce := oauthtest.NewServer(oauthtest.Config{
		Provider: oauthtest.Salesforce, Rotate: true, RequireSecret: true,
	})
	dir, err := os.MkdirTemp("", "freshet-service-")
	err = errors.Join(err,
		os.Setenv("FRESHET_HOME", dir),
		os.Setenv("HUBSPOT_CLIENT_SECRET", hubspot.ClientSecret()),
		os.Setenv("SALESFORCE_CLIENT_SECRET", salesforce.ClientSecret()),
	)
	return withServers(hubspot, salesforce), func() {
		hubspot.Close()
		salesforce.Close()
		_ = os.RemoveAll(dir)
	}, err
}

// withServers returns the real providers with the addresses of test servers.
func withServers(hubspot, salesforce *oauthtest.Server) map[string]provider {
	all := realProviders()
	h, s := all["hubspot"], all["salesforce"]
	h.Client.ID, s.Client.ID = hubspot.ClientID(), salesforce.ClientID()
	h.Endpoints = oauth.Endpoints{Authorization: hubspot.AuthorizationEndpoint(), Token: hubspot.TokenEndpoint()}
	h.API.Base, h.path = hubspot.URL(), "/services/data/"
	s.Endpoints.Issuer = salesforce.URL()
	return map[string]provider{"hubspot": h, "salesforce": s}
}
