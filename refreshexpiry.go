package freshet

import (
	"cmp"
	"time"
)

// FromIdleLimit is where [Connection.RefreshExpiry] says that a moment comes from when the refresh token would die of not
// being used.
const FromIdleLimit = "idle limit"

// No RFC tells how long a refresh token lives. These are the members of GitHub and others, QuickBooks, and Keycloak.
var refreshLifetimes = [...]string{"refresh_token_expires_in", "x_refresh_token_expires_in", "refresh_expires_in"}

const refreshMoment = "refresh_token_expires_at"

// FromAbsoluteLimit is where [Connection.RefreshExpiry] says that a moment comes from when the provider ends every grant that
// long after its login, however much it is used.
const FromAbsoluteLimit = "absolute limit"

// RefreshExpiry works out when the refresh token dies: of its own age, as a member of the document says; of the provider's
// absolute limit, counted from the login, when that was made here; or of the policy's or provider's idle limit, counted from
// its last use; whichever comes first. from names the member, or is [FromAbsoluteLimit] or [FromIdleLimit].
// at is zero when nothing is known, and when there is no refresh token or it is dead already.
func (c Connection) RefreshExpiry(now time.Time) (at time.Time, from string) {
	at, from = c.idleEnd(now)
	// As with the access token's: a moment before the last refresh was left behind.
	if t, ok := c.Token.moment(refreshMoment); ok && c.mayRefresh() && t.After(c.issuedAtLeast(now)) && (from == "" || t.Before(at)) {
		at, from = t, refreshMoment
	}
	if limit := time.Duration(c.Vendor().RefreshToken.Absolute); limit > 0 && len(c.History.Logins) > 0 && c.mayRefresh() {
		if t := c.History.Logins[len(c.History.Logins)-1].Add(limit); from == "" || t.Before(at) {
			at, from = t, FromAbsoluteLimit
		}
	}
	return at, from
}

func (c Connection) mayRefresh() bool {
	return c.refreshToken() != "" && !c.CurrentHealth().LoginRequired
}

// idleEnd is when the refresh token dies unless it is used: each use begins its life anew, as far as anybody knows.
func (c Connection) idleEnd(now time.Time) (at time.Time, from string) {
	issued := c.issued(now) // also the last use: at that time the provider saw it, or handed it out
	if !c.mayRefresh() || issued.IsZero() {
		return time.Time{}, ""
	}
	take := func(lifetime time.Duration, name string) {
		if t := issued.Add(lifetime); from == "" || t.Before(at) {
			at, from = t, name
		}
	}
	for _, name := range refreshLifetimes {
		if lifetime, ok := c.Token.seconds(name); ok {
			take(lifetime, name)
		}
	}
	if limit := cmp.Or(c.Policy.IdleLimit, time.Duration(c.Vendor().RefreshToken.Idle)); limit > 0 {
		take(limit, FromIdleLimit)
	}
	return at, from
}
