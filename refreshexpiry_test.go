package freshet_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauthtest"
)

func TestRefreshExpiry(t *testing.T) {
	const day = 24 * time.Hour
	var (
		now    = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
		saved  = now.Add(-30 * time.Minute)
		issued = now.Add(-20 * time.Minute)
		dated  = fmt.Sprintf(`,"issued_at":%d`, issued.Unix())
		limit  = freshet.Registration{Policy: freshet.Policy{IdleLimit: 10 * day}}
	)
	for _, test := range []struct {
		name, members string
		registration  freshet.Registration
		saved         time.Time
		success       time.Time // of the refresh that brought the token
		health        freshet.Health
		from          string
		want          time.Time
	}{
		{name: "nothing is known", saved: saved},
		{name: "refresh_token_expires_in from issued_at", members: `,"refresh_token_expires_in":86400` + dated, saved: saved, from: "refresh_token_expires_in", want: issued.Add(day)},
		{name: "a number in a string, from the file's time", members: `,"refresh_token_expires_in":"86400"`, saved: saved, from: "refresh_token_expires_in", want: saved.Add(day)},
		{name: "as QuickBooks calls it", members: `,"x_refresh_token_expires_in":8726400` + dated, saved: saved, from: "x_refresh_token_expires_in", want: issued.Add(101 * day)},
		{name: "as Keycloak calls it", members: `,"refresh_expires_in":1800` + dated, saved: saved, from: "refresh_expires_in", want: issued.Add(30 * time.Minute)},
		{name: "Keycloak's 0 means for ever", members: `,"refresh_expires_in":0` + dated, saved: saved},
		{name: "from the last refresh, where issued_at is the login's", members: `,"issued_at":1000000000,"refresh_token_expires_in":86400`, saved: saved, success: issued, from: "refresh_token_expires_in", want: issued.Add(day)},
		{name: "without any time of issue a lifetime says nothing", members: `,"refresh_token_expires_in":86400`},
		{name: "refresh_token_expires_at", members: `,"refresh_token_expires_at":"2026-12-24T12:00:00Z"`, saved: saved, from: "refresh_token_expires_at", want: now.Add(31 * day)},
		{name: "refresh_token_expires_at without a time of issue", members: `,"refresh_token_expires_at":"2026-12-24T12:00:00Z"`, from: "refresh_token_expires_at", want: now.Add(31 * day)},
		{name: "refresh_token_expires_at from before the issue was left behind", members: `,"refresh_token_expires_at":"2026-11-23T11:30:00Z"` + dated, saved: saved},
		{name: "the provider's idle limit", members: `,"id":"https://login.salesforce.com/id/1/2"` + dated, saved: saved, from: freshet.FromIdleLimit, want: issued.Add(30 * day)},
		{name: "the idle limit from the last refresh", members: `,"id":"https://login.salesforce.com/id/1/2","issued_at":"1000000000000"`, saved: saved, success: issued, from: freshet.FromIdleLimit, want: issued.Add(30 * day)},
		{name: "the policy's idle limit counts before the provider's", registration: limit, members: `,"id":"https://login.salesforce.com/id/1/2"` + dated, saved: saved, from: freshet.FromIdleLimit, want: issued.Add(10 * day)},
		{name: "its own expiry, when that is earlier", registration: limit, members: `,"refresh_token_expires_in":86400` + dated, saved: saved, from: "refresh_token_expires_in", want: issued.Add(day)},
		{name: "the idle limit, when that is earlier", registration: limit, members: `,"refresh_token_expires_in":8640000` + dated, saved: saved, from: freshet.FromIdleLimit, want: issued.Add(10 * day)},
		{name: "without a refresh token nothing dies", registration: limit, members: `,"refresh_token":null,"refresh_token_expires_in":86400` + dated, saved: saved},
		{name: "one that was refused is dead", registration: limit, members: `,"refresh_token_expires_in":86400` + dated, saved: saved, health: freshet.Health{LoginRequired: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			document := `{"access_token":"a"` + test.members
			if !strings.Contains(test.members, `"refresh_token":`) {
				document += `,"refresh_token":"r"`
			}
			c := freshet.Connection{Token: parse(t, document+"}"), Saved: test.saved, Health: test.health, Registration: test.registration}
			if !test.success.IsZero() {
				c.Health.LastSuccess = test.success
				c = withSuccess(t, c)
			}
			at, from := c.RefreshExpiry(now)
			if from != test.from || !at.Equal(test.want) {
				t.Errorf("dies %v by %q, want %v by %q", at, from, test.want, test.from)
			}
		})
	}
}

// A grant that ends so long after its login does so however much it is used.
func TestAbsoluteLimit(t *testing.T) {
	now := time.Now()
	c := freshet.Connection{
		Token: parse(t, `{"access_token":"a","refresh_token":"r","expires_in":3600}`), Saved: now, Registration: freshet.Registration{Provider: "atlassian"},
	}
	if _, from := c.RefreshExpiry(now); from != freshet.FromIdleLimit {
		t.Errorf("without a login here: %s", from)
	}
	login := now.Add(-300 * 24 * time.Hour)
	c.History.Logins = []time.Time{login}
	if at, from := c.RefreshExpiry(now); from != freshet.FromAbsoluteLimit || !at.Equal(login.Add(365*24*time.Hour)) {
		t.Errorf("%s, %s", at.Sub(login), from)
	}
}

// Only a person can help against an end that no refresh puts off, and needs days for it, however often the access token is replaced.
func TestAFixedEndIsToldDaysBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		end := time.Now().Add(30 * 24 * time.Hour).Truncate(time.Second)
		token, err := w.first.Merge(fmt.Appendf(nil, `{"access_token":%q,"refresh_token_expires_at":%d}`, w.first.AccessToken(), end.Unix()), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		w.put(token)
		keeper := freshet.NewKeeper(*w.Refresher)
		var told []freshet.Event
		keeper.OnEvent = func(e freshet.Event) {
			if e.Kind == freshet.EventDeadlineNear {
				told = append(told, e)
			}
		}
		stop := running(t, keeper)
		time.Sleep(29 * 24 * time.Hour)
		stop()
		if len(told) != 1 || !told[0].Deadline.Equal(end) {
			t.Fatalf("told %+v", told)
		}
		if before := end.Sub(told[0].Time).Round(time.Hour); before != 5*24*time.Hour {
			t.Errorf("told %v before the end", before)
		}
	})
}
