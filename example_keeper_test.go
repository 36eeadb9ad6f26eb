package freshet_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// The caller decides what to do without a token.
func ExampleKeeper_Token() {
	server, keeper := setUp()
	defer server.Close()
	defer keeper.Close(context.Background())

	for _, name := range []string{"acme", "a customer who never connected"} {
		switch _, err := keeper.Token(context.Background(), name); {
		case errors.Is(err, freshet.ErrNotFound):
			fmt.Println(name, "is asked to connect")
		case errors.Is(err, freshet.ErrLoginRequired):
			fmt.Println(name, "is asked to log in again")
		case err != nil:
			fmt.Println("later:", err)
		default:
			fmt.Println(name, "is served")
		}
	}
	// Output:
	// acme is served
	// a customer who never connected is asked to connect
}

// A service keeps all its connections alive, and reports failures that it cannot resolve.
func ExampleKeeper_Run() {
	server := oauthtest.NewServer(oauthtest.Config{Rotate: true})
	defer server.Close()

	keeper := freshet.NewKeeper(freshet.Config{
		Store: new(freshet.MemoryStore),
		OnEvent: func(e freshet.Event) {
			switch e.Kind {
			case freshet.EventLoginRequired, freshet.EventDeadlineNear:
				fmt.Println("mail to the customer", e.Name)
			case freshet.EventUnsaved:
				fmt.Println("page the operator:", e.Err)
			}
		},
	})
	if err := keeper.Create(context.Background(), "acme", registrationAt(server), server.Document()); err != nil {
		log.Fatal(err)
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
	fmt.Println(keeper.Close(context.Background())) // refreshes in flight are saved
	// Unordered output:
	// login required: true
	// mail to the customer acme
	// <nil>
	// <nil>
}

// A web application's callback saves a token response unchanged.
func ExampleKeeper_Put() {
	server, keeper := setUp()
	defer server.Close()
	defer keeper.Close(context.Background())

	registration := registrationAt(server)
	response := server.Document() // io.ReadAll(response.Body)
	ctx := context.Background()
	fmt.Println("a new customer:", keeper.Put(ctx, "customer 301", registration, response))
	fmt.Println("logged in again:", keeper.Put(ctx, "acme", registration, server.Document()))
	fmt.Println("an old copy:", keeper.Create(ctx, "acme", registration, response))
	// Output:
	// a new customer: <nil>
	// logged in again: <nil>
	// an old copy: acme: connection already exists
}

// Close waits until the refresh in flight is saved, although its caller has left.
func ExampleKeeper_Close() {
	server := oauthtest.NewServer(oauthtest.Config{Rotate: true, Latency: 200 * time.Millisecond})
	defer server.Close()
	store := new(freshet.MemoryStore)
	keeper := freshet.NewKeeper(freshet.Config{Store: store})
	caller, leave := context.WithCancel(context.Background())
	if err := keeper.Create(caller, "acme", registrationAt(server), server.Document()); err != nil {
		log.Fatal(err)
	}
	go keeper.Refresh(caller, "acme", "")
	for server.Stats().Refreshes == 0 { // the refresh token is replaced, and the new one is not saved yet
		time.Sleep(time.Millisecond)
	}
	leave()

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // more than freshet.ExchangeTimeout
	defer cancel()
	fmt.Println(keeper.Close(ctx))
	saved, _ := store.Get(ctx, "acme")
	fmt.Println("the new refresh token is saved:", server.ValidRefresh(string(saved.Token.RefreshToken())))
	_, err := keeper.Token(ctx, "acme")
	fmt.Println(err)
	// Output:
	// <nil>
	// the new refresh token is saved: true
	// the keeper is closed
}

// savedToken starts a test server that rotates refresh tokens, and writes a token file for it.
func savedToken() (server *oauthtest.Server, path string, cleanup func()) {
	dir, err := os.MkdirTemp("", "freshet-example-")
	if err != nil {
		log.Fatal(err)
	}
	server = oauthtest.NewServer(oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true})
	path = filepath.Join(dir, "salesforce.json")
	if err := errors.Join(os.WriteFile(path, server.Document(), 0o600), os.Setenv("FRESHET_HOME", filepath.Join(dir, "state"))); err != nil {
		log.Fatal(err)
	}
	return server, path, func() {
		server.Close()
		os.Unsetenv("FRESHET_HOME")
		os.RemoveAll(dir)
	}
}

// setUp returns a keeper with the connection "acme", at a server that rotates refresh tokens.
func setUp() (*oauthtest.Server, *freshet.Keeper) {
	server := oauthtest.NewServer(oauthtest.Config{Rotate: true})
	keeper := freshet.NewKeeper(freshet.Config{Store: new(freshet.MemoryStore)})
	if err := keeper.Create(context.Background(), "acme", registrationAt(server), server.Document()); err != nil {
		log.Fatal(err)
	}
	return server, keeper
}

func registrationAt(server *oauthtest.Server) freshet.Registration {
	return freshet.Registration{
		Client:    oauth.Client{ID: server.ClientID()},
		Endpoints: oauth.Endpoints{Token: server.TokenEndpoint()},
	}
}

// A service uses tokens of its own, for which no person logs in. The first one is requested when it is
// needed. At every start the connection is created, or gets the settings of this version.
func ExampleKeeper_Put_clientCredentials() {
	server := oauthtest.NewServer(oauthtest.Config{})
	defer server.Close()

	keeper := freshet.NewKeeper(freshet.Config{
		Store: new(freshet.MemoryStore),
		Secrets: func(context.Context, string) (oauth.Secret, error) {
			return oauth.Secret(server.ClientSecret()), nil // secret.Read reads it where SecretFrom says
		},
	})
	defer keeper.Close(context.Background())
	err := keeper.Put(context.Background(), "billing", freshet.Registration{
		Client:     oauth.Client{ID: server.ClientID()},
		SecretFrom: "env:BILLING_SECRET",
		Endpoints:  oauth.Endpoints{Token: server.TokenEndpoint()},
		Scopes:     []string{"invoices.read"},
		RenewBy:    []freshet.GrantType{freshet.GrantClientCredentials},
	}, nil)
	if err != nil {
		log.Fatal(err)
	}
	token, err := keeper.Token(context.Background(), "billing")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(token.Member("scope"), server.ValidAccess(token.AccessToken()))
	// Output: invoices.read true
}
