package freshet_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauthtest"
)

// A token that an API rejects within a minute of its refresh is replaced if an API accepted it
// before, and not if that was in vain. An event says when it is not, and until when.
func TestRejectionSoonAfterARefresh(t *testing.T) {
	const path = "https://api.example.com/"
	for name, test := range map[string]struct {
		same      bool     // each refresh delivers the same access token
		steps     []string // "/path status" is a request; /never rejects every token
		refreshes int
		events    []time.Duration // from the beginning to NextAttempt
	}{
		"never accepted": {
			steps:     []string{"refresh", "revoke", "/ 401", "/ 401", "/ 401"},
			refreshes: 1, events: []time.Duration{time.Minute},
		},
		"never accepted, a minute ago": {
			steps:     []string{"refresh", "revoke", "/ 401", "1m", "/ 200"},
			refreshes: 2, events: []time.Duration{time.Minute},
		},
		"accepted before": {
			steps:     []string{"refresh", "/ 200", "revoke", "/ 200", "revoke", "/ 200"},
			refreshes: 3,
		},
		"accepted before, as a failure of another kind shows not": {
			steps:     []string{"refresh", "/broken 500", "revoke", "/ 401"},
			refreshes: 1, events: []time.Duration{time.Minute},
		},
		"one address rejects every token": {
			steps:     []string{"refresh", "/ 200", "/never 401", "/ 200", "/never 401", "/ 200", "/never 401"},
			refreshes: 2, events: []time.Duration{time.Minute},
		},
		"and another token is revoked a minute later": {
			steps:     []string{"refresh", "/ 200", "/never 401", "1m", "refresh", "/ 200", "revoke", "/ 200"},
			refreshes: 4,
		},
		"the provider delivers the same token": {
			same:      true,
			steps:     []string{"refresh", "/ 200", "/never 401", "/never 401", "/ 200", "/never 401"},
			refreshes: 2, events: []time.Duration{time.Minute},
		},
		"two tokens are never accepted": {
			steps:     []string{"refresh", "/never 401", "1m", "/never 401", "10s", "/never 401"},
			refreshes: 2, events: []time.Duration{time.Minute, 2 * time.Minute},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour, SameAccessToken: test.same})
				api := roundTrip(func(req *http.Request) (*http.Response, error) {
					token, _ := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer ")
					status := http.StatusUnauthorized
					switch {
					case req.URL.Path == "/broken":
						status = http.StatusInternalServerError
					case req.URL.Path != "/never" && w.server.ValidAccess(token):
						status = http.StatusOK
					}
					return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(""))}, nil
				})
				began := time.Now()
				var events []time.Duration
				w.onEvent = func(e freshet.Event) {
					if e.Kind == freshet.EventRejected {
						events = append(events, e.NextAttempt.Sub(began))
					}
				}
				keeper := freshet.NewKeeper(w.config())
				transport := &freshet.Transport{
					Source: keeper.Source(acme), Hosts: []string{"api.example.com"}, Base: api,
				}
				for _, step := range test.steps {
					address, status, isRequest := strings.Cut(step, " ")
					pause, err := time.ParseDuration(step)
					switch {
					case isRequest:
						res, err := transport.RoundTrip(request(t, http.MethodGet, path+address[1:], nil))
						if err != nil {
							t.Fatal(err)
						}
						if fmt.Sprint(res.StatusCode) != status {
							t.Errorf("%s: status %d", step, res.StatusCode)
						}
					case err == nil:
						time.Sleep(pause)
					case step == "refresh":
						if _, err := keeper.Refresh(t.Context(), acme, ""); err != nil {
							t.Fatal(err)
						}
					case step == "revoke":
						w.server.Revoke(w.connection(t).Token.AccessToken())
					}
				}
				if err := keeper.Close(context.Background()); err != nil {
					t.Error(err)
				}
				if n := w.server.Stats().Refreshes; n != test.refreshes {
					t.Errorf("%d refreshes, want %d", n, test.refreshes)
				}
				if !slices.Equal(events, test.events) {
					t.Errorf("events until %v, want %v", events, test.events)
				}
			})
		})
	}
}
