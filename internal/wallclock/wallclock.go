// Package wallclock reads the time in half of the time that [time.Now] takes, which also reads the
// monotonic clock. A token in memory is compared with the clock on every use.
package wallclock

import "time"

// Clock is the operating system's clock, or the clock of package time if a test runs in a bubble of
// testing/synctest: only package time knows its fake time. It is a value, and cheap to copy.
type Clock struct{ isFake bool }

// New returns the clock that now, a result of [time.Now], is from.
func New(now time.Time) Clock {
	difference := time.Duration(now.UnixNano() - nanoseconds())
	return Clock{isFake: difference.Abs() > time.Second}
}

// UnixNano returns the nanoseconds since 1970.
func (c Clock) UnixNano() int64 {
	if c.isFake {
		return time.Now().UnixNano()
	}
	return nanoseconds()
}
