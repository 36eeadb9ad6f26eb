package text_test

import (
	"testing"
	"time"

	"github.com/freshet-dev/freshet/internal/text"
)

const day = 24 * time.Hour

func TestParseDuration(t *testing.T) {
	for s, want := range map[string]time.Duration{
		"5d": 5 * day, "36h": 36 * time.Hour, "1w2d": 9 * day, "2w": 14 * day, "1d12h30m": 36*time.Hour + 30*time.Minute,
		"1.5d": 36 * time.Hour, "90s": 90 * time.Second, "0": 0, "0d": 0, "-5d": -5 * day,
	} {
		if d, err := text.ParseDuration(s); err != nil || d != want {
			t.Errorf("%s is %v, want %v (%v)", s, d, want, err)
		}
	}
	for _, s := range []string{"", "5", "d", "5 d", "5D", "1y", "99999999w", "1d-2h", "soon"} {
		if d, err := text.ParseDuration(s); err == nil {
			t.Errorf("%q is taken for %v", s, d)
		}
	}
}

// Every formatted duration can be parsed.
func TestFormatDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 5 * time.Minute: "5m", 90 * time.Minute: "1h30m", day: "24h", 36 * time.Hour: "36h", 14 * day: "14d",
		10 * time.Second: "10s", 1500 * time.Millisecond: "1.5s", time.Hour + time.Second: "1h0m1s", -2 * day: "-2d",
	} {
		got := text.FormatDuration(d)
		if parsed, err := text.ParseDuration(got); got != want || parsed != d || err != nil {
			t.Errorf("%v: %q, want %q; parsed: %v, %v", d, got, want, parsed, err)
		}
	}
}

func TestRelativeTime(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for d, want := range map[time.Duration]string{
		0:                             "0s ago",
		-12 * time.Minute:             "12m ago",
		59*time.Second + 999e6:        "in 59s",
		time.Minute:                   "in 1m",
		99*time.Minute + time.Second:  "in 99m",
		100 * time.Minute:             "in 1h",
		47*time.Hour + 59*time.Minute: "in 47h",
		-48 * time.Hour:               "2d ago",
		30 * 24 * time.Hour:           "in 30d",
	} {
		if got := text.RelativeTime(now.Add(d), now); got != want {
			t.Errorf("%v from now is %q, want %q", d, got, want)
		}
	}
}
