package freshet_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// A store, a keeper and one connection, "acme", at a server that rotates refresh tokens.
func setUp() (*oauthtest.Server, *freshet.Keeper) {
	server := oauthtest.NewServer(oauthtest.Config{Rotate: true})
	keeper := freshet.NewKeeper(freshet.Refresher{Store: new(freshet.MemoryStore)})
	registration := freshet.Registration{
		Client:    oauth.Client{ID: server.ClientID()},
		Endpoints: oauth.Endpoints{Token: server.TokenEndpoint()},
	}
	if err := keeper.Create(context.Background(), "acme", registration, server.Document()); err != nil {
		log.Fatal(err)
	}
	return server, keeper
}

// Something else than HTTP asks for a token when it needs one, and says so when it was refused.
func ExampleSource() {
	server, keeper := setUp()
	defer server.Close()
	defer keeper.Close(context.Background())

	source := keeper.Source("acme")
	ctx := context.Background()
	token, err := source.Token(ctx)
	if err != nil {
		log.Fatal(err)
	}
	server.Revoke(token.AccessToken())

	if !server.ValidAccess(token.AccessToken()) { // whatever "refused" means there
		token, err = source.Refresh(ctx, token.AccessToken())
	}
	fmt.Println(server.ValidAccess(token.AccessToken()), err)
	// Output: true <nil>
}

// A service keeps all its connections alive, and somebody hears of what it cannot mend.
func ExampleKeeper_Run() {
	server, keeper := setUp()
	defer server.Close()

	keeper.OnEvent = func(e freshet.Event) {
		switch e.Kind {
		case freshet.EventLoginRequired, freshet.EventDeadlineNear:
			fmt.Println("mail to the customer", e.Name)
		case freshet.EventUnsaved:
			fmt.Println("page the operator:", e.Err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	running := make(chan error)
	go func() { running <- keeper.Run(ctx) }()

	// The service does its work. A customer ends the grant.
	token, _ := keeper.Token(ctx, "acme")
	server.Revoke(string(token.RefreshToken()))
	_, err := keeper.Refresh(ctx, "acme", token.AccessToken())
	fmt.Println("login required:", errors.Is(err, freshet.ErrLoginRequired))

	stop()
	fmt.Println(<-running)
	fmt.Println(keeper.Close(context.Background())) // what is on the wire is saved
	// Unordered output:
	// login required: true
	// mail to the customer acme
	// <nil>
	// <nil>
}

// A web application's callback got a token response, and hands it over as it is.
func ExampleKeeper_Add() {
	server, keeper := setUp()
	defer server.Close()
	defer keeper.Close(context.Background())

	registration := freshet.Registration{
		Client:    oauth.Client{ID: server.ClientID()},
		Endpoints: oauth.Endpoints{Token: server.TokenEndpoint()},
	}
	response := server.Document() // io.ReadAll(response.Body)
	ctx := context.Background()
	fmt.Println("a new customer:", keeper.Add(ctx, "customer 301", registration, response))
	fmt.Println("logged in again:", keeper.Add(ctx, "acme", registration, server.Document()))
	fmt.Println("an old copy:", keeper.Create(ctx, "acme", registration, response))
	// Output:
	// a new customer: <nil>
	// logged in again: <nil>
	// an old copy: acme: connection already exists
}
