package freshet_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauthtest"
)

// shared are documents as other programs save them, all of a token that was issued at 22:13:20 UTC on
// November 14, 2023 (1700000000) and is valid for an hour. After a refresh an hour later each has the
// new times where the program looks for them.
var shared = map[string]struct{ document, refreshed string }{
	"Google's Node":     {`"expiry_date":1700003600000`, `"expiry_date":1700007200000`},
	"Google's Ruby":     {`"expiration_time_millis":1700003600000`, `"expiration_time_millis":1700007200000`},
	"Google's PHP":      {`"created":1700000000,"expires_in":3600`, `"created":1700003600,"expires_in":3600`},
	"Google's Java":     {`"expirationTimeMilliseconds":1700003600000`, `"expirationTimeMilliseconds":1700007200000`},
	"Google's Python":   {`"expiry":"2023-11-14T23:13:20.000000Z"`, `"expiry":"2023-11-15T00:13:20.000000Z"`},
	"Apps Script":       {`"granted_time":1700000000,"expires_in":"3600"`, `"granted_time":1700003600,"expires_in":"3600"`},
	"oauth2client":      {`"token_expiry":"2023-11-14T23:13:20Z"`, `"token_expiry":"2023-11-15T00:13:20Z"`},
	"Intuit's Node":     {`"createdAt":1700000000123,"expires_in":3600`, `"createdAt":1700003600000,"expires_in":3600`},
	"Doorkeeper":        {`"created_at":1700000000,"expires_in":3600`, `"created_at":1700003600,"expires_in":3600`},
	"spotipy":           {`"expires_at":1700003600`, `"expires_at":1700007200`},
	"Spotify's .NET":    {`"CreatedAt":"2023-11-14T22:13:20.1234567Z","ExpiresIn":3600`, `"CreatedAt":"2023-11-14T23:13:20.0000000Z","ExpiresIn":3600`},
	"MSAL":              {`"expires_on":"1700003600"`, `"expires_on":"1700007200"`},
	"league for PHP":    {`"expires":1700003600`, `"expires":1700007200`},
	"PHP's DateTime":    {`"expires_at":{"date":"2023-11-14 23:13:20.000000","timezone_type":3,"timezone":"UTC"}`, `"expires_at":{"date":"2023-11-15 00:13:20.000000","timezone_type":3,"timezone":"UTC"}`},
	"PowerShell 5":      {`"expires_at":"\/Date(1700003600000)\/"`, `"expires_at":"/Date(1700007200000)/"`},
	"PostgreSQL":        {`"expires_at":"2023-11-14 23:13:20.5+00"`, `"expires_at":"2023-11-15 00:13:20.0+00"`},
	"Ruby":              {`"expires_at":"2023-11-15 00:13:20 +0100"`, `"expires_at":"2023-11-15 01:13:20 +0100"`},
	"Java's Date":       {`"expiration":"Tue Nov 14 23:13:20 UTC 2023"`, `"expiration":"Wed Nov 15 00:13:20 UTC 2023"`},
	"x/oauth2":          {`"expiry":"2023-11-15T00:13:20.123456789+01:00"`, `"expiry":"2023-11-15T01:13:20.000000000+01:00"`},
	"requests-oauthlib": {`"expires_at":1700003600.75,"expires_in":3600`, `"expires_at":1700007200.00,"expires_in":3600`},
}

func TestTimesOfOtherPrograms(t *testing.T) {
	now := time.Unix(1700001800, 0)
	for program, test := range shared {
		token := parse(t, `{"access_token":"a","refresh_token":"r",`+test.document+`}`)
		expiry := (&freshet.Connection{Token: token}).Expiry(now)
		if got := expiry.At.Unix(); got != 1700003600 {
			t.Errorf("%s: expires at %d, from %q", program, got, expiry.From)
		}
		merged, err := token.Merge([]byte(`{"access_token":"a2","expires_in":3600}`), time.Unix(1700003600, 0))
		if err != nil {
			t.Fatal(err)
		}
		want := `{"access_token":"a2","refresh_token":"r",` + test.refreshed
		if got := string(merged.Bytes()); !strings.HasPrefix(got, want) {
			t.Errorf("%s: refreshed as\n%s, want\n%s…", program, got, want)
		}
	}
}

