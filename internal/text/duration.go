package text

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/internal/lazyregexp"
)

const day = 24 * time.Hour

var daysOrWeeks = lazyregexp.New(`[0-9]+(\.[0-9]+)?[dw]`)

// ParseDuration parses a duration as [time.ParseDuration] does, and also in days of 24 hours and in
// weeks: "90s", "36h", "1w2d".
func ParseDuration(s string) (time.Duration, error) {
	inHours := daysOrWeeks.ReplaceAllStringFunc(s, func(part string) string {
		number, unit := part[:len(part)-1], part[len(part)-1]
		n, _ := strconv.ParseFloat(number, 64) // cannot fail: see the pattern
		if unit == 'w' {
			n *= 7
		}
		return strconv.FormatFloat(n*24, 'f', -1, 64) + "h"
	})
	d, err := time.ParseDuration(inHours)
	if err != nil {
		return 0, fmt.Errorf("%q is not a duration such as 90s, 36h or 14d", s)
	}
	return d, nil
}

// FormatDuration formats d for [ParseDuration]: two or more whole days as "14d", and anything else
// in hours, minutes and seconds without zeros at the end, as "36h" or "1h30m".
func FormatDuration(d time.Duration) string {
	if d%day == 0 && d.Abs() > day {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// RoundDuration formats d in its largest unit, rounded down: "45s", "47m", "5h", "3d". The sign is
// left out.
func RoundDuration(d time.Duration) string {
	switch d = d.Abs(); {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < 100*time.Minute:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < 2*day:
		return fmt.Sprintf("%dh", d/time.Hour)
	default:
		return fmt.Sprintf("%dd", d/day)
	}
}

// RelativeTime formats t as seen from now, rounded down: "in 3d" or "12m ago". The zero time is "".
func RelativeTime(t, now time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case t.After(now):
		return "in " + RoundDuration(t.Sub(now))
	default:
		return RoundDuration(now.Sub(t)) + " ago"
	}
}
