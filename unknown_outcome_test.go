package freshet_test

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// The reply to a refresh was lost. While the saved access token is usable, another refresh is made
// only for a caller who insists on it.
func TestRefreshAfterAnUnknownOutcome(t *testing.T) {
	for name, test := range map[string]struct {
		after   time.Duration // since the token was issued, which lasts an hour
		options freshet.Options
		sent    bool
		token   bool // the saved token is returned
	}{
		"any token":                      {after: 50 * time.Minute, token: true},
		"a refresh":                      {after: 50 * time.Minute, options: freshet.Options{Forced: true}},
		"a refresh of a fresh token":     {after: time.Minute, options: freshet.Options{Forced: true}},
		"a dry run":                      {after: 50 * time.Minute, options: freshet.Options{Forced: true, DryRun: true}},
		"a refresh in any case":          {after: 50 * time.Minute, options: freshet.Options{Forced: true, Insist: true}, sent: true},
		"a refresh of an expired token":  {after: 2 * time.Hour, options: freshet.Options{Forced: true}, sent: true},
		"a token, and it has expired":    {after: 2 * time.Hour, sent: true},
		"a token that lasts longer":      {after: 50 * time.Minute, options: freshet.Options{MinTTL: 20 * time.Minute}, sent: true},
		"a token that lasts long enough": {after: 50 * time.Minute, options: freshet.Options{MinTTL: time.Minute}, token: true},
		"another token":                  {after: 50 * time.Minute, options: freshet.Options{Rejected: "the saved one"}, sent: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, oauthtest.Config{TTL: time.Hour, Faults: []oauthtest.Fault{{Name: "lost", Count: 1}}})
				began := time.Now()
				_, err := w.Token(t.Context(), acme, freshet.Options{Forced: true})
				w.wantUntil(t, err, began.Add(time.Hour))
				time.Sleep(test.after)
				if test.options.Rejected != "" {
					test.options.Rejected = oauth.Secret(w.first.AccessToken())
				}
				result, err := w.Token(t.Context(), acme, test.options)
				sent := 1
				if test.sent {
					sent = 2
				}
				w.wantRequests(t, sent)
				switch {
				case test.sent || test.token:
					if err != nil || (result.Warning == nil) != test.sent {
						t.Errorf("%v, warning %v", err, result.Warning)
					}
				default:
					w.wantUntil(t, err, began.Add(time.Hour))
				}
			})
		})
	}
}

// wantUntil checks an error of an unknown outcome, whose remedy names the expiry of the saved token.
func (w *world) wantUntil(t *testing.T, err error, expiry time.Time) {
	t.Helper()
	failed := refreshError(t, err)
	if !failed.NextAttempt.Equal(expiry) {
		t.Errorf("the next attempt is at %v, want the expiry", failed.NextAttempt)
	}
	until := "the saved access token is used until " + expiry.Local().Format(time.DateTime) + "; then one more attempt "
	if failed.Kind != oauth.Unknown || !strings.HasPrefix(failed.Remedy.String(), until) ||
		!strings.HasSuffix(string(failed.Remedy), "to make it now, {force}") {
		t.Errorf("%s: %v → %s, want %s", failed.Kind, failed, failed.Remedy, until)
	}
}

// A caller that waited for a refresh which failed gets its error, and sends nothing at once.
func TestFailureWhileWaitingForTheLock(t *testing.T) {
	for fault, kind := range map[string]oauth.Kind{
		"lost": oauth.Unknown, "500": oauth.Unknown, "grant=revoked": oauth.LoginRequired,
	} {
		for name, options := range map[string]freshet.Options{
			"a token": {}, "a refresh": {Forced: true}, "a refresh in any case": {Forced: true, Insist: true},
		} {
			t.Run(fault+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, oauthtest.Config{
						TTL: time.Hour, Latency: time.Second, Faults: []oauthtest.Fault{{Name: fault, Count: 1}},
					})
					time.Sleep(2 * time.Hour) // so that no saved token is returned
					var callers sync.WaitGroup
					for range 5 {
						callers.Go(func() {
							_, err := w.Token(t.Context(), acme, options)
							if failed := refreshError(t, err); failed.Kind != kind {
								t.Errorf("%s: %v, want %s", failed.Kind, failed, kind)
							}
						})
					}
					callers.Wait()
					w.wantRequests(t, 1)
					time.Sleep(time.Minute)
					_, err := w.Token(t.Context(), acme, options)
					if sent := kind == oauth.Unknown || options.Insist; (err == nil) != sent {
						t.Errorf("later: %v", err)
					}
				})
			})
		}
	}
}
