package freshet_test

import (
	"context"
	"fmt"
	"log"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/oauth"
)

// A program calls an API for as long as it runs.
func Example() {
	server, path, cleanup := savedToken()
	defer cleanup()

	store := filestore.New(freshet.Registration{Client: oauth.Client{ID: server.ClientID()}})
	keeper := freshet.NewKeeper(freshet.Config{Store: store})
	defer keeper.Close(context.Background())
	client := keeper.Client(path)
	response, err := client.Get("/services/data/")
	if err != nil {
		log.Fatal(err)
	}
	response.Body.Close()
	fmt.Println(response.Status)
	// Output: 200 OK
}
