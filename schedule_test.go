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
			t.Errorf("after %d failures, with the largest random number, %v of %v", failures, got, want)
		}
	}
}

// If a refresh ends the old access token, which others may be using, it waits until shortly before
// the expiry.
func TestStaleLateIfRefreshEndsAccessToken(t *testing.T) {
	now := time.Now()
	token, err := ParseToken([]byte(`{"access_token":"a","refresh_token":"r","expires_in":28800}`))
	if err != nil {
		t.Fatal(err)
	}
	for provider, want := range map[string]time.Duration{"github": 8*time.Hour - time.Minute, "generic": 8 * time.Hour * 2 / 3} {
		c := Connection{Token: token, Saved: now, Registration: Registration{Provider: provider}}
		stale := c.staleAt(now).Sub(now)
		if stale > want || stale < want-time.Hour/2 || provider == "github" && stale != want {
			t.Errorf("%s: stale after %s, want %s", provider, stale, want)
		}
	}
}