// created_at is when the token was issued only if the document needs it: with a lifetime, and without an
// expiry. Otherwise the record may have been created then.
func TestCreationOfRecordStays(t *testing.T) {
	for _, test := range []struct{ document, refreshedTwice string }{
		{`"created_at":1700000000`, `"created_at":1700000000,"expires_in":60,"expires_at":1738350060`},
		{
			`"created":1700000000,"expires_at":1700003600`,
			`"created":1700000000,"expires_at":1738350060,"expires_in":60`,
		},
		{
			`"createdAt":"2023-11-14T22:13:20Z","expires_in":3600,"expiry":"2023-11-14T23:13:20Z"`,
			`"createdAt":"2023-11-14T22:13:20Z","expires_in":60,"expiry":"2025-01-31T19:01:00Z"`,
		},
		{`"created":1700000000,"expires_in":3600`, `"created":1738350000,"expires_in":60`},
		{`"created_at":1700000000,"expires":3600`, `"created_at":1738350000,"expires":60,"expires_in":60`},
		{
			`"created_at":1700000000,"expires_in":3600,"expires_at":null`,
			`"created_at":1738350000,"expires_in":60,"expires_at":null`,
		},
		{`"created":"then","expires_in":3600`, `"created":"then","expires_in":60,"expires_at":1738350060`},
		{`"issued_at":1700000000`, `"issued_at":1738350000,"expires_in":60,"expires_at":1738350060`},
	} {
		token := parse(t, `{"access_token":"a",`+test.document+`}`)
		for _, at := range []time.Time{received.Add(-time.Hour), received} {
			var err error
			if token, err = token.Merge([]byte(`{"access_token":"a","expires_in":60}`), at); err != nil {
				t.Fatal(err)
			}
		}
		if want := `{"access_token":"a",` + test.refreshedTwice + `}`; string(token.Bytes()) != want {
			t.Errorf("%s: refreshed as\n%s, want\n%s", test.document, token.Bytes(), want)
		}
	}
}

// mutt_oauth2.py writes local time without a zone.
func TestTimeOfMutt(t *testing.T) {
	local := time.Unix(1700003600, 0).Local().Format("2006-01-02T15:04:05.000000")
	token := parse(t, `{"access_token":"a","access_token_expiration":"`+local+`"}`)
	expiry := (&freshet.Connection{Token: token}).Expiry(time.Unix(1700001800, 0))
	if expiry.At.Unix() != 1700003600 {
		t.Errorf("%v, from %q", expiry.At, expiry.From)
	}
}

// A form that is not known stays as it is, and is reported.
func TestUnknownTimeStays(t *testing.T) {
	const document = `{"access_token":"a","refresh_token":"r","expires_at":"next Tuesday"}`
	token := parse(t, document)
	if got := (&freshet.Connection{Token: token}).Expiry(time.Now()); got.Unknown != "expires_at" {
		t.Errorf("%+v", got)
	}
	merged, err := token.Merge([]byte(`{"access_token":"a","expires_in":60}`), received)
	if err != nil || !strings.Contains(string(merged.Bytes()), `"expires_at":"next Tuesday"`) {
		t.Errorf("%s, %v", merged.Bytes(), err)
	}
}

// An unknown date is named, that of the expiry before others.
func TestUnknownTimeIsNamed(t *testing.T) {
	for document, want := range map[string]string{
		`{"access_token":"a","issued_at":"yesterday"}`:                                             "issued_at",
		`{"access_token":"a","refresh_expires_at":"soon","expires_at":4080000000}`:                 "refresh_expires_at",
		`{"access_token":"a","created_at":"then","expiry":"later"}`:                                "expiry",
		`{"access_token":"a","expires_at":null,"created_at":""}`:                                   "",
		`{"access_token":"a","expires_at":"2030-01-02T03:04:05Z","issued_at":1700000000,"id":"x"}`: "",
	} {
		if got := (&freshet.Connection{Token: parse(t, document)}).Expiry(time.Now()); got.Unknown != want {
			t.Errorf("%s: %q, want %q", document, got.Unknown, want)
		}
	}
}

// The signature of Salesforce covers issued_at.
func TestSignedIssueTimeStays(t *testing.T) {
	token := parse(t, `{"access_token":"a","issued_at":"1700000000000","signature":"s="}`)
	merged, err := token.Merge([]byte(`{"access_token":"a2"}`), received)
	if err != nil || !strings.Contains(string(merged.Bytes()), `"issued_at":"1700000000000"`) {
		t.Errorf("%s, %v", merged.Bytes(), err)
	}
}

