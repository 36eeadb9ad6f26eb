package cli

import (
	"testing"
	"time"
)

func TestLongDuration(t *testing.T) {
	const day = 24 * time.Hour
	for spelled, want := range map[string]time.Duration{
		"5d": 5 * day, "36h": 36 * time.Hour, "1w2d": 9 * day, "2w": 14 * day, "1d12h30m": 36*time.Hour + 30*time.Minute, "1.5d": 36 * time.Hour, "90s": 90 * time.Second,
	} {
		var d longDuration
		if err := d.Set(spelled); err != nil || time.Duration(d) != want {
			t.Errorf("%s is %v, want %v (%v)", spelled, time.Duration(d), want, err)
		}
	}
	for _, spelled := range []string{"", "5", "d", "-5d", "0d", "+5d", "5 d", "5D", "1y", "99999999w", "1d-2h", "soon"} {
		d := longDuration(time.Hour)
		if err := d.Set(spelled); err == nil || time.Duration(d) != time.Hour {
			t.Errorf("%q is taken for %v", spelled, time.Duration(d))
		}
	}
}

func TestRelative(t *testing.T) {
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
		if got := relative(now.Add(d), now); got != want {
			t.Errorf("%v from now is %q, want %q", d, got, want)
		}
	}
}
