// Query calls an API for several lifetimes of its access tokens, while these are rotated by another program, revoked, and refused
// when nobody had said that they would expire. It starts a test server of its own, says what happens, and prints at the end how
// often what happened. It fails if a query did, or if a refresh token was presented twice.
//
//	go run ./examples/query
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

func main() {
	ttl := flag.Duration("ttl", 2*time.Second, "`life` of an access token")
	lifetimes := flag.Int("lifetimes", 6, "how `many` of them to go on for")
	flag.Parse()
	if err := run(*ttl, *lifetimes); err != nil {
		fmt.Fprintln(os.Stderr, "query:", err)
		os.Exit(1)
	}
}

func run(ttl time.Duration, lifetimes int) (err error) {
	server := oauthtest.NewServer(serverConfig(ttl))
	defer server.Close()

	dir, err := os.MkdirTemp("", "freshet-query-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "salesforce.json")
	if err := os.WriteFile(file, server.Document(), 0o600); err != nil {
		return err
	}

	ctx := context.Background()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	keeper := freshet.NewKeeper(refresher(server, log.With("program", "this one")))
	defer func() { err = errors.Join(err, keeper.Close(ctx)) }()
	other := freshet.NewKeeper(refresher(server, log.With("program", "another")))
	defer func() { err = errors.Join(err, other.Close(ctx)) }()

	t := trial{server: server, keeper: keeper, other: other, client: keeper.Client(file), file: file, log: log}
	if err := t.run(ctx, ttl, lifetimes); err != nil {
		return err
	}
	if err := t.print(os.Stdout); err != nil {
		return err
	}
	return t.verdict()
}

// serverConfig is Salesforce at its strictest, and a provider beside whose access token there is no other.
func serverConfig(ttl time.Duration) oauthtest.Config {
	return oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true, OneAccessToken: true, TTL: ttl}
}

// refresher is what each of two programs has that share a token file, and nothing else. Without a StateDir the store does not remember
// when it refreshed: with one, tokens that live for two seconds would be refused more often than once in a minute, which is how often a
// refusal makes another refresh ([freshet.Source.Refresh]).
func refresher(server *oauthtest.Server, log *slog.Logger) freshet.Refresher {
	return freshet.Refresher{
		Store:  &filestore.Store{Defaults: freshet.Registration{Client: oauth.Client{ID: server.ClientID()}}},
		Logger: log,
	}
}
