package freshet_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// A test of a program that uses freshet, with a server that fails and a store in memory.
func ExampleMemoryStore() {
	server := oauthtest.NewServer(oauthtest.Config{Rotate: true, Faults: []oauthtest.Fault{{Name: "503", Count: 1}}})
	defer server.Close()
	keeper := freshet.NewKeeper(freshet.Config{Store: new(freshet.MemoryStore)})
	ctx := context.Background()
	defer keeper.Close(ctx)
	if err := keeper.Create(ctx, "acme", registrationAt(server), server.Document()); err != nil {
		log.Fatal(err)
	}

	_, err := keeper.Refresh(ctx, "acme", "") // waits for the second that the server asks for
	fmt.Println(err, server.Stats().Refreshes)
	// Output: <nil> 1
}

// A provider asks for a pause. The store saves that, so that a restarted program and all replicas
// wait, too.
func ExampleHealth() {
	requests := 0
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests++
		w.Header().Set("Retry-After", "600")
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer provider.Close()
	store := new(freshet.MemoryStore) // a filestore.Store or a table, if the program is to end in between
	keeper := freshet.NewKeeper(freshet.Config{Store: store})
	ctx := context.Background()
	registration := freshet.Registration{Client: oauth.Client{ID: "app"}, Endpoints: oauth.Endpoints{Token: provider.URL}}
	expired := issued([]byte(`{"access_token":"...","refresh_token":"...","expires_in":3600}`), 2*time.Hour)
	if err := keeper.Create(ctx, "acme", registration, expired); err != nil {
		log.Fatal(err)
	}
	_, err := keeper.Token(ctx, "acme")
	fmt.Println("asked:", requests, "failed:", err != nil)
	keeper.Close(ctx)

	restarted := freshet.NewKeeper(freshet.Config{Store: store})
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
