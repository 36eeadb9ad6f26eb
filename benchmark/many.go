package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/benchmark/endpoint"
	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/oauth"
)

const (
	refreshed   = 1_000  // connections of refresh --all
	listed      = 10_000 // connections of status
	secretInEnv = "BENCHMARK_CLIENT_SECRET"
	manyRuns    = 5
)

// createMany creates connections in a state directory: the first with the store, and the others as
// copies of its document, because the syncs of the store would take a minute.
func createMany(dir, tokenURL string, n int) error {
	store := &filestore.Store{StateDir: dir}
	token, err := freshet.ParseToken([]byte(endpoint.Response(0)))
	if err != nil {
		return err
	}
	name := func(i int) string { return fmt.Sprintf("customer-%d", i) }
	c := freshet.Connection{Name: name(0), Token: token, Registration: freshet.Registration{
		Provider: "salesforce", Client: oauth.Client{ID: endpoint.ClientID}, SecretFrom: "env:" + secretInEnv,
		Endpoints: oauth.Endpoints{Token: tokenURL},
	}}
	if err := store.Create(context.Background(), c); err != nil {
		return err
	}
	connections := filepath.Join(dir, "connections")
	document, err := os.ReadFile(filepath.Join(connections, c.Name+".json"))
	if err != nil {
		return err
	}
	for i := 1; i < n; i++ {
		first := fmt.Sprintf("%09d", i*1_000) // of its tokens: each refresh takes the next number
		other := strings.NewReplacer(`"`+name(0)+`"`, `"`+name(i)+`"`, "000000000", first)
		path := filepath.Join(connections, name(i)+".json")
		if err := os.WriteFile(path, []byte(other.Replace(string(document))), 0o600); err != nil {
			return err
		}
	}
	return os.RemoveAll(filepath.Join(dir, "index")) // it is built again, of all of them
}

// measureMany refreshes many connections with one command, and with the library in one process; and
// lists many. Each takes a second: so there are few runs.
func (p programs) measureMany(dir string) (refresh []cost, status cost, err error) {
	err = endpoint.With(func(e *endpoint.Endpoint) error {
		environment := []string{secretInEnv + "=" + endpoint.ClientSecret}
		home := func(name string) []string {
			return append(environment, "FRESHET_HOME="+filepath.Join(dir, name))
		}
		for name, n := range map[string]int{"library": refreshed, "command": refreshed, "list": listed} {
			if err := createMany(filepath.Join(dir, name), e.URL+"?after="+latency.String(), n); err != nil {
				return err
			}
		}
		refresh, err = p.alternate(manyRuns,
			command{[]string{p.inProcess, "all"}, home("library")},
			command{[]string{p.freshet, "refresh", "--all", "-q"}, home("command")},
		)
		if err != nil {
			return err
		}
		if got, err := e.Refreshes(); err != nil || got != 2*refreshed*(manyRuns+warmUps) {
			return fmt.Errorf("the endpoint got %d refreshes: %w", got, err)
		}
		list, err := p.alternate(manyRuns, command{[]string{p.freshet, "status"}, home("list")})
		if err == nil {
			status = list[0]
		}
		return err
	})
	return refresh, status, err
}
