package cli

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/provider"
)

// longDuration is a flag's value: a duration as Go writes it, or in days and weeks, "5d", "36h", "1w2d". A day has 24 hours.
// The zero value is a flag that was not given.
type longDuration time.Duration

func (d *longDuration) Set(s string) error {
	daysAndWeeks := regexp.MustCompile(`[0-9]+(\.[0-9]+)?[dw]`)
	inHours := daysAndWeeks.ReplaceAllStringFunc(s, func(part string) string {
		number, unit := part[:len(part)-1], part[len(part)-1]
		n, _ := strconv.ParseFloat(number, 64) // the pattern admits nothing else
		if unit == 'w' {
			n *= 7
		}
		return strconv.FormatFloat(n*24, 'f', -1, 64) + "h"
	})
	parsed, err := time.ParseDuration(inHours)
	if err != nil || parsed <= 0 || strings.HasPrefix(s, "+") {
		return fmt.Errorf("%q is not a duration such as 5d, 36h or 1w2d", s)
	}
	*d = longDuration(parsed)
	return nil
}

func (d *longDuration) String() string {
	if *d == 0 {
		return ""
	}
	return time.Duration(*d).String()
}

func (d *longDuration) Type() string { return "duration" }

// spelled is a duration without the zeros at its end: "5m", "1h30m".
func spelled(d time.Duration) string { return provider.Duration(d).String() }

// short is a duration in its largest unit, for a column: "45s", "47m", "5h", "3d".
func short(d time.Duration) string {
	switch d = d.Abs(); {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < 100*time.Minute:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	default:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	}
}

// relative says when t is, seen from now: "in 3d" or "12m ago"; nothing of the zero time.
func relative(t, now time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case t.After(now):
		return "in " + short(t.Sub(now))
	default:
		return short(now.Sub(t)) + " ago"
	}
}
