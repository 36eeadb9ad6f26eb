package provider

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time that files spell as [time.ParseDuration] reads it, or in whole days: "90s", "1h30m", "14d".
type Duration time.Duration

const day = 24 * time.Hour

// UnmarshalText reads a positive duration.
func (d *Duration) UnmarshalText(text []byte) error {
	s := string(text)
	parsed, err := time.ParseDuration(s)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		var n uint64
		n, err = strconv.ParseUint(days, 10, 16)
		parsed = time.Duration(n) * day
	}
	if err != nil || parsed <= 0 {
		return fmt.Errorf(`%q is not a duration such as "90s", "1h30m" or "14d"`, s)
	}
	*d = Duration(parsed)
	return nil
}

// MarshalText writes whole days as such from two on, and else hours, minutes and seconds as far as they are needed.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

func (d Duration) String() string {
	t := time.Duration(d)
	if t%day == 0 && t > day {
		return strconv.FormatInt(int64(t/day), 10) + "d"
	}
	s := t.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
