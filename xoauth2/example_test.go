package xoauth2_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"golang.org/x/oauth2"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
	"github.com/freshet-dev/freshet/xoauth2"
)

// Two lines change in a program that used x/oauth2 alone. The store must outlive the program: one
// in memory would lose a rotated refresh token at the end, and the saved one is invalid by then.
//
// A client of [oauth2.NewClient] does not retry if the API rejects a token: that request fails, as
// it did before. A client of [freshet.Keeper.Client] gets another token and repeats the request.
func Example() {
	server := oauthtest.NewServer(oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true})
	defer server.Close()
	defer useTemporaryHome()()
	config, saved := loadSaved(server)
	ctx := context.Background()

	// Before:
	//
	//	source := config.TokenSource(ctx, saved)
	//
	// After:
	store := filestore.New(freshet.Registration{})
	keeper := freshet.NewKeeper(freshet.Config{Store: store, Secrets: xoauth2.Secrets(config)})
	defer keeper.Close(ctx)
	source, err := xoauth2.Adopt(ctx, keeper, "acme", config, saved)
	if err != nil {
		log.Fatal(err)
	}

	client := oauth2.NewClient(ctx, source) // as before
	response, err := client.Get(server.URL() + "/services/data/v67.0/query?q=SELECT+Id+FROM+Account")
	if err != nil {
		log.Fatal(err)
	}
	response.Body.Close()
	fmt.Println(response.Status)
	// Output: 200 OK
}

// A connection as an oauth2.TokenSource, for a library that takes one.
func ExampleTokenSource() {
	server := oauthtest.NewServer(oauthtest.Config{Rotate: true})
	defer server.Close()
	defer useTemporaryHome()()
	keeper := freshet.NewKeeper(freshet.Config{Store: filestore.New(freshet.Registration{})})
	ctx := context.Background()
	defer keeper.Close(ctx)
	registration := freshet.Registration{
		Client:    oauth.Client{ID: server.ClientID()},
		Endpoints: oauth.Endpoints{Token: server.TokenEndpoint()},
	}
	if err := keeper.Create(ctx, "acme", registration, server.Document()); err != nil {
		log.Fatal(err)
	}

	source := xoauth2.TokenSource(ctx, keeper.Source("acme")) // an oauth2.TokenSource
	token, err := source.Token()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(token.Type(), server.ValidAccess(token.AccessToken))
	fmt.Println("the refresh token stays in the store:", token.RefreshToken == "")
	// Output:
	// Bearer true
	// the refresh token stays in the store: true
}

// loadSaved returns the configuration and the saved token of the program.
func loadSaved(server *oauthtest.Server) (*oauth2.Config, *oauth2.Token) {
	saved := new(oauth2.Token)
	if err := json.Unmarshal(server.Document(), saved); err != nil {
		log.Fatal(err)
	}
	config := &oauth2.Config{ClientID: server.ClientID()}
	config.Endpoint.TokenURL = server.TokenEndpoint()
	return config, saved
}

// useTemporaryHome keeps the examples away from the connections of the user who runs them.
func useTemporaryHome() (remove func()) {
	dir, err := os.MkdirTemp("", "freshet-example-")
	if err != nil {
		log.Fatal(err)
	}
	os.Setenv("FRESHET_HOME", dir)
	return func() {
		os.Unsetenv("FRESHET_HOME")
		os.RemoveAll(dir)
	}
}
