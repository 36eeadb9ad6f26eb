package freshet

import (
	"math"
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
	saved    time.Time
	lifetime time.Duration
	expiry   int64
	urgent   int64 // a little before
	due      int64 // when a refresh in the background is called for
	near     int64 // when the end of the refresh token is near
	faked    bool  // the clock is a test's, which the operating system does not know

	quiet      atomic.Int64               // until then there is nothing to do but to hand the token out
	credential atomic.Pointer[credential] // nil until it is asked for
}

const (
	// lookPause is the least time between two looks at the store for one connection, and how long a failure is remembered.
	lookPause = time.Second
	// lookEvery is how often a token that is in use is compared with the store: another process may have replaced it.
	lookEvery = time.Minute
	never     = math.MaxInt64
)

// newHeld works out the times of a connection's token, which is due for a refresh at the given time, unless that is zero.
func newHeld(c Connection, due, now time.Time) *held {
	h := &held{
		token: c.Token, provider: c.Vendor(), api: c.API, saved: c.Saved, expiry: never, due: never, near: never, faked: clockIsFaked(now),
	}
	if e := c.Expiry(now); !e.At.IsZero() {
		h.expiry = e.At.UnixNano()
		if !e.Issued.IsZero() {
			h.lifetime = e.At.Sub(e.Issued)
		}
	}
	if c.Revoked() || c.Token.bound() || c.Unsettled {
		h.expiry = 0 // of no use, whatever it says
	}
	h.urgent = h.expiry - int64(min(h.lifetime/20, time.Minute))
	if !due.IsZero() {
		h.due = due.UnixNano()
	}
	if end, _ := c.RefreshExpiry(now); !end.IsZero() {
		h.near = c.nearEnd(end, now).UnixNano()
	}
	h.quiet.Store(min(max(h.due, now.Add(lookPause).UnixNano()), now.Add(lookEvery).UnixNano(), h.expiry))
	return h
}

// isQuiet reports whether there is nothing to do but to hand the token out.
func (h *held) isQuiet() bool { return h.now() < h.quiet.Load() }

// quietUntil leaves the token alone for a while. It reports false to all but one of those who do so at once.
func (h *held) quietUntil(at int64) bool {
	was := h.quiet.Load()
	return was <= h.now() && h.quiet.CompareAndSwap(was, min(at, h.expiry))
}

// now is the wall clock.
func (h *held) now() int64 {
	if h.faked {
		return time.Now().UnixNano()
	}
	return wallClock()
}

// shown returns how the token is shown to APIs.
func (h *held) shown() *credential {
	if c := h.credential.Load(); c != nil {
		return c
	}
	c := newCredential(h.token, h.provider, h.api)
	h.credential.Store(c)
	return c
}
