package freshet

import "time"

// clockIsFaked reports whether now, which is [time.Now]'s, is not what the operating system says: in a bubble of
// testing/synctest time is the test's, and only package time knows it.
func clockIsFaked(now time.Time) bool {
	difference := now.UnixNano() - wallClock()
	return difference > int64(time.Second) || difference < -int64(time.Second)
}
