package wallclock_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-dev/freshet/internal/wallclock"
)

func TestClock(t *testing.T) {
	before := time.Now()
	at := wallclock.New(before).UnixNano()
	// Two clocks: one has microseconds only.
	if at < before.UnixNano()-int64(time.Microsecond) || at > time.Now().UnixNano() {
		t.Errorf("%d is not between %d and now", at, before.UnixNano())
	}
	synctest.Test(t, func(t *testing.T) {
		clock := wallclock.New(time.Now())
		time.Sleep(time.Hour)
		if got := clock.UnixNano(); got != time.Now().UnixNano() {
			t.Errorf("%d in fake time, want %d", got, time.Now().UnixNano())
		}
	})
}
