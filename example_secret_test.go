package freshet_test

import (
	"context"
	"fmt"
	"log"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// A test, or a small program with one client, gives the client secret by a function. This works with
// every store, since none saves the secret. A service passes secret.Read instead, and names a place
// such as "env:CLIENT_SECRET".
func ExampleConfig_secrets() {
	server := oauthtest.NewServer(oauthtest.Config{Rotate: true, RequireSecret: true})
	defer server.Close()

	keeper := freshet.NewKeeper(freshet.Config{
		Store: new(freshet.MemoryStore),
		Secrets: func(context.Context, string) (oauth.Secret, error) {
			return oauth.Secret(server.ClientSecret()), nil
		},
	})
	registration := freshet.Registration{
		Client:     oauth.Client{ID: server.ClientID()},
		SecretFrom: "the test",
		Endpoints:  oauth.Endpoints{Token: server.TokenEndpoint()},
	}
	ctx := context.Background()
	if err := keeper.Create(ctx, "acme", registration, server.Document()); err != nil {
		log.Fatal(err)
	}
	token, err := keeper.Refresh(ctx, "acme", "")
	fmt.Println(server.ValidAccess(token.AccessToken()), err)
	fmt.Println(keeper.Close(ctx))
	// Output:
	// true <nil>
	// <nil>
}
