package freshet_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// A token that has lived for two thirds of its time is handed out, for it is valid, and is replaced behind it. Nobody waits.
func ExampleSource_Token() {
	server := oauthtest.NewServer(oauthtest.Config{Rotate: true})
	defer server.Close()
	keeper := freshet.NewKeeper(freshet.Refresher{Store: new(freshet.MemoryStore)})
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
	for token.AccessToken() == stale.AccessToken() { // the program goes on calling its API
		time.Sleep(50 * time.Millisecond)
		if token, err = source.Token(ctx); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println("so does its successor:", server.ValidAccess(token.AccessToken()))
	fmt.Println("refreshes:", server.Stats().Refreshes)
	// Output:
	// it works: true <nil>
	// so does its successor: true
	// refreshes: 1
}

// Another process has refreshed the connection. This one hears of it when an API refuses its token: what is saved is looked at
// before anything is sent, so that the refresh token is presented once.
func ExampleSource_Refresh() {
	server := oauthtest.NewServer(oauthtest.Config{Rotate: true, OneAccessToken: true})
	defer server.Close()
	store := new(freshet.MemoryStore) // which the two share: a directory, or a table
	here := freshet.NewKeeper(freshet.Refresher{Store: store})
	elsewhere := freshet.NewKeeper(freshet.Refresher{Store: store})
	ctx := context.Background()
	if err := here.Create(ctx, "acme", registrationAt(server), server.Document()); err != nil {
		log.Fatal(err)
	}

	source := here.Source("acme")
	token, _ := source.Token(ctx)
	theirs, _ := elsewhere.Refresh(ctx, "acme", "") // ours ends with that

	ours, err := source.Refresh(ctx, token.AccessToken())
	fmt.Println("the other's token:", ours.AccessToken() == theirs.AccessToken(), err)
	fmt.Printf("refreshes: %d, refresh tokens used twice: %d\n", server.Stats().Refreshes, server.Stats().Reuses)
	// Output:
	// the other's token: true <nil>
	// refreshes: 1, refresh tokens used twice: 0
}

func registrationAt(server *oauthtest.Server) freshet.Registration {
	return freshet.Registration{
		Client:    oauth.Client{ID: server.ClientID()},
		Endpoints: oauth.Endpoints{Token: server.TokenEndpoint()},
	}
}

// issued is a token response that was saved so long ago.
func issued(response []byte, ago time.Duration) []byte {
	member := fmt.Sprintf(`{"issued_at": %d,`, time.Now().Add(-ago).Unix())
	return bytes.Replace(response, []byte("{"), []byte(member), 1)
}
