package freshet

import (
	"hash/fnv"
	"time"
)

// StaleAt returns when the access token should be refreshed, while it is still valid. That is after
// two thirds of its lifetime, less up to a twentieth that depends on the token. So a thousand
// connections made in the same minute are not refreshed in the same minute, and every process
// computes the same time. It is at least a minute or a tenth of the lifetime before the expiry,
// whichever is less. It is zero if the expiry is unknown.
func (e Expiry) StaleAt(accessToken string) time.Time {
	if e.At.IsZero() {
		return time.Time{}
	}
	lifetime := e.At.Sub(e.Issued)
	if e.Issued.IsZero() || lifetime <= 0 {
		return e.At.Add(-time.Minute)
	}
	stale := e.Issued.Add(lifetime*2/3 - time.Duration(fraction(accessToken)*float64(lifetime)/20))
	return earlierOf(stale, e.latestRefresh())
}

// latestRefresh returns when there is just enough time left for a refresh.
func (e Expiry) latestRefresh() time.Time {
	lifetime := e.At.Sub(e.Issued)
	if e.Issued.IsZero() || lifetime <= 0 {
		return e.At.Add(-time.Minute)
	}
	return e.At.Add(-min(time.Minute, lifetime/10))
}

// fraction maps a token to a number in [0, 1).
func fraction(accessToken string) float64 {
	h := fnv.New64a()
	h.Write([]byte(accessToken))
	return float64(h.Sum64()>>11) / (1 << 53)
}

// expired reports whether there is no access token, or it is known or assumed to have expired.
func (c *Connection) expired(now time.Time) bool {
	e := c.Expiry(now)
	return c.Token.AccessToken() == "" || e.From != "" && !now.Before(e.At)
}

func (c *Connection) stale(now time.Time) bool {
	at := c.staleAt(now)
	return c.expired(now) || !at.IsZero() && !now.Before(at)
}

// staleAt returns when the access token becomes stale, or shortly before the refresh token expires
// if it is not used, whichever is earlier.
func (c *Connection) staleAt(now time.Time) time.Time {
	return c.staleTime(c.Expiry(now), c.Token.AccessToken(), now)
}

// staleTime is staleAt for the access token or the ID token, which expires as e says.
func (c *Connection) staleTime(e Expiry, token string, now time.Time) time.Time {
	at := e.StaleAt(token)
	if !at.IsZero() && c.ProviderInfo().AccessToken.EndedByRefresh {
		at = laterOf(at, e.latestRefresh()) // others may still use it
	}
	if !at.IsZero() {
		at = laterOf(at, c.notBefore(now))
	}
	if c.receivedInFuture(now) {
		return now // the clock was wrong, and so is the expiry
	}
	before := c.idleRefreshAt(now)
	if at.IsZero() || before.IsZero() {
		return laterOf(before, at)
	}
	return earlierOf(before, at)
}

// idleRefreshAt returns when a refresh is due because the refresh token expires if it is not used, or
// zero.
func (c *Connection) idleRefreshAt(now time.Time) time.Time {
	idle := c.idleExpiry(now)
	if idle.From == "" {
		return time.Time{}
	}
	// Some providers send a lifetime that refreshes do not prolong. It must not cause more and more
	// refreshes as it ends.
	return laterOf(idle.At.Add(-c.noticePeriod(idle.At, now)), c.lastUse(now).Add(refreshPause))
}

// isTooEarly reports whether the provider would refuse a refresh, unless the refresh token is about to
// expire unused: then the refresh is tried.
func (c *Connection) isTooEarly(now time.Time) bool {
	idle := c.idleRefreshAt(now)
	return now.Before(c.notBefore(now)) && (idle.IsZero() || now.Before(idle))
}

// notBefore returns when the provider first accepts a refresh, or zero if it always does. Some servers
// refuse a refresh while the access token is valid for long.
func (c *Connection) notBefore(now time.Time) time.Time {
	window := c.Policy.NotBefore
	if window == 0 {
		window = time.Duration(c.ProviderInfo().Refresh.NotBefore)
	}
	e := c.Expiry(now)
	if window == 0 || e.From == "" || e.From == FromAssumption {
		return time.Time{}
	}
	return e.At.Add(-window)
}

// refreshAt returns when the connection should be refreshed if no caller needs it earlier: when
// staleAt says so, but not before the next attempt after a failure. It is zero if no refresh is
// possible or no time is known.
func (c *Connection) refreshAt(now time.Time) time.Time {
	health := c.CurrentHealth()
	if !c.canRenew() || c.Token.isDPoP() {
		return time.Time{}
	}
	if c.ReplyPending && !c.keepsReply() {
		return now
	}
	at := c.staleAt(now)
	if c.Token.AccessToken() == "" {
		at = now
	}
	if health.mustWait(now) && !at.IsZero() {
		at = laterOf(at, health.NextAttempt)
	}
	return at
}

// maxNotice is the longest time between [EventDeadlineNear] and the deadline.
const maxNotice = 5 * 24 * time.Hour

// noticePeriod returns the last sixth of the lifetime of a refresh token that expires at the given
// time, or maxNotice if that is less. The lifetime is counted from the last refresh.
func (c *Connection) noticePeriod(at, now time.Time) time.Duration {
	return min(at.Sub(c.lastUse(now))/6, maxNotice)
}

// deadline returns when the refresh token expires, and how long before that an [EventDeadlineNear]
// is due. If a refresh prolongs the lifetime, the event is due only when the refresh is overdue: in
// the second half of the notice period.
func (c *Connection) deadline(now time.Time) (at time.Time, notice time.Duration) {
	at, from := c.RefreshExpiry(now)
	if kindOfTime(string(from)) == refreshExpiry || from == FromAbsoluteLimit || from == grantLifetime {
		return at, maxNotice
	}
	return at, c.noticePeriod(at, now) / 2
}

const (
	firstRetry = time.Second
	lastRetry  = 5 * time.Minute
)

// retryDelay returns the wait after the nth failure in a row: a second, doubled after each failure,
// at most five minutes. Up to half of it is subtracted, by the random number in [0, 1), so that
// processes that failed at the same time do not retry at the same time.
func retryDelay(failures int, random float64) time.Duration {
	delay := lastRetry
	if failures < 10 {
		delay = min(firstRetry<<max(failures-1, 0), lastRetry)
	}
	return delay - time.Duration(random*float64(delay)/2)
}

func earlierOf(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
