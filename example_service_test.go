package freshet_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// Whoever asks for a token decides what to do without one.
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

// Close waits until the refresh that is on the wire is saved, though its caller has left.
func ExampleKeeper_Close() {
	server := oauthtest.NewServer(oauthtest.Config{Rotate: true, Latency: 200 * time.Millisecond})
	defer server.Close()
	store := new(freshet.MemoryStore)
	keeper := freshet.NewKeeper(freshet.Refresher{Store: store})
	ctx, leave := context.WithCancel(context.Background())
	if err := keeper.Create(ctx, "acme", registrationAt(server), server.Document()); err != nil {
		log.Fatal(err)
	}
	go keeper.Refresh(ctx, "acme", "")
	for server.Stats().Refreshes == 0 { // the refresh token is spent, and nobody has its successor yet
		time.Sleep(time.Millisecond)
	}
	leave()

	patient, cancel := context.WithTimeout(context.Background(), time.Minute) // an exchange takes freshet.ExchangeTimeout at most
	defer cancel()
	fmt.Println(keeper.Close(patient))
	saved, _ := store.Get(patient, "acme")
	fmt.Println("the successor is saved:", server.ValidRefresh(string(saved.Token.RefreshToken())))
	_, err := keeper.Token(patient, "acme")
	fmt.Println(err)
	// Output:
	// <nil>
	// the successor is saved: true
	// the keeper is closed
}

// A provider asks for a pause. What is saved says so to everybody: the same program started again, and all its replicas.
func ExampleHealth() {
	requests := 0
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests++
		w.Header().Set("Retry-After", "600")
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer provider.Close()
	store := new(freshet.MemoryStore) // a filestore.Store or a table, if the program is to end in between
	keeper := freshet.NewKeeper(freshet.Refresher{Store: store})
	ctx := context.Background()
	registration := freshet.Registration{Client: oauth.Client{ID: "app"}, Endpoints: oauth.Endpoints{Token: provider.URL}}
	expired := issued([]byte(`{"access_token":"…","refresh_token":"…","expires_in":3600}`), 2*time.Hour)
	if err := keeper.Create(ctx, "acme", registration, expired); err != nil {
		log.Fatal(err)
	}
	_, err := keeper.Token(ctx, "acme")
	fmt.Println("asked:", requests, "failed:", err != nil)
	keeper.Close(ctx)

	restarted := freshet.NewKeeper(freshet.Refresher{Store: store})
	defer restarted.Close(ctx)
	_, err = restarted.Token(ctx, "acme")
	var failed *freshet.RefreshError
	if errors.As(err, &failed) {
		fmt.Println("asked:", requests, "next attempt in", time.Until(failed.NextAttempt).Round(time.Minute))
	}
	saved, _ := store.Get(ctx, "acme")
	fmt.Println("as saved:", saved.Health.NextAttempt.Equal(failed.NextAttempt), saved.Health.LastFailure.Kind)
	// Output:
	// asked: 1 failed: true
	// asked: 1 next attempt in 10m0s
	// as saved: true temporary
}

// The Logger hears of each refresh, and of what nobody asked for. No secret is in it.
func ExampleRefresher_logger() {
	server := oauthtest.NewServer(oauthtest.Config{Rotate: true})
	defer server.Close()
	keeper := freshet.NewKeeper(freshet.Refresher{
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
	server.Revoke(string(token.RefreshToken())) // a customer ends the grant
	keeper.Refresh(ctx, "acme", "")
	keeper.Close(ctx) // and all is told
	// Output:
	// level=INFO msg="connection rotated" connection=acme event=rotated
	// level=ERROR msg="connection login_required" connection=acme event=login_required
}

// predictable leaves out what is another at each run.
var predictable = &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
	if slices.Contains([]string{"level", "msg", "connection", "event"}, a.Key) {
		return a
	}
	return slog.Attr{}
}}
