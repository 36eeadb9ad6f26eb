package freshet_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauthtest"
)

// A program that does not use HTTP gets a token when it needs one, and another if that is rejected.
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

	if !server.ValidAccess(token.AccessToken()) { // the API rejected it
		token, err = source.Refresh(ctx, token.AccessToken())
	}
	fmt.Println(server.ValidAccess(token.AccessToken()), err)
	// Output: true <nil>
}

// A token is refreshed in the background after two thirds of its lifetime. It is returned until then,
// since it is still valid. No caller waits.
func ExampleSource_Token() {
	server := oauthtest.NewServer(oauthtest.Config{Rotate: true})
	defer server.Close()
	keeper := freshet.NewKeeper(freshet.Config{Store: new(freshet.MemoryStore)})
	ctx := context.Background()
	defer keeper.Close(ctx)
	saved := issued(server.Document(), 50*time.Minute) // of an hour
	if err := keeper.Create(ctx, "acme", registrationAt(server), saved); err != nil {
		log.Fatal(err)
	}
	source := keeper.Source("acme")

	stale, err := source.Token(ctx)
	fmt.Println("it works:", server.ValidAccess(stale.AccessToken()), err)
	token := stale
	for token.AccessToken() == stale.AccessToken() { // the program continues to use its API
		time.Sleep(50 * time.Millisecond)
		if token, err = source.Token(ctx); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println("the new one works, too:", server.ValidAccess(token.AccessToken()))
	fmt.Println("refreshes:", server.Stats().Refreshes)
	// Output:
	// it works: true <nil>
	// the new one works, too: true
	// refreshes: 1
}

// Another process has refreshed the connection, and an API rejects the old token. Refresh reads the
// store before it sends anything, so that the refresh token is sent once.
func ExampleSource_Refresh() {
	server := oauthtest.NewServer(oauthtest.Config{Rotate: true, OneAccessToken: true})
	defer server.Close()
	store := new(freshet.MemoryStore) // shared; usually a directory or a table
	here := freshet.NewKeeper(freshet.Config{Store: store})
	elsewhere := freshet.NewKeeper(freshet.Config{Store: store})
	ctx := context.Background()
	if err := here.Create(ctx, "acme", registrationAt(server), server.Document()); err != nil {
		log.Fatal(err)
	}

	source := here.Source("acme")
	token, _ := source.Token(ctx)
	theirs, _ := elsewhere.Refresh(ctx, "acme", "") // which ends our token

	ours, err := source.Refresh(ctx, token.AccessToken())
	fmt.Println("the token of the other process:", ours.AccessToken() == theirs.AccessToken(), err)
	fmt.Printf("refreshes: %d, refresh tokens used twice: %d\n", server.Stats().Refreshes, server.Stats().Reuses)
	// Output:
	// the token of the other process: true <nil>
	// refreshes: 1, refresh tokens used twice: 0
}

// issued returns a token response with an earlier time of issue.
func issued(response []byte, ago time.Duration) []byte {
	member := fmt.Sprintf(`{"issued_at": %d,`, time.Now().Add(-ago).Unix())
	return bytes.Replace(response, []byte("{"), []byte(member), 1)
}
