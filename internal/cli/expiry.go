package cli

import (
	"time"

	"github.com/freshet-dev/freshet"
)

// until says when a token expires, as briefly as is clear: "until 15:04", "until about 15:04 (assumed)".
func until(c freshet.Connection, now time.Time) string {
	e := c.Expiry(now)
	switch {
	case e.From == "" && isPermanent(c):
		return "without end"
	case e.From == "":
		return "for an unknown time"
	case e.Assumed():
		return "until about " + clock(e.At, now) + " (assumed)"
	default:
		return "until " + clock(e.At, now)
	}
}

// isPermanent reports whether the access token does not expire, as those do that its provider gives no expiry.
func isPermanent(c freshet.Connection) bool {
	return c.Token.AccessToken() != "" && c.Vendor().AccessToken.PermanentWithoutExpiresIn
}

// clock is the time of day, with the date if it is another day's.
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

// expiryJSON is how every command's JSON says when the access token expires.
type expiryJSON struct {
	ExpiresAt   *time.Time `json:"expires_at"`   // null when not known
	ExpiresFrom string     `json:"expires_from"` // a member of the document, "jwt", "assumed" or ""
}

func newExpiryJSON(e freshet.Expiry) expiryJSON {
	return expiryJSON{ExpiresAt: momentJSON(e.At), ExpiresFrom: e.From}
}

// momentJSON is t in UTC, to the second; nil, which becomes null, for the zero time.
func momentJSON(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Second)
	return &t
}
