//go:build unix

package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/freshet-dev/freshet/oauthtest"
)

// However many processes want a token at once, the refresh token is presented once, and everybody gets the result.

func TestRaceForAnExpiredToken(t *testing.T) {
	for _, latency := range []time.Duration{0, 100 * time.Millisecond} {
		t.Run("latency "+latency.String(), func(t *testing.T) {
			s := save(t, rotating(t, latency), 3*time.Hour)
			race(t, s, 3*s.wanted()/3, s.path)
		})
	}
}
