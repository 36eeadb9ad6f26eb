package freshet_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauthtest"
)

func TestExpiry(t *testing.T) {
	var (
		now    = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
		saved  = now.Add(-30 * time.Minute)
		issued = now.Add(-20 * time.Minute)
		jwt    = "h." + base64.RawURLEncoding.EncodeToString(fmt.Appendf(
			nil, `{"exp":%d}`, now.Add(time.Minute).Unix(),
		)) + ".s"
	)
	for _, test := range []struct {
		name, members string
		health        freshet.Health
		policy        freshet.Policy
		from          freshet.ExpirySource
		want          time.Time
	}{
		{name: "nothing is known: an hour from the file's time", from: "assumed", want: saved.Add(time.Hour)},
		{
			name: "the policy's assumption", policy: freshet.Policy{AssumeTTL: 2 * time.Hour}, from: "assumed",
			want: saved.Add(2 * time.Hour),
		},
		{
			name:    "issued_at in milliseconds in a string, as Salesforce sends it",
			members: fmt.Sprintf(`,"issued_at":"%d"`, issued.UnixMilli()), from: "assumed", want: issued.Add(time.Hour),
		},
		{
			name: "issued_at in seconds", members: fmt.Sprintf(`,"issued_at":%d`, issued.Unix()), from: "assumed",
			want: issued.Add(time.Hour),
		},
		{
			name: "issued_at as a date", members: `,"issued_at":"2026-11-23T11:40:00Z"`, from: "assumed",
			want: issued.Add(time.Hour),
		},
		{
			name:    "issued_at more than five minutes ahead is an error",
			members: fmt.Sprintf(`,"issued_at":%d`, now.Add(6*time.Minute).Unix()), from: "assumed",
			want: saved.Add(time.Hour),
		},
		{
			name: "expires_in from issued_at", members: fmt.Sprintf(`,"expires_in":600,"issued_at":%d`, issued.Unix()),
			from: "expires_in", want: issued.Add(10 * time.Minute),
		},
		{
			name: "expires_in from the file's time", members: `,"expires_in":"1800"`, from: "expires_in",
			want: saved.Add(30 * time.Minute),
		},
		{name: "expires_in 0 says nothing", members: `,"expires_in":0`, from: "assumed", want: saved.Add(time.Hour)},
		{
			name: "expires_in without sense says nothing", members: `,"expires_in":"NaN"`, from: "assumed",
			want: saved.Add(time.Hour),
		},
		{
			name: "expires_at", members: fmt.Sprintf(`,"expires_in":1,"expires_at":%d`, now.Add(time.Hour).Unix()),
			from: "expires_at", want: now.Add(time.Hour),
		},
		{
			name: "expires_at with a fraction", members: fmt.Sprintf(`,"expires_at":%d.5`, now.Add(time.Hour).Unix()),
			from: "expires_at", want: now.Add(time.Hour + 500*time.Millisecond),
		},
		{
			name: "expiry as a date", members: `,"expiry":"2026-11-23T14:00:00+01:00"`, from: "expiry",
			want: now.Add(time.Hour),
		},
		{
			name: "the year 1, by which Go says never set", members: `,"expiry":"0001-01-01T00:00:00Z"`,
			from: "assumed", want: saved.Add(time.Hour),
		},
		{
			name: "the earlier of two",
			members: fmt.Sprintf(
				`,"expires_on":"%d","expires_at":%d`, now.Add(time.Minute).Unix(), now.Add(time.Hour).Unix(),
			),
			from: "expires_on", want: now.Add(time.Minute),
		},
		{
			name:    "an expiry from before the issue was left behind",
			members: fmt.Sprintf(`,"expires_at":%d,"issued_at":%d`, issued.Add(-time.Hour).Unix(), issued.Unix()),
			from:    "assumed", want: issued.Add(time.Hour),
		},
		{name: "the exp of a JWT", members: `,"access_token":"` + jwt + `"`, from: "jwt", want: now.Add(time.Minute)},
		{
			name: "the exp of a JWT from a clock that is far behind ours", members: `,"access_token":"` + jwt + `"`,
			health: freshet.Health{LastSuccess: now.Add(2 * time.Minute)}, from: "assumed",
			want: now.Add(62 * time.Minute),
		},
		{
			name: "our own refresh, where the server leaves issued_at as it was", members: `,"issued_at":1000000000`,
			health: freshet.Health{LastSuccess: issued}, from: "assumed", want: issued.Add(time.Hour),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			document := `{"refresh_token":"r"` + test.members
			if !strings.Contains(test.members, "access_token") {
				document += `,"access_token":"a"`
			}
			c := freshet.Connection{
				Token: parse(t, document+"}"), Saved: saved, Health: test.health,
				Registration: freshet.Registration{Policy: test.policy},
			}
			if !c.Health.LastSuccess.IsZero() {
				c = withSuccess(t, c)
			}
			e := c.Expiry(now)
			if e.From != test.from || !e.At.Equal(test.want) {
				t.Errorf("expires %v from %q, want %v from %q", e.At, e.From, test.want, test.from)
			}
		})
	}
	e := (&freshet.Connection{Token: parse(t, `{"expires_in":5}`), Saved: saved}).Expiry(now)
	if e.From != "" || !e.At.IsZero() {
		t.Errorf("without an access token nothing expires: %+v", e)
	}
}

