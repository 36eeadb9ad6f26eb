package freshet_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/freshet-dev/freshet"
)

func TestExpiry(t *testing.T) {
	var (
		now    = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
		saved  = now.Add(-30 * time.Minute)
		issued = now.Add(-20 * time.Minute)
		jwt    = "h." + base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"exp":%d}`, now.Add(time.Minute).Unix())) + ".s"
	)
	for _, test := range []struct {
		name, members string
		health        freshet.Health
		policy        freshet.Policy
		from          string
		want          time.Time
	}{
		{name: "nothing is known: an hour from the file's time", from: "assumed", want: saved.Add(time.Hour)},
		{name: "the policy's assumption", policy: freshet.Policy{AssumeTTL: 2 * time.Hour}, from: "assumed", want: saved.Add(2 * time.Hour)},
		{name: "issued_at in milliseconds in a string, as Salesforce sends it", members: fmt.Sprintf(`,"issued_at":"%d"`, issued.UnixMilli()), from: "assumed", want: issued.Add(time.Hour)},
		{name: "issued_at in seconds", members: fmt.Sprintf(`,"issued_at":%d`, issued.Unix()), from: "assumed", want: issued.Add(time.Hour)},
		{name: "issued_at as a date", members: `,"issued_at":"2026-11-23T11:40:00Z"`, from: "assumed", want: issued.Add(time.Hour)},
		{name: "issued_at more than five minutes ahead is an error", members: fmt.Sprintf(`,"issued_at":%d`, now.Add(6*time.Minute).Unix()), from: "assumed", want: saved.Add(time.Hour)},
		{name: "expires_in from issued_at", members: fmt.Sprintf(`,"expires_in":600,"issued_at":%d`, issued.Unix()), from: "expires_in", want: issued.Add(10 * time.Minute)},
		{name: "expires_in from the file's time", members: `,"expires_in":"1800"`, from: "expires_in", want: saved.Add(30 * time.Minute)},
		{name: "expires_in 0 says nothing", members: `,"expires_in":0`, from: "assumed", want: saved.Add(time.Hour)},
		{name: "expires_in without sense says nothing", members: `,"expires_in":"NaN"`, from: "assumed", want: saved.Add(time.Hour)},
		{name: "expires_at", members: fmt.Sprintf(`,"expires_in":1,"expires_at":%d`, now.Add(time.Hour).Unix()), from: "expires_at", want: now.Add(time.Hour)},
		{name: "expires_at with a fraction", members: fmt.Sprintf(`,"expires_at":%d.5`, now.Add(time.Hour).Unix()), from: "expires_at", want: now.Add(time.Hour + 500*time.Millisecond)},
		{name: "expiry as a date", members: `,"expiry":"2026-11-23T14:00:00+01:00"`, from: "expiry", want: now.Add(time.Hour)},
		{name: "the year 1, by which Go says never set", members: `,"expiry":"0001-01-01T00:00:00Z"`, from: "assumed", want: saved.Add(time.Hour)},
		{name: "the earlier of two", members: fmt.Sprintf(`,"expires_on":"%d","expires_at":%d`, now.Add(time.Minute).Unix(), now.Add(time.Hour).Unix()), from: "expires_on", want: now.Add(time.Minute)},
		{name: "an expiry from before the issue was left behind", members: fmt.Sprintf(`,"expires_at":%d,"issued_at":%d`, issued.Add(-time.Hour).Unix(), issued.Unix()), from: "assumed", want: issued.Add(time.Hour)},
		{name: "the exp of a JWT", members: `,"access_token":"` + jwt + `"`, from: "jwt", want: now.Add(time.Minute)},
		{
			name: "the exp of a JWT from a clock that is far behind ours", members: `,"access_token":"` + jwt + `"`,
			health: freshet.Health{LastSuccess: now.Add(2 * time.Minute)}, from: "assumed", want: now.Add(62 * time.Minute),
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
			c := freshet.Connection{Token: parse(t, document+"}"), Saved: saved, Health: test.health, Registration: freshet.Registration{Policy: test.policy}}
			if !c.Health.LastSuccess.IsZero() {
				c = withSuccess(t, c)
			}
			e := c.Expiry(now)
			if e.From != test.from || !e.At.Equal(test.want) {
				t.Errorf("expires %v from %q, want %v from %q", e.At, e.From, test.want, test.from)
			}
		})
	}
	if e := (freshet.Connection{Token: parse(t, `{"expires_in":5}`), Saved: saved}).Expiry(now); e.From != "" || !e.At.IsZero() {
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
				t.Error("two looks at one token differ")
			}
			seen[at] = true
		}
		if len(seen) < 50 {
			t.Errorf("100 tokens become stale at %d moments", len(seen))
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
