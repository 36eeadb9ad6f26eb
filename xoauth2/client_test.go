package xoauth2_test

import (
	"net/url"
	"testing"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauthtest"
	"github.com/freshet-dev/freshet/xoauth2"
)

func TestAdoptClient(t *testing.T) {
	for name, style := range map[string]oauth2.AuthStyle{
		"body": oauth2.AuthStyleInParams, "basic": oauth2.AuthStyleInHeader, "default": oauth2.AuthStyleAutoDetect,
	} {
		t.Run(name, func(t *testing.T) {
			server := oauthtest.NewHandler(oauthtest.Config{}, "http://127.0.0.1:1")
			config := &clientcredentials.Config{
				ClientID: server.ClientID(), ClientSecret: server.ClientSecret(), TokenURL: server.TokenEndpoint(),
				Scopes: []string{"read"}, AuthStyle: style,
				EndpointParams: url.Values{"audience": {"api"}, "resource": {"https://a.example", "https://b.example"}},
			}
			store := new(freshet.MemoryStore)
			secrets := &oauth2.Config{ClientID: config.ClientID, ClientSecret: config.ClientSecret}
			keeper := newKeeper(t, server, store, secrets)
			var tokens []string
			for range 2 { // each is a start of the program
				source, err := xoauth2.AdoptClient(t.Context(), keeper, acme, config)
				if err != nil {
					t.Fatal(err)
				}
				tokens = append(tokens, tokenOf(t, source).AccessToken)
			}
			if tokens[0] != tokens[1] || !server.ValidAccess(tokens[0]) {
				t.Error("the second start got another token, or the token is not valid")
			}
			if got := server.Stats().ClientTokens; got != 1 {
				t.Errorf("%d tokens were requested, want 1", got)
			}
			c, err := store.Get(t.Context(), acme)
			if err != nil {
				t.Fatal(err)
			}
			if c.Requests.Refresh.Params["audience"] != "api" || len(c.Login.Resources) != 2 || c.Client.Secret != "" {
				t.Errorf("saved: %v, %v", c.Requests.Refresh.Params, c.Login.Resources)
			}
		})
	}
}

func TestAdoptClientRefusesSeveralValues(t *testing.T) {
	server := oauthtest.NewHandler(oauthtest.Config{}, "http://127.0.0.1:1")
	config := &clientcredentials.Config{
		ClientID: "id", ClientSecret: "secret", TokenURL: server.TokenEndpoint(),
		EndpointParams: url.Values{"audience": {"a", "b"}},
	}
	keeper := newKeeper(t, server, new(freshet.MemoryStore))
	if _, err := xoauth2.AdoptClient(t.Context(), keeper, acme, config); err == nil {
		t.Error("of two values one would be lost")
	}
}
