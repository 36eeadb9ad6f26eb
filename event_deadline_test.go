package freshet_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// Some providers state how much is left of a lifetime that refreshes do not prolong; only that
// deadline needs an event. Others prolong it at each refresh.
func TestFixedDeadlineIsReportedOnce(t *testing.T) {
	const life = 30 * 24 * time.Hour
	for name, test := range map[string]struct {
		config   oauthtest.Config
		reported int
	}{
		"what is left":              {oauthtest.Config{Provider: "linkedin", TTL: 6 * time.Hour, RefreshTTL: life}, 1},
		"renewed with each refresh": {oauthtest.Config{TTL: 6 * time.Hour, RefreshTTL: life, Rotate: true}, 0},
		"renewed, and short": {
			oauthtest.Config{TTL: 6 * time.Hour, RefreshTTL: 18 * time.Hour, Rotate: true}, 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, test.config)
				c := w.connection(t)
				c.Client.Secret = oauth.Secret(w.server.ClientSecret())
				w.store.Put(c)
				end, reported := time.Now().Add(life), 0
				config := w.config()
				config.OnEvent = func(e freshet.Event) {
					if e.Kind != freshet.EventDeadlineNear {
						return
					}
					reported++
					if left := e.Deadline.Sub(e.Time); left < 4*24*time.Hour || left > 6*24*time.Hour ||
						e.Deadline.Sub(end).Abs() > time.Minute {
						t.Errorf("reported %s before %v, want %v", left, e.Deadline, end)
					}
				}
				keeper := freshet.NewKeeper(config)
				stop := running(t, keeper)
				time.Sleep(life - 24*time.Hour)
				stop()
				if reported != test.reported {
					t.Errorf("reported %d times, want %d", reported, test.reported)
				}
			})
		})
	}
}

func TestDeadlineAfterTheNextLoginIsReported(t *testing.T) {
	const life = 30 * 24 * time.Hour
	for name, test := range map[string]struct {
		config oauthtest.Config
		login  func(*freshet.Connection) // how the connection knows its end
	}{
		"what is left": {
			oauthtest.Config{Provider: "linkedin", TTL: 6 * time.Hour, RefreshTTL: life}, func(*freshet.Connection) {},
		},
		"an absolute end": {oauthtest.Config{TTL: 6 * time.Hour, Rotate: true}, func(c *freshet.Connection) {
			c.Provider = "atlassian"
			c.History.Logins = []time.Time{time.Now().Add(life - 365*24*time.Hour)}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, test.config)
				login := func() {
					c := w.connection(t)
					c.Token, c.Saved, c.Health = parse(t, string(w.server.Document())), time.Now(), freshet.Health{}
					c.Client.Secret = oauth.Secret(w.server.ClientSecret())
					test.login(&c)
					w.store.Put(c)
				}
				login()
				var left []time.Duration
				config := w.config()
				config.OnEvent = func(e freshet.Event) {
					if e.Kind == freshet.EventDeadlineNear {
						left = append(left, e.Deadline.Sub(e.Time))
					}
				}
				keeper := freshet.NewKeeper(config)
				stop := running(t, keeper)
				for range 2 {
					time.Sleep(life - 24*time.Hour)
					login()
				}
				stop()
				if len(left) != 2 || slices.Min(left) < 4*24*time.Hour {
					t.Errorf("reported %v before the deadlines", left)
				}
			})
		})
	}
}
