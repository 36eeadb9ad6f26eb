package freshet_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// A program that calls an API for as long as it runs.
func ExampleKeeper() {
	server, path, cleanup := savedToken()
	defer cleanup()

	store := filestore.New(freshet.Registration{Client: oauth.Client{ID: server.ClientID()}})
	keeper := freshet.NewKeeper(freshet.Refresher{Store: store})
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

// The program that freshet started from: load a saved token, refresh it, keep the refresh token or save the one that replaces it,
// say what happened.
func ExampleRefresher() {
	server, path, cleanup := savedToken()
	defer cleanup()

	store := filestore.New(freshet.Registration{Client: oauth.Client{ID: server.ClientID()}})
	refresher := freshet.Refresher{Store: store}
	answer, err := refresher.Ask(context.Background(), path, freshet.Demand{Forced: true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("authorization granted:", answer.Connection.Token.AccessToken() != "")
	fmt.Println("the refresh token was replaced:", answer.Rotated)
	// Output:
	// authorization granted: true
	// the refresh token was replaced: true
}

// Errors that ask for different things.
func ExampleRefreshError() {
	server, path, cleanup := savedToken()
	defer cleanup()
	server.Fail(oauthtest.Fault{Name: "grant=user is inactive"})

	refresher := freshet.Refresher{Store: filestore.New(freshet.Registration{Client: oauth.Client{ID: server.ClientID()}})}
	_, err := refresher.Ask(context.Background(), path, freshet.Demand{Forced: true})

	var failed *freshet.RefreshError
	switch {
	case errors.Is(err, freshet.ErrLoginRequired):
		errors.As(err, &failed)
		fmt.Println(failed.Remedy)
	case errors.As(err, &failed) && failed.Kind == oauth.Temporary:
		fmt.Println("try again at", failed.NextAttempt)
	}
	// Output: ask the org's administrator to activate the user, then log in again
}

// A Token is the document as it was saved; a merge changes what the provider sent and nothing else.
func ExampleToken_Merge() {
	token, err := freshet.ParseToken([]byte(`{ "access_token": "old", "refresh_token": "keep", "note": 1.0 }`))
	if err != nil {
		log.Fatal(err)
	}
	merged, err := token.Merge([]byte(`{"access_token":"new"}`), received)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(merged.Bytes()))
	fmt.Println(merged)
	// Output:
	// { "access_token": "new", "refresh_token": "keep", "note": 1.0 }
	// [token]
}

// savedToken starts a test server that rotates refresh tokens, and saves a token of its making, beside the directory in which the
// store keeps what it remembers.
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
