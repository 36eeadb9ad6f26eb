package freshet

import (
	"hash/fnv"
	"time"
)

// StaleAt returns when the access token should be refreshed, while it is still valid: after two thirds of its lifetime,
// less up to a twentieth that depends on the token, so that a thousand connections made in one minute do not come due in
// one minute, yet every process computes the same moment; and at least a minute before it expires, or a tenth of its
// lifetime if that is less. It is zero when nothing is known of the expiry.
func (e Expiry) StaleAt(accessToken string) time.Time {
	if e.At.IsZero() {
		return time.Time{}
	}
	lifetime := e.At.Sub(e.Issued)
	if e.Issued.IsZero() || lifetime <= 0 {
		return e.At.Add(-time.Minute)
	}
	stale := e.Issued.Add(lifetime*2/3 - time.Duration(spread(accessToken)*float64(lifetime)/20))
	return earlierOf(stale, e.lastMoment())
}

// lastMoment is when there is just time enough left for a refresh.
func (e Expiry) lastMoment() time.Time {
	lifetime := e.At.Sub(e.Issued)
	if e.Issued.IsZero() || lifetime <= 0 {
		return e.At.Add(-time.Minute)
	}
	return e.At.Add(-min(time.Minute, lifetime/10))
}

// spread maps a token to [0, 1).
func spread(accessToken string) float64 {
	h := fnv.New64a()
	h.Write([]byte(accessToken))
	return float64(h.Sum64()>>11) / (1 << 53)
}

// expired reports whether the access token is known, or assumed, to be of no use.
func (c Connection) expired(now time.Time) bool {
	e := c.Expiry(now)
	return c.Token.AccessToken() == "" || e.From != "" && !now.Before(e.At)
}

func (c Connection) stale(now time.Time) bool {
	at := c.staleAt(now)
	return c.expired(now) || !at.IsZero() && !now.Before(at)
}

// staleAt is when the access token is stale, or the refresh token about to die of not being used, if that is earlier.
func (c Connection) staleAt(now time.Time) time.Time {
	e := c.Expiry(now)
	at := e.StaleAt(c.Token.AccessToken())
	if !at.IsZero() && c.Vendor().AccessToken.EndedByRefresh {
		at = laterOf(at, e.lastMoment()) // others may still be using it
	}
	if end, from := c.idleExpiry(now); from != "" {
		// Some providers say how much of a life is left that no refresh prolongs: that is no reason to refresh ever more often.
		near := laterOf(end.Add(-c.noticePeriod(end, now)), c.issueTime(now).Add(refreshPause))
		if at.IsZero() || near.Before(at) {
			return near
		}
	}
	return at
}

// due returns when the connection should be refreshed without being asked for: when its access token is stale, and before its
// refresh token dies of not being used; but not before the next attempt that a failure left behind. It is zero when a refresh
// is of no use or no time is known.
func (c Connection) refreshAt(now time.Time) time.Time {
	health := c.CurrentHealth()
	if c.refreshToken() == "" || c.Token.isDPoP() || health.LoginRequired {
		return time.Time{}
	}
	if c.Unsettled {
		return now
	}
	due := c.staleAt(now)
	if c.Token.AccessToken() == "" {
		due = now
	}
	if health.mustWait(now) && !due.IsZero() {
		due = laterOf(due, health.NextAttempt)
	}
	return due
}

// maxNotice is how long before a refresh token dies that is worth an event, in a life of a month or more.
const maxNotice = 5 * 24 * time.Hour

// notice is the last sixth of the life of a refresh token that ends at the given time, as far as that life is known.
func (c Connection) noticePeriod(at, now time.Time) time.Duration {
	return min(at.Sub(c.issueTime(now))/6, maxNotice)
}

// deadline is when the refresh token dies, and how long before that it is worth an event. An end that a refresh puts off is worth one
// only when the refresh that was due did not: in the second half of the notice.
func (c Connection) deadline(now time.Time) (at time.Time, notice time.Duration) {
	at, from := c.RefreshExpiry(now)
	if from == refreshExpiryMember || from == FromAbsoluteLimit {
		return at, maxNotice
	}
	return at, c.noticePeriod(at, now) / 2
}

const (
	firstRetry = time.Second
	lastRetry  = 5 * time.Minute
)

// retryDelay is the wait after the nth failure in a row: a second, doubled each time, five minutes at most, less up to
// half of it by chance given as a number in [0, 1), so that those who failed together do not come back together.
func retryDelay(failures int, chance float64) time.Duration {
	delay := lastRetry
	if failures < 10 {
		delay = min(firstRetry<<max(failures-1, 0), lastRetry)
	}
	return delay - time.Duration(chance*float64(delay)/2)
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
