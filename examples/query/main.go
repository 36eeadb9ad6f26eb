// Query calls an API while its access tokens expire, are revoked, and are replaced by another program. It starts
// its own test server, logs what happens, and prints counts at the end. It fails if a query failed, or if a
// refresh token was presented twice.
//
//	go run ./examples/query
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

func main() {
	ttl := flag.Duration("ttl", 2*time.Second, "`lifetime` of an access token")
	lifetimes := flag.Int("lifetimes", 6, "how `many` lifetimes to run")
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
	keeper := freshet.NewKeeper(newConfig(server, log.With("program", "this one")))
	defer func() { err = errors.Join(err, keeper.Close(ctx)) }()
	other := freshet.NewKeeper(newConfig(server, log.With("program", "the other one")))
	defer func() { err = errors.Join(err, other.Close(ctx)) }()

	p := program{server: server, keeper: keeper, other: other, client: keeper.Client(file), file: file, log: log}
	if err := p.run(ctx, ttl, lifetimes); err != nil {
		return err
	}
	return errors.Join(p.printCounts(os.Stdout), p.check())
}

// serverConfig is a strict Salesforce, with a single valid access token at a time.
func serverConfig(ttl time.Duration) oauthtest.Config {
	return oauthtest.Config{Provider: oauthtest.Salesforce, Rotate: true, OneAccessToken: true, TTL: ttl}
}

// newConfig returns the configuration of one of two programs that share only the token file. Without a StateDir
// the store does not know when it refreshed last. Otherwise the tokens here, which live two seconds, would be
// refused more than once a minute, and no more than one refusal a minute leads to a refresh (see
// [freshet.Source.Refresh]).
func newConfig(server *oauthtest.Server, log *slog.Logger) freshet.Config {
	return freshet.Config{
		Store:  &filestore.Store{Defaults: freshet.Registration{Client: oauth.Client{ID: server.ClientID()}}},
		Logger: log,
	}
}

// program queries an API. It also plays the other program and the administrator.
type program struct {
	server *oauthtest.Server
	keeper *freshet.Keeper
	other  *freshet.Keeper // in real life in another process
	client *http.Client    // adds the access token, and gets another one if it is refused
	file   string
	log    *slog.Logger

	queries, answers int
}

const queriesPerLifetime = 10

// run queries for a number of lifetimes of an access token. In the middle of each, the token expires only, is
// replaced, or is revoked. An error of a query is counted, not returned.
func (p *program) run(ctx context.Context, ttl time.Duration, lifetimes int) error {
	disturbances := []func(context.Context) error{nil, p.refreshElsewhere, p.revoke}
	for i := range lifetimes {
		disturb := disturbances[i%len(disturbances)]
		for n := range queriesPerLifetime {
			if n == queriesPerLifetime/2 && disturb != nil {
				if err := disturb(ctx); err != nil {
					return err
				}
			}
			p.countQuery(ctx)
			time.Sleep(ttl / queriesPerLifetime)
		}
	}
	return nil
}

// refreshElsewhere lets the other program refresh. Our refresh token is spent then, and our access token ends.
func (p *program) refreshElsewhere(ctx context.Context) error {
	p.log.Info("the other program refreshes")
	_, err := p.other.Refresh(ctx, p.file, "")
	return err
}

// revoke ends the access token, as an administrator does who closes a session.
func (p *program) revoke(ctx context.Context) error {
	p.log.Info("an administrator revokes the access token")
	token, err := p.keeper.Token(ctx, p.file)
	p.server.Revoke(token.AccessToken())
	return err
}

func (p *program) countQuery(ctx context.Context) {
	p.queries++
	records, err := p.query(ctx)
	if err != nil {
		p.log.Error("a query failed", "error", err)
		return
	}
	p.answers++
	p.log.Info("a query was answered", "records", records)
}

// query is all that a program with freshet has to do. The URL is relative: the token has the address of its API.
func (p *program) query(ctx context.Context) (records int, err error) {
	const target = "/services/data/v67.0/query?q=SELECT+Name+FROM+Account"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return 0, err
	}
	response, err := p.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("the API replied %s", response.Status)
	}
	var result struct{ Records []json.RawMessage }
	err = json.NewDecoder(response.Body).Decode(&result)
	return len(result.Records), err
}

func (p *program) printCounts(out io.Writer) error {
	stats := p.server.Stats()
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range []struct {
		what  string
		count int
	}{
		{"queries", p.queries},
		{"answers", p.answers},
		{"access tokens refused", stats.ResourceRefused},
		{"refreshes", stats.Refreshes},
		{"refresh tokens used twice", stats.Reuses},
	} {
		fmt.Fprintf(w, "%s\t%d\n", row.what, row.count)
	}
	return w.Flush()
}

// check returns an error if a query failed or a refresh token was presented twice.
func (p *program) check() error {
	switch stats := p.server.Stats(); {
	case p.answers < p.queries:
		return fmt.Errorf("%d of %d queries failed", p.queries-p.answers, p.queries)
	case stats.Reuses > 0:
		return fmt.Errorf("%d refresh tokens were used twice", stats.Reuses)
	}
	return nil
}
