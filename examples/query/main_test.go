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

// newTrial is the program without a network, so that its clock can be a fake one.
func newTrial(t *testing.T, ttl time.Duration) *trial {
	t.Helper()
	server := oauthtest.NewHandler(serverConfig(ttl), "http://127.0.0.1:1")
	file := filepath.Join(t.TempDir(), "salesforce.json")
	if err := os.WriteFile(file, server.Document(), 0o600); err != nil {
		t.Fatal(err)
	}
	keeper := func() *freshet.Keeper {
		r := refresher(server, slog.New(slog.DiscardHandler))
		r.HTTP = &http.Client{Transport: server.Transport()}
		return freshet.NewKeeper(r)
	}
	out := &trial{server: server, keeper: keeper(), other: keeper(), file: file, log: slog.New(slog.DiscardHandler)}
	out.client = &http.Client{Transport: &freshet.Transport{Source: out.keeper.Source(file), Base: server.Transport()}}
	return out
}

func TestQueriesGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		trial := newTrial(t, time.Minute)
		if err := errors.Join(trial.run(t.Context(), time.Minute, 6), trial.verdict()); err != nil {
			t.Error(err)
		}
		stats := trial.server.Stats()
		if trial.queries != 60 || stats.ResourceRequests != 60 {
			t.Errorf("%d queries, %d answered, want 60", trial.queries, stats.ResourceRequests)
		}
		// Twice another program refreshed, twice the token was revoked, and twice at least it had expired.
		if stats.Refreshes < 6 || stats.Requests != stats.Refreshes || stats.ResourceRefused < 6 {
			t.Errorf("%+v", stats)
		}
		var table strings.Builder
		if err := trial.print(&table); err != nil || !strings.Contains(table.String(), "answers                    60\n") {
			t.Errorf("%v:\n%s", err, table.String())
		}
		synctest.Wait()
	})
}

func TestVerdict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		trial := newTrial(t, time.Minute)
		stale, err := os.ReadFile(trial.file)
		if err != nil {
			t.Fatal(err)
		}
		if err := trial.run(t.Context(), time.Minute, 2); err != nil {
			t.Fatal(err)
		}
		// Somebody puts a backup back, whose refresh token is spent.
		if err := os.WriteFile(trial.file, stale, 0o600); err != nil {
			t.Fatal(err)
		}
		trial.server.Revoke(tokenOf(t, trial))
		if err := trial.run(t.Context(), time.Minute, 1); err != nil {
			t.Fatal(err)
		}
		if err := trial.verdict(); err == nil || trial.server.Stats().Reuses == 0 {
			t.Errorf("verdict %v with %+v", err, trial.server.Stats())
		}
	})
}

func tokenOf(t *testing.T, trial *trial) string {
	t.Helper()
	token, err := trial.keeper.Token(t.Context(), trial.file)
	if err != nil {
		t.Fatal(err)
	}
	return token.AccessToken()
}
