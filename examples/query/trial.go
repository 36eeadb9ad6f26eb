package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"text/tabwriter"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauthtest"
)

const (
	soql            = "SELECT Id, Name FROM Account LIMIT 5"
	queriesPerToken = 10
)

// trial is a program that queries an API, and what is done to it meanwhile.
type trial struct {
	server *oauthtest.Server
	keeper *freshet.Keeper
	other  *freshet.Keeper // in real life, of another process
	client *http.Client    // adds the access token, and gets another when it is refused
	file   string
	log    *slog.Logger

	queries, answers int
}

// run queries for as long as so many access tokens live. In each lifetime something happens. The error is not a query's.
func (t *trial) run(ctx context.Context, ttl time.Duration, lifetimes int) error {
	happenings := []func(context.Context) error{t.nothing, t.rotate, t.revoke}
	for i := range lifetimes {
		for n := range queriesPerToken {
			if n == queriesPerToken/2 {
				if err := happenings[i%len(happenings)](ctx); err != nil {
					return err
				}
			}
			t.query(ctx)
			time.Sleep(ttl / queriesPerToken)
		}
	}
	return nil
}

// nothing happens but that the token expires: Salesforce never says when.
func (t *trial) nothing(context.Context) error { return nil }

// rotate lets another program refresh. Our refresh token is spent by it, and our access token ends.
func (t *trial) rotate(ctx context.Context) error {
	t.log.Info("another program refreshes")
	_, err := t.other.Refresh(ctx, t.file, "")
	return err
}

// revoke ends the access token, as an administrator does who closes a session.
func (t *trial) revoke(ctx context.Context) error {
	t.log.Info("somebody revokes the access token")
	token, err := t.keeper.Token(ctx, t.file)
	t.server.Revoke(token.AccessToken())
	return err
}

func (t *trial) query(ctx context.Context) {
	t.queries++
	records, err := t.ask(ctx, soql)
	if err != nil {
		t.log.Error("a query failed", "error", err)
		return
	}
	t.answers++
	t.log.Info("a query was answered", "records", records)
}

// ask is all that a program does that uses freshet. The address is relative: the token knows where its API is.
func (t *trial) ask(ctx context.Context, soql string) (records int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "/services/data/v67.0/query?q="+url.QueryEscape(soql), nil)
	if err != nil {
		return 0, err
	}
	response, err := t.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("the API says %s", response.Status)
	}
	var answer struct{ Records []json.RawMessage }
	err = json.NewDecoder(response.Body).Decode(&answer)
	return len(answer.Records), err
}

// print says how often what happened.
func (t *trial) print(out io.Writer) error {
	stats := t.server.Stats()
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range []struct {
		what  string
		times int
	}{
		{"queries", t.queries},
		{"answers", t.answers},
		{"access tokens refused", stats.ResourceRefused},
		{"refreshes", stats.Refreshes},
		{"refresh tokens used twice", stats.Reuses},
	} {
		fmt.Fprintf(w, "%s\t%d\n", row.what, row.times)
	}
	return w.Flush()
}

// verdict is nil if all is well.
func (t *trial) verdict() error {
	switch stats := t.server.Stats(); {
	case t.answers < t.queries:
		return fmt.Errorf("%d of %d queries failed", t.queries-t.answers, t.queries)
	case stats.Reuses > 0:
		return fmt.Errorf("%d refresh tokens were used twice", stats.Reuses)
	}
	return nil
}
