package cli

import (
	"time"

	"github.com/freshet-dev/freshet"
)

// validity returns how long the access token is or was valid: "valid until 15:04" or "expired since 15:04".
func validity(c freshet.Connection, now time.Time) string {
	if e := c.Expiry(now); e.From != "" && !e.At.After(now) {
		if e.From == freshet.FromAssumption {
			return "probably expired since " + clock(e.At, now)
		}
		return "expired since " + clock(e.At, now)
	}
	return "valid " + until(c, now)
}

// until returns when the access token expires: "until 15:04" or "until about 15:04 (assumed)".
func until(c freshet.Connection, now time.Time) string {
	e := c.Expiry(now)
	if e.From == "" && isPermanent(c) {
		return "without end"
	}
	return untilExpiry(e, now)
}

func untilExpiry(e freshet.Expiry, now time.Time) string {
	switch e.From {
	case "":
		return "for an unknown time"
	case freshet.FromAssumption:
		return "until about " + clock(e.At, now) + " (assumed)"
	default:
		return "until " + clock(e.At, now)
	}
}

// isPermanent reports whether the access token never expires: its provider sends no expires_in with
// such tokens.
func isPermanent(c freshet.Connection) bool {
	return c.Token.AccessToken() != "" && c.ProviderInfo().AccessToken.PermanentWithoutExpiresIn
}

// clock formats the time of day of t. It includes the date if that is not today's.
func clock(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	layout := "15:04"
	if t.YearDay() != now.YearDay() || t.Year() != now.Year() {
		layout = "2006-01-02 15:04"
	}
	if t.Sub(now).Abs() < 2*time.Minute {
		layout += ":05"
	}
	return t.Format(layout)
}

// expiryJSON has the members for the expiry of the access token in the JSON of every command.
type expiryJSON struct {
	ExpiresAt   *time.Time           `json:"expires_at"`   // null if unknown
	ExpiresFrom freshet.ExpirySource `json:"expires_from"` // a member of the document, "jwt", "assumed" or ""
}

func newExpiryJSON(e freshet.Expiry) expiryJSON {
	return expiryJSON{ExpiresAt: timeJSON(e.At), ExpiresFrom: e.From}
}

// timeJSON returns t in UTC, to the second. The zero time is nil, which becomes null.
func timeJSON(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Second)
	return &t
}
