package freshet

import (
	"cmp"
	"time"
)

// Expiry is the time at which an access token expires, and where it is known from.
type Expiry struct {
	Issued time.Time // when the token was issued; an estimate, zero if unknown
	At     time.Time // zero if unknown

	From ExpirySource // of At; "" if that is unknown

	// Unknown is a member of the document with a date whose form is not known, or "".
	Unknown string
}

// ExpirySource says where the time of an expiry is known from. It is one of these constants, or the
// name of the member of the document that states the time: "expires_at", "expires_in".
type ExpirySource string

// The sources that are no members of the document.
const (
	FromJWT           ExpirySource = "jwt"            // the claims of the token (RFC 9068 §2.2)
	FromAssumption    ExpirySource = "assumed"        // the lifetime that the policy or the provider assumes
	FromIdleLimit     ExpirySource = "idle limit"     // the refresh token expires if it is not used
	FromAbsoluteLimit ExpirySource = "absolute limit" // the provider ends each grant that long after its login
)

// maxClockSkew is the tolerated difference between two clocks.
const maxClockSkew = 5 * time.Minute

// Expiry returns when the access token expires. The first of these that is known counts:
//
//   - what this machine received, by its own clock: expires_in (RFC 6749 §5.1), or the lifetime of a JWT
//     (exp − iat), after the refresh that delivered the token;
//   - the earlier of the time in the document (expires_at and the names that other programs use) and the
//     exp claim of a JWT, which are by the server's clock or another program's;
//   - expires_in after the time of issue;
//   - the lifetime that the policy or else the provider assumes, after the time of issue.
func (c *Connection) Expiry(now time.Time) Expiry {
	if c.Token.AccessToken() == "" {
		return Expiry{}
	}
	times := c.Token.times()
	e := Expiry{Issued: c.issueTime(now), Unknown: times.unknown}
	if received := c.receiptTime(now); !received.IsZero() {
		if times.lifetime > 0 {
			e.setEarlier(received.Add(times.lifetime), ExpirySource(times.lifetimeName))
		}
		if times.jwtLifetime > 0 {
			e.setEarlier(received.Add(times.jwtLifetime), FromJWT)
		}
		if e.From != "" {
			return e
		}
	}
	c.setStated(&e, times, now)
	switch lifetime := c.assumedLifetime(); {
	case e.From != "":
	case times.lifetime > 0:
		e.At, e.From = e.Issued.Add(times.lifetime), ExpirySource(times.lifetimeName)
	case lifetime > 0 && !e.Issued.IsZero():
		e.At, e.From = e.Issued.Add(lifetime), FromAssumption
	}
	return e
}

// setStated sets the earliest time that the document or a JWT states. A time before the time of issue is
// ignored: another program refreshed the token and did not update the member, or the clocks differ. With
// such a time, every use of the token would be a refresh. But a time before OAuth 2.0 existed, such as 0,
// says that the token has expired, unless this machine received it later.
func (c *Connection) setStated(e *Expiry, times *tokenTimes, now time.Time) {
	earliest := c.statedIssueTime(now)
	for _, stated := range times.expiries {
		impossible := stated.Time.Before(oauth2Began) && c.receiptTime(now).IsZero()
		if stated.Time.After(earliest) || impossible {
			e.setEarlier(stated.Time, ExpirySource(stated.name))
		}
	}
	if times.jwtExpiry.After(earliest) {
		e.setEarlier(times.jwtExpiry, FromJWT)
	}
}

// oauth2Began is before the first draft of OAuth 2.0.
var oauth2Began = time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC)

func (e *Expiry) setEarlier(at time.Time, from ExpirySource) {
	if e.From == "" || at.Before(e.At) {
		e.At, e.From = at, from
	}
}

// receiptTime returns when this machine asked for the access token that it received, or zero if
// another program did. The lifetime counts from the making of the reply, which was no earlier. Times
// in the future are ignored.
func (c *Connection) receiptTime(now time.Time) time.Time {
	at := c.Health.LastRequest
	if at.IsZero() {
		at = c.Health.LastSuccess
	}
	if !c.Health.delivered(c.Token) || at.After(now.Add(maxClockSkew)) {
		return time.Time{}
	}
	return at
}

// receivedInFuture reports whether the clock was set back after this machine received the access token.
// Then nothing is known of its age.
func (c *Connection) receivedInFuture(now time.Time) bool {
	latest := now.Add(maxClockSkew)
	return c.Health.delivered(c.Token) && c.Health.LastSuccess.After(latest) && c.Health.LastRequest.After(latest)
}

