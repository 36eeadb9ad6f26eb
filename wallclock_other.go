//go:build !(linux && amd64)

package freshet

import "time"

// wallClock returns the time in nanoseconds since 1970.
func wallClock() int64 { return time.Now().UnixNano() }