// An expiry that no token can have is in the past.
func TestImpossibleExpiryIsPast(t *testing.T) {
	for _, value := range []string{`0`, `-1`, `"0"`, `3600`, `"1970-01-01T00:00:00Z"`, `"2001-02-03T04:05:06Z"`} {
		token := parse(t, `{"access_token":"a","refresh_token":"r","expires_at":`+value+`}`)
		now := time.Now()
		c := freshet.Connection{Token: token, Saved: now.Add(-time.Minute)}
		if expiry := c.Expiry(now); expiry.From != "expires_at" || expiry.At.After(now) {
			t.Errorf("%s: %+v", value, expiry)
		}
	}
}

// What this machine received expires by its own clock, however wrong the server's clock is.
func TestOwnClockCounts(t *testing.T) {
	jwt := func(issued, expires time.Time) string {
		claims := fmt.Sprintf(`{"iat":%d,"exp":%d}`, issued.Unix(), expires.Unix())
		return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
	}
	for _, skew := range []time.Duration{-3 * time.Hour, -55 * time.Minute, -time.Minute, 0, time.Minute, 3 * time.Hour} {
		for name, reply := range map[string]func(server time.Time) string{
			"expires_in": func(time.Time) string { return `"access_token":"a","expires_in":3600` },
			"expires_in and expires_at": func(at time.Time) string {
				return fmt.Sprintf(`"access_token":"a","expires_in":3600,"expires_at":%d`, at.Add(time.Hour).Unix())
			},
			"a JWT": func(at time.Time) string { return `"access_token":"` + jwt(at, at.Add(time.Hour)) + `"` },
		} {
			synctest.Test(t, func(t *testing.T) {
				sleepUntilNow()
				began := time.Now()
				w := newWorld(t, oauthtest.Config{})
				w.HTTP = &http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
					body := io.NopCloser(strings.NewReader("{" + reply(time.Now().Add(skew)) + "}"))
					return &http.Response{StatusCode: http.StatusOK, Body: body, Request: req}, nil
				})}
				result, err := w.Token(t.Context(), acme, freshet.Options{Forced: true})
				if err != nil {
					t.Fatal(err)
				}
				if got := result.Connection.Expiry(time.Now()); got.At.Sub(began).Round(time.Second) != time.Hour || got.From == freshet.FromAssumption {
					t.Errorf("%s, the server's clock %s off: %s left, from %q", name, skew, got.At.Sub(began), got.From)
				}
			})
		}
	}
}

// sleepUntilNow ends the year 2000, in which a bubble begins: no token was issued then.
func sleepUntilNow() { time.Sleep(26 * 365 * 24 * time.Hour) }

// The server may send the same JWT again. Its lifetime goes on.
func TestSameJWTAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sleepUntilNow()
		claims := fmt.Sprintf(`{"iat":%d,"exp":%d}`, time.Now().Unix(), time.Now().Add(time.Hour).Unix())
		token := "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
		w, requests := newWorld(t, oauthtest.Config{}), 0
		w.HTTP = scripted(&requests, `{"access_token":"`+token+`"}`)
		began := time.Now()
		for range 3 {
			result, err := w.Token(t.Context(), acme, freshet.Options{Forced: true})
			if err != nil {
				t.Fatal(err)
			}
			if got := result.Connection.Expiry(time.Now()).At.Sub(began).Round(time.Second); got != time.Hour {
				t.Errorf("it expires after %s", got)
			}
			time.Sleep(20 * time.Minute)
		}
	})
}

// If the clock was fast during the refresh and was corrected, nothing is known of the token's age: it is
// stale, and a forced refresh is sent.
func TestClockIsSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, oauthtest.Config{TTL: time.Hour})
		if _, err := w.Token(t.Context(), acme, freshet.Options{Forced: true}); err != nil {
			t.Fatal(err)
		}
		c := w.connection(t)
		for _, at := range []*time.Time{&c.Health.LastRequest, &c.Health.LastSuccess} {
			*at = at.Add(24 * time.Hour)
		}
		w.store.Put(c)
		result, err := w.Token(t.Context(), acme, freshet.Options{})
		if err != nil || result.Outcome != freshet.Refreshed {
			t.Errorf("%v, %v", result.Outcome, err)
		}
		c = w.connection(t)
		c.Health.LastSuccess = c.Health.LastSuccess.Add(24 * time.Hour)
		w.store.Put(c)
		if result, err := w.Token(t.Context(), acme, freshet.Options{Forced: true}); err != nil || result.Outcome != freshet.Refreshed {
			t.Errorf("forced: %v, %v", result.Outcome, err)
		}
	})
}