// withSuccess marks the connection's token as the one that its last refresh delivered.
func withSuccess(t *testing.T, c freshet.Connection) freshet.Connection {
	t.Helper()
	c.Health.RefreshTokenHash = c.Token.RefreshTokenHash()
	c.Health.AccessTokenHash = parse(t, `{"refresh_token":"`+c.Token.AccessToken()+`"}`).RefreshTokenHash()
	return c
}

func TestStaleAt(t *testing.T) {
	issued := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		lifetime, earliest, latest time.Duration
	}{
		{time.Hour, 37 * time.Minute, 40 * time.Minute},
		{30 * time.Second, 18500 * time.Millisecond, 20 * time.Second},
		{5 * time.Second, 3083 * time.Millisecond, 3334 * time.Millisecond},
		{24 * time.Hour, 14*time.Hour + 48*time.Minute, 16 * time.Hour},
	} {
		e := freshet.Expiry{Issued: issued, At: issued.Add(test.lifetime), From: "expires_in"}
		seen := map[time.Time]bool{}
		for i := range 100 {
			token := fmt.Sprint("token ", i)
			at := e.StaleAt(token)
			if got := at.Sub(issued); got < test.earliest || got > test.latest {
				t.Errorf("a token of %v is stale after %v", test.lifetime, got)
			}
			if !e.StaleAt(token).Equal(at) {
				t.Error("the time differs between two calls")
			}
			seen[at] = true
		}
		if len(seen) < 50 {
			t.Errorf("100 tokens become stale at %d different times", len(seen))
		}
	}
	if at := (freshet.Expiry{}).StaleAt("a"); !at.IsZero() {
		t.Errorf("a token of unknown expiry is stale at %v", at)
	}
	expiry := issued.Add(time.Hour)
	if at := (freshet.Expiry{At: expiry, From: "expires_at"}).StaleAt("a"); !at.Equal(expiry.Add(-time.Minute)) {
		t.Errorf("without a time of issue it is stale a minute before: %v", at)
	}
}

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
		from          freshet.ExpirySource
		want          time.Time
	}{
		{name: "nothing is known", saved: saved},
		{
			name: "refresh_token_expires_in from issued_at", members: `,"refresh_token_expires_in":86400` + dated,
			saved: saved, from: "refresh_token_expires_in", want: issued.Add(day),
		},
		{
			name: "a number in a string, from the file's time", members: `,"refresh_token_expires_in":"86400"`,
			saved: saved, from: "refresh_token_expires_in", want: saved.Add(day),
		},
		{
			name: "as QuickBooks calls it", members: `,"x_refresh_token_expires_in":8726400` + dated, saved: saved,
			from: "x_refresh_token_expires_in", want: issued.Add(101 * day),
		},
		{
			name: "as Keycloak calls it", members: `,"refresh_expires_in":1800` + dated, saved: saved,
			from: "refresh_expires_in", want: issued.Add(30 * time.Minute),
		},
		{name: "Keycloak's 0 means for ever", members: `,"refresh_expires_in":0` + dated, saved: saved},
		{
			name:    "from the last refresh, where issued_at is the login's",
			members: `,"issued_at":1000000000,"refresh_token_expires_in":86400`, saved: saved, success: issued,
			from: "refresh_token_expires_in", want: issued.Add(day),
		},
		{name: "without any time of issue a lifetime says nothing", members: `,"refresh_token_expires_in":86400`},
		{
			name: "refresh_token_expires_at", members: `,"refresh_token_expires_at":"2026-12-24T12:00:00Z"`,
			saved: saved, from: "refresh_token_expires_at", want: now.Add(31 * day),
		},
		{
			name:    "refresh_token_expires_at without a time of issue",
			members: `,"refresh_token_expires_at":"2026-12-24T12:00:00Z"`, from: "refresh_token_expires_at",
			want: now.Add(31 * day),
		},
		{
			name:    "refresh_token_expires_at from before the issue was left behind",
			members: `,"refresh_token_expires_at":"2026-11-23T11:30:00Z"` + dated, saved: saved,
		},
		{
			name: "the provider's idle limit", members: `,"id":"https://login.salesforce.com/id/1/2"` + dated,
			saved: saved, from: freshet.FromIdleLimit, want: issued.Add(30 * day),
		},
		{
			name:    "the idle limit from the last refresh",
			members: `,"id":"https://login.salesforce.com/id/1/2","issued_at":"1000000000000"`, saved: saved,
			success: issued, from: freshet.FromIdleLimit, want: issued.Add(30 * day),
		},
		{
			name: "the policy's idle limit counts before the provider's", registration: limit,
			members: `,"id":"https://login.salesforce.com/id/1/2"` + dated, saved: saved, from: freshet.FromIdleLimit,
			want: issued.Add(10 * day),
		},
		{
			name: "its own expiry, when that is earlier", registration: limit,
			members: `,"refresh_token_expires_in":86400` + dated, saved: saved, from: "refresh_token_expires_in",
			want: issued.Add(day),
		},
		{
			name: "the idle limit, when that is earlier", registration: limit,
			members: `,"refresh_token_expires_in":8640000` + dated, saved: saved, from: freshet.FromIdleLimit,
			want: issued.Add(10 * day),
		},
		{
			name: "without a refresh token nothing expires", registration: limit,
			members: `,"refresh_token":null,"refresh_token_expires_in":86400` + dated, saved: saved,
		},
		{
			name: "one that was refused is dead", registration: limit,
			members: `,"refresh_token_expires_in":86400` + dated, saved: saved,
			health: freshet.Health{LoginRequired: true},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			document := `{"access_token":"a"` + test.members
			if !strings.Contains(test.members, `"refresh_token":`) {
				document += `,"refresh_token":"r"`
			}
			c := freshet.Connection{
				Token: parse(t, document+"}"), Saved: test.saved, Health: test.health, Registration: test.registration,
			}
			if !test.success.IsZero() {
				c.Health.LastSuccess = test.success
				c = withSuccess(t, c)
			}
			at, from := c.RefreshExpiry(now)
			if from != test.from || !at.Equal(test.want) {
				t.Errorf("expires %v from %q, want %v from %q", at, from, test.want, test.from)
			}
		})
	}
}

