//go:build unix

package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/freshet-dev/freshet/oauthtest"
)

// If many processes need a token at the same time, the refresh token is presented once, and all get
// the result.

func TestRaceForAnExpiredToken(t *testing.T) {
	for _, latency := range []time.Duration{0, 100 * time.Millisecond} {
		t.Run("latency "+latency.String(), func(t *testing.T) {
			s := save(t, rotating(t, latency), 3*time.Hour)
			s.wantOneRefresh(s.race([]string{"token"}, []string{"refresh", "--if-stale"}))
		})
	}
}

func TestRaceForARejectedToken(t *testing.T) {
	s := save(t, rotating(t, 0), 0)
	s.server.Revoke(s.before.AccessToken)
	rejected := filepath.Join(s.home, "rejected")
	if err := os.WriteFile(rejected, []byte(s.before.AccessToken+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.wantOneRefresh(s.race([]string{"token", "--rejected", rejected}, []string{"token", "--rejected", rejected}))
}

func TestRaceThroughASymlink(t *testing.T) {
	s := save(t, rotating(t, 0), 3*time.Hour)
	link := *s
	link.path = filepath.Join(t.TempDir(), "link.json")
	if err := os.Symlink(s.path, link.path); err != nil {
		t.Fatal(err)
	}
	s.wantOneRefresh(raceThrough([]*savedToken{s, &link}, []string{"token"}, []string{"refresh", "--if-stale"}))
	if info, err := os.Lstat(link.path); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the symbolic link was replaced: %v, %v", info, err)
	}
}

// A forced refresh is made unless another process has completed one meanwhile. No spent token is
// presented.
func TestRaceOfForcedRefreshes(t *testing.T) {
	s := save(t, rotating(t, 20*time.Millisecond), 0)
	for _, got := range s.race([]string{"refresh"}) {
		wantExit(t, got, 0)
	}
	s.wantAlive()
}

// A token that lives for five seconds needs more than one refresh. No refresh token is presented
// twice.
func TestRaceForAShortLivedToken(t *testing.T) {
	const life = 5 * time.Second
	server := newServer(t, oauthtest.Config{Rotate: true, TTL: life})
	s := save(t, server, time.Minute)
	s.flags = append(s.flags, "--token-url", server.TokenEndpoint())
	first := time.Now()
	for wave := 0; server.Stats().Refreshes < unlessShort(3, 1); wave++ {
		began := time.Now()
		for _, got := range s.race([]string{"token", "--json"}, []string{"refresh", "--if-stale"}) {
			wantExit(t, got, 0)
			if got.stdout == "" {
				continue // refresh
			}
			var token struct {
				AccessToken string    `json:"access_token"`
				ExpiresAt   time.Time `json:"expires_at"`
			}
			if err := json.Unmarshal([]byte(got.stdout), &token); err != nil {
				t.Fatal(err)
			}
			if !token.ExpiresAt.After(began) {
				t.Errorf("a token was printed that had expired at %s, before the command started at %s",
					token.ExpiresAt, began)
			}
			works := server.ValidAccess(token.AccessToken)
			if !works && time.Since(first) < life {
				t.Error("a token was printed that is not valid, and none has had time to expire")
			}
		}
		s.wantAlive()
	}
	t.Logf("%d refreshes in %s", server.Stats().Refreshes, time.Since(first).Round(time.Second))
}

// race runs every command in many processes at the same time, and waits for all of them.
func (s *savedToken) race(commands ...[]string) []result {
	s.t.Helper()
	return raceThrough([]*savedToken{s}, commands...)
}

// raceThrough is like race, with several paths of one token.
func raceThrough(paths []*savedToken, commands ...[]string) []result {
	t := paths[0].t
	t.Helper()
	var (
		start   = make(chan struct{})
		results = make(chan result)
		runners sync.WaitGroup
	)
	for i := range unlessShort(50, 8) {
		s := paths[i%len(paths)]
		for _, args := range commands {
			cmd := s.command(args...)
			runners.Go(func() {
				<-start
				results <- capture(t, cmd)
			})
		}
	}
	close(start)
	go func() { runners.Wait(); close(results) }()
	var all []result
	for got := range results {
		all = append(all, got)
	}
	return all
}

// wantOneRefresh checks that all processes succeeded, with one refresh.
func (s *savedToken) wantOneRefresh(all []result) {
	s.t.Helper()
	tokens := 0
	for _, got := range all {
		wantExit(s.t, got, 0)
		if got.stdout != "" {
			tokens++
			s.wantWorking(got)
		}
	}
	if tokens < len(all)/2 {
		s.t.Errorf("%d of %d processes printed a token, want at least half", tokens, len(all))
	}
	s.wantStats("requests", s.server.Stats().Requests, 1)
	s.wantAlive()
	s.wantClean()
}
