package freshet

import (
	"math"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/freshet-dev/freshet/internal/wallclock"
	"github.com/freshet-dev/freshet/provider"
)

// cachedToken is a token in memory with its computed times. Times are wall-clock nanoseconds since
// 1970: a token also expires while the machine sleeps, and every monotonic clock stops then.
type cachedToken struct {
	token    Token
	provider *provider.Provider
	api      API
	local    bool // the token endpoint is on this machine
	insecure []string
	saved    time.Time
	lifetime time.Duration

	refreshAt   int64 // when a refresh in the background is due, after a pause for failures
	scheduled   int64 // the same without that pause
	mandatoryAt int64 // when a refresh can no longer be left to Run
	closingAt   int64 // when callers wait for a refresh although the token is valid
	expiry      int64
	warnAt      int64 // when the end of the refresh token is to be reported

	clock        wallclock.Clock
	accepted     *atomic.Bool                 // by an API; shared by all reads of one delivery of the token
	delivered    time.Time                    // by the last refresh
	nextCheck    atomic.Int64                 // until then the token is returned without any check
	presentation atomic.Pointer[presentation] // computed on first use
}

const (
	// minCheckInterval is the least time between two checks of the store for one connection, and
	// how long a failure is remembered.
	minCheckInterval = time.Second
	// maxCheckInterval is how often a token in use is compared with the store: another process may
	// have replaced it.
	maxCheckInterval = time.Minute
	// maxMargin is how long before the expiry callers begin to wait by default: a request takes
	// time to arrive.
	maxMargin = 10 * time.Second

	never = math.MaxInt64
)

// newCachedToken computes the times of a connection's token after the given number of failed
// flights in a row. minTTL is that of [Config].
func newCachedToken(c *Connection, failures int, minTTL time.Duration, now time.Time) *cachedToken {
	t := &cachedToken{
		token: c.Token, provider: c.ProviderInfo(), api: c.api(), local: c.isLocal(), insecure: c.InsecureHosts,
		saved: c.Saved, warnAt: never,
		clock: wallclock.New(now), accepted: new(atomic.Bool), delivered: c.Health.LastSuccess,
	}
	e := c.Expiry(now)
	t.expiry = nanoseconds(e.At)
	if !e.At.IsZero() && !e.Issued.IsZero() {
		t.lifetime = e.At.Sub(e.Issued)
	}
	if c.Revoked() || c.Token.isDPoP() || c.ReplyPending && !c.keepsReply() {
		t.expiry = 0 // unusable
	}
	t.mandatoryAt = t.expiry - int64(min(t.lifetime/20, time.Minute))
	t.scheduled = nanoseconds(c.refreshAt(now))
	t.refreshAt = t.scheduled
	if failures > 0 && t.refreshAt != never {
		// Health does not have every failure: a full disk cannot be written to.
		t.refreshAt = max(t.refreshAt, now.Add(retryDelay(failures, rand.Float64())).UnixNano())
	}
	// There is no margin if no refresh is possible, and none before the pause for failures is over.
	t.closingAt = min(max(t.expiry-int64(t.margin(minTTL)), t.refreshAt), t.expiry)
	if end, notice := c.deadline(now); !end.IsZero() {
		t.warnAt = nanoseconds(end.Add(-notice))
	}
	earliest, latest := now.Add(minCheckInterval).UnixNano(), now.Add(maxCheckInterval).UnixNano()
	t.nextCheck.Store(min(max(t.refreshAt, earliest), latest, t.expiry))
	return t
}

// margin returns how long before the expiry callers begin to wait for a refresh: minTTL, or the
// last third of the lifetime, in which the token is stale, if that is less; by default maxMargin or
// a tenth of the lifetime.
func (t *cachedToken) margin(minTTL time.Duration) time.Duration {
	margin, part := maxMargin, t.lifetime/10
	if minTTL > 0 {
		margin, part = minTTL, t.lifetime/3
	}
	if t.lifetime > 0 {
		return min(part, margin)
	}
	return margin
}

// retrySoon schedules another flight although the token may be fresh, after the given number of
// failures in a row.
func (t *cachedToken) retrySoon(failures int) {
	t.refreshAt = time.Now().UnixNano() + int64(retryDelay(failures, rand.Float64()))
	t.nextCheck.Store(min(t.refreshAt, t.expiry))
}

// nanoseconds returns never for the zero time and for sentinel dates such as year 9999, which do
// not fit.
func nanoseconds(t time.Time) int64 {
	if t.IsZero() || t.Year() > 2261 {
		return never
	}
	return t.UnixNano()
}

// sameAs reports whether both have the same token and the same times.
func (t *cachedToken) sameAs(other *cachedToken) bool {
	return t.token.AccessToken() == other.token.AccessToken() && t.token.RefreshToken() == other.token.RefreshToken() &&
		t.expiry == other.expiry && t.scheduled == other.scheduled && t.saved.Equal(other.saved)
}

// sameDelivery lets t share with last whether an API accepted the token, unless a refresh delivered
// it again: then the API may have rejected it before.
func (t *cachedToken) sameDelivery(last *cachedToken) {
	if last != nil && last.token.AccessToken() == t.token.AccessToken() && last.delivered.Equal(t.delivered) {
		t.accepted = last.accepted
	}
}

// needsNoCheck reports whether the token can be returned at once.
func (t *cachedToken) needsNoCheck() bool { return t.clock.UnixNano() < t.nextCheck.Load() }

// claimCheck postpones the next check to the given time, or to closingAt if that is earlier. Only
// one concurrent caller gets true. It is for the time before closingAt.
func (t *cachedToken) claimCheck(next int64) bool {
	due := t.nextCheck.Load()
	return due <= time.Now().UnixNano() && t.nextCheck.CompareAndSwap(due, min(next, t.closingAt))
}

// presented returns the presentation of the token to APIs.
func (t *cachedToken) presented() *presentation {
	if p := t.presentation.Load(); p != nil {
		return p
	}
	p := newPresentation(t.token, t.provider, t.api, t.local, t.insecure)
	p.accepted = t.accepted
	t.presentation.Store(p)
	return p
}