// Refreshes do not prolong a grant that ends a fixed time after its login.
func TestAbsoluteLimit(t *testing.T) {
	now := time.Now()
	c := freshet.Connection{
		Token: parse(t, `{"access_token":"a","refresh_token":"r","expires_in":3600}`), Saved: now,
		Registration: freshet.Registration{Provider: "atlassian"},
	}
	if _, from := c.RefreshExpiry(now); from != freshet.FromIdleLimit {
		t.Errorf("without a known login: %s", from)
	}
	login := now.Add(-300 * 24 * time.Hour)
	c.History.Logins = []time.Time{login}
	if at, from := c.RefreshExpiry(now); from != freshet.FromAbsoluteLimit || !at.Equal(login.Add(365*24*time.Hour)) {
		t.Errorf("%s, %s", at.Sub(login), from)
	}
}

// An expiry that no refresh postpones is reported days before, so that a user can log in again in
// time.
func TestDeadlineOfFixedExpiryIsReportedDaysBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{Rotate: true, TTL: time.Hour})
		end := time.Now().Add(30 * 24 * time.Hour).Truncate(time.Second)
		token, err := w.first.Merge(
			fmt.Appendf(nil, `{"access_token":%q,"refresh_token_expires_at":%d}`, w.first.AccessToken(), end.Unix()),
			time.Now(),
		)
		if err != nil {
			t.Fatal(err)
		}
		w.put(token)
		config := w.config()
		var reported []freshet.Event
		config.OnEvent = func(e freshet.Event) {
			if e.Kind == freshet.EventDeadlineNear {
				reported = append(reported, e)
			}
		}
		keeper := freshet.NewKeeper(config)
		stop := running(t, keeper)
		time.Sleep(29 * 24 * time.Hour)
		stop()
		if len(reported) != 1 || !reported[0].Deadline.Equal(end) {
			t.Fatalf("reported %+v", reported)
		}
		if before := end.Sub(reported[0].Time).Round(time.Hour); before != 5*24*time.Hour {
			t.Errorf("reported %v before the end", before)
		}
	})
}
