package main

import (
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauthtest"
)

// newProgram returns the program without a network, for a fake clock.
func newProgram(t *testing.T, ttl time.Duration) *program {
	t.Helper()
	server := oauthtest.NewHandler(serverConfig(ttl), "http://127.0.0.1:1")
	file := filepath.Join(t.TempDir(), "salesforce.json")
	if err := os.WriteFile(file, server.Document(), 0o600); err != nil {
		t.Fatal(err)
	}
	keeper := func() *freshet.Keeper {
		config := newConfig(server, slog.New(slog.DiscardHandler))
		config.HTTP = &http.Client{Transport: server.Transport()}
		return freshet.NewKeeper(config)
	}
	p := &program{server: server, keeper: keeper(), other: keeper(), file: file, log: slog.New(slog.DiscardHandler)}
	p.client = &http.Client{Transport: &freshet.Transport{Source: p.keeper.Source(file), Base: server.Transport()}}
	return p
}

func TestAllQueriesAreAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProgram(t, time.Minute)
		if err := errors.Join(p.run(t.Context(), time.Minute, 6), p.check()); err != nil {
			t.Error(err)
		}
		stats := p.server.Stats()
		if p.queries != 60 || stats.ResourceRequests != 60 {
			t.Errorf("%d queries, %d answered, want 60", p.queries, stats.ResourceRequests)
		}
		// The other program refreshed twice, the token was revoked twice, and it expired at least twice.
		if stats.Refreshes < 6 || stats.Requests != stats.Refreshes || stats.ResourceRefused < 6 {
			t.Errorf("%+v", stats)
		}
		var table strings.Builder
		err := p.printCounts(&table)
		if err != nil || !strings.Contains(table.String(), "answers                    60\n") {
			t.Errorf("%v:\n%s", err, table.String())
		}
		synctest.Wait()
	})
}

func TestReuseFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProgram(t, time.Minute)
		backup, err := os.ReadFile(p.file)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.run(t.Context(), time.Minute, 2); err != nil {
			t.Fatal(err)
		}
		// The refresh token of the backup is spent.
		if err := os.WriteFile(p.file, backup, 0o600); err != nil {
			t.Fatal(err)
		}
		p.server.Revoke(accessToken(t, p))
		if err := p.run(t.Context(), time.Minute, 1); err != nil {
			t.Fatal(err)
		}
		if err := p.check(); err == nil || p.server.Stats().Reuses == 0 {
			t.Errorf("error %v with %+v", err, p.server.Stats())
		}
	})
}

func accessToken(t *testing.T, p *program) string {
	t.Helper()
	token, err := p.keeper.Token(t.Context(), p.file)
	if err != nil {
		t.Fatal(err)
	}
	return token.AccessToken()
}
