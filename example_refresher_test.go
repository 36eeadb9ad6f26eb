package freshet_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"slices"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// A program refreshes a saved token once. If the provider sends a new refresh token, it is saved, too.
func ExampleRefresher() {
	server, path, cleanup := savedToken()
	defer cleanup()

	store := filestore.New(freshet.Registration{Client: oauth.Client{ID: server.ClientID()}})
	refresher := freshet.Refresher{Store: store}
	result, err := refresher.Token(context.Background(), path, freshet.Options{Forced: true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("authorization granted:", result.Connection.Token.AccessToken() != "")
	fmt.Println("the refresh token was replaced:", result.Rotated)
	// Output:
	// authorization granted: true
	// the refresh token was replaced: true
}

// The logger receives each refresh, including those in the background. It receives no secret.
func ExampleRefresher_logger() {
	server := oauthtest.NewServer(oauthtest.Config{Rotate: true})
	defer server.Close()
	keeper := freshet.NewKeeper(freshet.Config{
		Store:  new(freshet.MemoryStore),
		Logger: slog.New(slog.NewTextHandler(os.Stdout, predictable)),
	})
	ctx := context.Background()
	if err := keeper.Create(ctx, "acme", registrationAt(server), server.Document()); err != nil {
		log.Fatal(err)
	}

	token, err := keeper.Refresh(ctx, "acme", "")
	if err != nil {
		log.Fatal(err)
	}
	server.Revoke(string(token.RefreshToken())) // a customer revokes the grant
	keeper.Refresh(ctx, "acme", "")
	keeper.Close(ctx) // and report all events
	// Output:
	// level=INFO msg="connection rotated" connection=acme event=rotated
	// level=ERROR msg="connection login_required" connection=acme event=login_required
}

// predictable omits attributes that differ at each run.
var predictable = &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
	if slices.Contains([]string{"level", "msg", "connection", "event"}, a.Key) {
		return a
	}
	return slog.Attr{}
}}

// Errors that need different actions.
func ExampleRefreshError() {
	server, path, cleanup := savedToken()
	defer cleanup()
	server.Fail(oauthtest.Fault{Name: "grant=user is inactive"})

	refresher := freshet.Refresher{
		Store: filestore.New(freshet.Registration{Client: oauth.Client{ID: server.ClientID()}}),
	}
	_, err := refresher.Token(context.Background(), path, freshet.Options{Forced: true})

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
