package freshet_test

import (
	"context"
	"fmt"
	"log"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauthtest"
)

// A test of a program that uses freshet: a server that misbehaves, and a store in memory.
func ExampleMemoryStore() {
	server := oauthtest.NewServer(oauthtest.Config{Rotate: true, Faults: []oauthtest.Fault{{Name: "503", Count: 1}}})
	defer server.Close()
	keeper := freshet.NewKeeper(freshet.Refresher{Store: new(freshet.MemoryStore)})
	ctx := context.Background()
	defer keeper.Close(ctx)
	if err := keeper.Create(ctx, "acme", registrationAt(server), server.Document()); err != nil {
		log.Fatal(err)
	}

	_, err := keeper.Refresh(ctx, "acme", "") // waits for the second that the server asks for
	fmt.Println(err, server.Stats().Refreshes)
	// Output: <nil> 1
}
