package freshet_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauthtest"
)

const (
	timeout     = "refresh_token_timeout"
	grantEnd    = "authorization_expires_in"
	day         = 24 * time.Hour
	grantLife   = 10 * day
	unusedLimit = 7 * day
)

// The example of draft-ietf-oauth-refresh-token-expiration: a refresh token must be used within 7 days,
// and the user granted access for 10. A server that does not rotate states both only at the login.
func TestForecastOfAGrantThatEnds(t *testing.T) {
	for _, rotate := range []bool{true, false} {
		t.Run(fmt.Sprintf("rotate=%t", rotate), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				w := newWorld(t, oauthtest.Config{
					Rotate: rotate, IdleLimit: unusedLimit, GrantTTL: grantLife, Latency: 3 * time.Second,
				})
				for _, step := range []struct {
					at, wantExpiry time.Duration // after the login
					wantFrom       freshet.ExpirySource
				}{
					{0, 7 * day, timeout},
					{2 * day, 9 * day, timeout},
					{7 * day, 10 * day, grantEnd},
					{10*day - time.Second, 10 * day, grantEnd},
				} {
					time.Sleep(time.Until(began.Add(step.at)))
					if step.at > 0 {
						if _, err := w.Refresh(t.Context(), acme, freshet.Options{Forced: true}); err != nil {
							t.Fatal(err)
						}
					}
					c, now := w.connection(t), time.Now()
					at, from := c.RefreshExpiry(now)
					if got := at.Sub(began); got != step.wantExpiry || from != step.wantFrom {
						t.Errorf("after %v: expires after %v (%s), want %v (%s)", step.at, got, from, step.wantExpiry, step.wantFrom)
					}
					if got := c.GrantExpiry(now).Sub(began); got != grantLife {
						t.Errorf("after %v: the grant ends after %v", step.at, got)
					}
				}
				_, err := w.Refresh(t.Context(), acme, freshet.Options{Forced: true})
				if !errors.Is(err, freshet.ErrLoginRequired) {
					t.Errorf("after the end of the grant: %v", err)
				}
			})
		})
	}
}

// A refresh token that is not used expires when the forecast says so.
func TestForecastOfAnUnusedRefreshToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, IdleLimit: unusedLimit})
		c := w.connection(t)
		at, from := c.RefreshExpiry(time.Now())
		if from != timeout {
			t.Errorf("from %q", from)
		}
		refreshToken := string(w.first.RefreshToken())
		time.Sleep(time.Until(at) - time.Second)
		if !w.server.ValidRefresh(refreshToken) {
			t.Error("it expired before the forecast")
		}
		time.Sleep(time.Second)
		if w.server.ValidRefresh(refreshToken) {
			t.Error("it is valid after the forecast")
		}
	})
}

// A reply with the member counts from its request; null, a word or another object's member do not.
func TestGrantExpiryOfAReply(t *testing.T) {
	for name, test := range map[string]struct {
		reply string
		want  time.Duration // after the refresh, a day after the login
	}{
		"stated":            {`"authorization_expires_in":3600`, time.Hour},
		"stated in text":    {`"authorization_expires_in":"3600"`, time.Hour},
		"omitted":           {`"scope":"a"`, 9 * day},
		"null":              {`"authorization_expires_in":null`, 9 * day},
		"zero":              {`"authorization_expires_in":0`, 9 * day},
		"in another object": {`"user":{"authorization_expires_in":3600}`, 9 * day},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, oauthtest.Config{GrantTTL: grantLife})
				w.HTTP.Transport = &answering{status: 200, body: `{"access_token":"a2",` + test.reply + `}`}
				time.Sleep(day)
				if _, err := w.Refresh(t.Context(), acme, freshet.Options{Forced: true}); err != nil {
					t.Fatal(err)
				}
				c := w.connection(t)
				if got := time.Until(c.GrantExpiry(time.Now())); got != test.want {
					t.Errorf("the grant ends in %v, want %v", got, test.want)
				}
			})
		})
	}
}
