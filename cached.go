package freshet

import (
	"math"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/freshet-dev/freshet/provider"
)

// held is a token in memory, with the times worked out once. Times are wall-clock nanoseconds since 1970: a token also expires
// while the machine sleeps, and every monotonic clock sleeps with it.
type held struct {
	token    Token
	provider *provider.Provider
	api      API
	local    bool // the token endpoint is on this machine
	saved    time.Time
	lifetime time.Duration
	expiry   int64
	urgent   int64 // a little before
	due      int64 // when a refresh in the background is called for
	asked    int64 // the same, as far as the connection itself tells
	near     int64 // when the end of the refresh token is near

	quiet        atomic.Int64                 // until then there is nothing to do but to hand the token out
	presentation atomic.Pointer[presentation] // nil until it is asked for
}

const (
	// lookPause is the least time between two looks at the store for one connection, and how long a failure is remembered.
	lookPause = time.Second
	// lookEvery is how often a token that is in use is compared with the store: another process may have replaced it.
	lookEvery = time.Minute
	never     = math.MaxInt64
)

// newHeld works out the times of a connection's token, after so many flights in a row that failed.
func newHeld(c Connection, failures int, now time.Time) *held {
	h := &held{token: c.Token, provider: c.Vendor(), api: c.api(), local: c.isLocal(), saved: c.Saved, near: never}
	e := c.Expiry(now)
	h.expiry = nanoseconds(e.At)
	if !e.At.IsZero() && !e.Issued.IsZero() {
		h.lifetime = e.At.Sub(e.Issued)
	}
	if c.Revoked() || c.Token.isDPoP() || c.Unsettled {
		h.expiry = 0 // of no use, whatever it says
	}
	h.urgent = h.expiry - int64(min(h.lifetime/20, time.Minute))
	h.asked = nanoseconds(c.refreshAt(now))
	h.due = h.asked
	if failures > 0 && h.due != never {
		// Not every failure is in the health, for everybody to respect: a disk that is full cannot be written to.
		h.due = max(h.due, now.Add(retryDelay(failures, rand.Float64())).UnixNano())
	}
	if end, notice := c.deadline(now); !end.IsZero() {
		h.near = nanoseconds(end.Add(-notice))
	}
	h.quiet.Store(min(max(h.due, now.Add(lookPause).UnixNano()), now.Add(lookEvery).UnixNano(), h.expiry))
	return h
}

// retry makes it due soon after so many failures, whatever the connection tells.
func (h *held) retry(failures int) {
	h.due = time.Now().UnixNano() + int64(retryDelay(failures, rand.Float64()))
	h.quiet.Store(min(h.due, h.expiry))
}

// nanoseconds is never for the zero time, and for one so far away that people mean never by it (the year 9999).
func nanoseconds(t time.Time) int64 {
	if t.IsZero() || t.Year() > 2261 {
		return never
	}
	return t.UnixNano()
}

// says reports whether h tells nothing but what the other does.
func (h *held) says(other *held) bool {
	return h.token.AccessToken() == other.token.AccessToken() && h.token.RefreshToken() == other.token.RefreshToken() &&
		h.expiry == other.expiry && h.asked == other.asked && h.saved.Equal(other.saved)
}

// isQuiet reports whether there is nothing to do but to hand the token out.
func (h *held) isQuiet() bool { return time.Now().UnixNano() < h.quiet.Load() }

// quietUntil leaves the token alone for a while. It reports false to all but one of those who do so at once.
func (h *held) quietUntil(at int64) bool {
	was := h.quiet.Load()
	return was <= time.Now().UnixNano() && h.quiet.CompareAndSwap(was, min(at, h.expiry))
}

// shown returns how the token is shown to APIs.
func (h *held) shown() *presentation {
	if c := h.presentation.Load(); c != nil {
		return c
	}
	c := newPresentation(h.token, h.provider, h.api, h.local)
	h.presentation.Store(c)
	return c
}
