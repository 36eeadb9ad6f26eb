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

// RefreshExpiry works out when the refresh token dies: of its own age, as a member of the document says, or of the policy's
// or provider's idle limit, counted from its last use; whichever comes first. from names the member, or is [FromIdleLimit].
// at is zero when nothing is known, and when there is no refresh token or it is dead already.
func (c Connection) RefreshExpiry(now time.Time) (at time.Time, from string) {
	if c.Token.RefreshToken() == "" || c.Health.LoginRequired {
		return time.Time{}, ""
	}
	take := func(t time.Time, name string) {
		if from == "" || t.Before(at) {
			at, from = t, name
		}
	}
	// As with the access token's: a moment before the last refresh was left behind.
	if t, ok := c.Token.moment(refreshMoment); ok && t.After(c.issuedAtLeast(now)) {
		take(t, refreshMoment)
	}
	issued := c.issued(now) // also the last use: at that time the provider saw it, or handed it out
	if issued.IsZero() {
		return at, from
	}
	for _, name := range refreshLifetimes {
		if lifetime, ok := c.Token.seconds(name); ok {
			take(issued.Add(lifetime), name)
		}
	}
	if limit := cmp.Or(c.Policy.IdleLimit, c.Vendor().IdleLimit); limit > 0 {
		take(issued.Add(limit), FromIdleLimit)
	}
	return at, from
}
