package xoauth2_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"golang.org/x/oauth2"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauthtest"
	"github.com/freshet-dev/freshet/xoauth2"
)

// Two lines change in a program that used x/oauth2 alone.
func Example() {
	server := oauthtest.NewServer(oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true})
	defer server.Close()
	config, saved := loadSaved(server)
	ctx := context.Background()

	// Before:
	//
	//	source := config.TokenSource(ctx, saved)
	//
	// After (a program that runs again gives the keeper a filestore.Store):
	keeper := freshet.NewKeeper(freshet.Refresher{Store: new(freshet.MemoryStore), Secrets: xoauth2.Secrets(config)})
	source, err := xoauth2.Adopt(ctx, keeper, "acme", config, saved)
	if err != nil {
		log.Fatal(err)
	}

	defer keeper.Close(ctx)
	client := oauth2.NewClient(ctx, source) // as before
	response, err := client.Get(server.URL() + "/services/data/v67.0/query?q=SELECT+Id+FROM+Account")
	if err != nil {
		log.Fatal(err)
	}
	response.Body.Close()
	fmt.Println(response.Status)
	// Output: 200 OK
}

// loadSaved is what the program had.
func loadSaved(server *oauthtest.Server) (*oauth2.Config, *oauth2.Token) {
	saved := new(oauth2.Token)
	if err := json.Unmarshal(server.Document(), saved); err != nil {
		log.Fatal(err)
	}
	return &oauth2.Config{ClientID: server.ClientID(), Endpoint: oauth2.Endpoint{TokenURL: server.TokenEndpoint()}}, saved
}
