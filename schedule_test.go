package freshet

import (
	"testing"
	"time"
)

func TestRetryDelay(t *testing.T) {
	for failures, want := range map[int]time.Duration{
		0: time.Second, 1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 9: 256 * time.Second,
		10: 5 * time.Minute, 1000: 5 * time.Minute,
	} {
		if got := retryDelay(failures, 0); got != want {
			t.Errorf("after %d failures %v, want %v", failures, got, want)
		}
		if got := retryDelay(failures, 0.999); got < want/2 || got > want {
			t.Errorf("after %d failures, at the latest chance, %v of %v", failures, got, want)
		}
	}
}