// issueTime returns the stated time of issue, or else the time at which the token was saved, but no
// time after now.
func (c *Connection) issueTime(now time.Time) time.Time {
	if at := c.statedIssueTime(now); !at.IsZero() {
		return at
	}
	if c.Saved.After(now) {
		return now
	}
	return c.Saved
}

// statedIssueTime returns when this machine received the token, or else the document's time of issue
// (issued_at and the names that other programs use), or zero if neither is known. Times in the future
// are ignored.
func (c *Connection) statedIssueTime(now time.Time) (at time.Time) {
	if received := c.receiptTime(now); !received.IsZero() {
		return received
	}
	for _, issued := range c.Token.times().issued {
		if !issued.Time.After(now.Add(maxClockSkew)) {
			at = laterOf(at, issued.Time)
		}
	}
	return at
}

func (c *Connection) assumedLifetime() time.Duration {
	if c.Policy.AssumeTTL > 0 {
		return c.Policy.AssumeTTL
	}
	if p := c.ProviderInfo(); !p.AccessToken.PermanentWithoutExpiresIn {
		return time.Duration(p.AccessToken.Lifetime)
	}
	return 0
}

// RefreshExpiry returns when the refresh token expires, the earliest of
//
//   - the time or lifetime in the document (from is the member's name),
//   - the provider's absolute limit after the last known login ([FromAbsoluteLimit]),
//   - the policy's or else the provider's limit after the last use ([FromIdleLimit]).
//
// at is zero if nothing is known, if no refresh token is used, or if a login is required.
func (c *Connection) RefreshExpiry(now time.Time) (at time.Time, from ExpirySource) {
	if !c.sendsRefreshToken() {
		return time.Time{}, ""
	}
	e := c.idleExpiry(now)
	// As in Expiry, a time before the last refresh is ignored.
	for _, stated := range c.Token.times().refreshExpiries {
		if stated.Time.After(c.statedIssueTime(now)) {
			e.setEarlier(stated.Time, ExpirySource(stated.name))
		}
	}
	if end := c.GrantExpiry(now); !end.IsZero() && (e.From == "" || !end.After(e.At)) {
		e.At, e.From = end, grantLifetime // also if both are the same: a refresh does not extend it
	}
	limit, logins := time.Duration(c.ProviderInfo().RefreshToken.Absolute), c.History.Logins
	if limit > 0 && len(logins) > 0 {
		e.setEarlier(logins[len(logins)-1].Add(limit), FromAbsoluteLimit)
	}
	return e.At, e.From
}

// GrantExpiry returns when the grant ends, however much it is used, as the provider stated it
// (authorization_expires_in of draft-ietf-oauth-refresh-token-expiration), or zero. A later reply
// that does not state it leaves it as it is.
func (c *Connection) GrantExpiry(now time.Time) time.Time {
	if end := c.Health.GrantExpiry; !end.IsZero() {
		return end
	}
	issued := c.issueTime(now)
	lifetime, ok := c.Token.seconds(grantLifetime)
	if !ok || issued.IsZero() {
		return time.Time{}
	}
	return issued.Add(lifetime)
}

// sendsRefreshToken reports whether the refresh token is used: for another grant, its end does not
// matter.
func (c *Connection) sendsRefreshToken() bool {
	return c.spends() && c.refreshToken() != "" && !c.CurrentHealth().LoginRequired
}

// lastUse returns when the refresh token was last sent or received.
func (c *Connection) lastUse(now time.Time) time.Time {
	return laterOf(c.issueTime(now), c.idTokenReceipt(now))
}

// idleExpiry returns when the refresh token expires if it is not used. It assumes that each use
// prolongs the lifetime.
func (c *Connection) idleExpiry(now time.Time) (e Expiry) {
	used := c.lastUse(now)
	if !c.sendsRefreshToken() || used.IsZero() {
		return e
	}
	for _, name := range refreshLifetimes {
		if lifetime, ok := c.Token.seconds(name); ok {
			e.setEarlier(used.Add(lifetime), ExpirySource(name))
		}
	}
	if limit := cmp.Or(c.Policy.IdleLimit, time.Duration(c.ProviderInfo().RefreshToken.Idle)); limit > 0 {
		e.setEarlier(used.Add(limit), FromIdleLimit)
	}
	return e
}
