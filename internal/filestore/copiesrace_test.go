package filestore_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/filestore"
	"github.com/freshet-dev/freshet/oauthtest"
)

// Several connections and files have one token and are refreshed at the same time. One sends it.
// The errors of the others name it.
func TestCopiesRefreshedConcurrently(t *testing.T) {
	const copies, rounds = 4, 5
	for _, latency := range []time.Duration{0, 20 * time.Millisecond} {
		t.Run(latency.String(), func(t *testing.T) {
			r := newRotating(t, oauthtest.Config{Latency: latency})
			for round := range rounds {
				document := r.server.Document()
				var names []string
				for i := range copies {
					name := fmt.Sprintf("c%d-%d", round, i)
					if i%2 == 0 {
						r.connection(name, document)
					} else {
						name = r.file(name+".json", document)
					}
					names = append(names, name)
				}
				errs := make([]error, copies)
				var refreshing sync.WaitGroup
				for i, name := range names {
					refreshing.Go(func() {
						// Another Store, as in another process.
						own := freshet.Refresher{Store: &filestore.Store{
							StateDir: r.store.StateDir, Defaults: r.store.Defaults,
						}, HTTP: r.HTTP}
						_, errs[i] = own.Token(t.Context(), name, freshet.Options{Forced: true})
					})
				}
				refreshing.Wait()
				sent := 0
				for i, err := range errs {
					var failed *freshet.RefreshError
					switch {
					case err == nil:
						sent++
					case !errors.As(err, &failed) || failed.Code != freshet.CodeCopied:
						t.Errorf("%s: %v", names[i], err)
					}
				}
				if sent != 1 {
					t.Errorf("round %d: %d were refreshed, want 1: %v", round, sent, errs)
				}
			}
			if stats := r.server.Stats(); stats.Reuses != 0 || stats.Requests != rounds {
				t.Errorf("%d reuses, %d requests, want %d", stats.Reuses, stats.Requests, rounds)
			}
		})
	}
}

// A keeper has two connections with one token. It sends the token for one, and reports once that
// the other needs a login.
func TestKeeperWithCopies(t *testing.T) {
	r := newRotating(t, oauthtest.Config{TTL: time.Second})
	document := r.server.Document()
	r.connection("a", document)
	r.connection("b", document)
	config := r.config()
	events := make(chan freshet.Event, 1000)
	config.OnEvent = func(e freshet.Event) { events <- e }
	keeper := freshet.NewKeeper(config)
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error)
	go func() { ran <- keeper.Run(ctx) }()
	loggedOut, rotated := "", 0
	for rotated < 4 || loggedOut == "" {
		select {
		case e := <-events:
			switch {
			case e.Kind == freshet.EventRotated && e.Name != loggedOut:
				rotated++
			case e.Kind == freshet.EventLoginRequired && loggedOut == "":
				loggedOut = e.Name
			default:
				t.Errorf("event %s of %s: %v", e.Kind, e.Name, e.Err)
			}
		case <-time.After(time.Minute):
			t.Fatal("the keeper stopped")
		}
	}
	cancel()
	if err := <-ran; err != nil {
		t.Error(err)
	}
	must(t, keeper.Close(t.Context()))
	if stats := r.server.Stats(); stats.Reuses != 0 {
		t.Errorf("%d reuses", stats.Reuses)
	}
}
