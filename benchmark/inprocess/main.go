// Command inprocess refreshes tokens with freshet's packages, without the child process of the command
// line: one file, or all connections, eight at a time.
//
//	inprocess FILE CLIENT-ID [TIMES]
//	inprocess all
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/oauth"
)

func main() {
	refresh := refreshOne
	if os.Args[1] == "all" {
		refresh = refreshAll
	}
	if err := refresh(); err != nil {
		fmt.Fprintln(os.Stderr, "inprocess:", err)
		os.Exit(1)
	}
}

func refreshOne() error {
	defaults := freshet.Registration{Client: oauth.Client{ID: os.Args[2]}}
	store := &filestore.Store{Defaults: defaults, StateDir: filestore.DefaultStateDir()}
	refresher := &freshet.Refresher{Store: store}
	times := 1
	if len(os.Args) > 3 {
		times, _ = strconv.Atoi(os.Args[3])
	}
	for range times {
		if _, err := refresher.Token(context.Background(), os.Args[1], freshet.Options{Forced: true}); err != nil {
			return err
		}
	}
	return nil
}

func refreshAll() error {
	ctx := context.Background()
	store := &filestore.Store{StateDir: filestore.DefaultStateDir()}
	secrets := func(_ context.Context, from string) (oauth.Secret, error) {
		return oauth.Secret(os.Getenv(strings.TrimPrefix(from, "env:"))), nil
	}
	keeper := freshet.NewKeeper(freshet.Config{Store: store, Secrets: secrets})
	connections, err := store.List(ctx)
	names, failed := make(chan string), make(chan error, len(connections)+2)
	failed <- err
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for name := range names {
				if _, err := keeper.Refresh(ctx, name, ""); err != nil {
					failed <- err
				}
			}
		})
	}
	for _, c := range connections {
		names <- c.Name
	}
	close(names)
	workers.Wait()
	failed <- keeper.Close(ctx)
	close(failed)
	for err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}
