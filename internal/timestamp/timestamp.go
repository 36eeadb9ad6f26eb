// Package timestamp reads times as the programs that save tokens write them, and writes other times in
// the same form: the same type, unit, precision, zone and spelling.
package timestamp

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/lazyregexp"
)

// Stamp is a time and the form in which it was written.
type Stamp struct {
	Time   time.Time
	format func(time.Time) jsonobject.Value
}

// Format returns t in the form of s.
func (s Stamp) Format(t time.Time) jsonobject.Value { return s.format(t) }

// Parse returns the time in a JSON value: a number, a date in a string, or an object as PHP's DateTime
// is encoded. A date without a zone is in local time if local is set, otherwise in UTC. ok is false if
// the form is unknown.
func Parse(v jsonobject.Value, local bool) (s Stamp, ok bool) {
	switch v.Kind() {
	case '0':
		return parseNumber(string(v), unquoted)
	case '{':
		return parsePHP(v)
	case '"':
		text := v.Text()
		if s, ok := parseNumber(text, jsonobject.Quote); ok {
			return s, true
		}
		if s, ok := parseDotNet(text); ok {
			return s, true
		}
		zone := time.UTC
		if local {
			zone = time.Local
		}
		return parseDate(text, zone)
	default:
		return Stamp{}, false
	}
}

func unquoted(s string) jsonobject.Value { return jsonobject.Value(s) }

// The least numbers that are not taken for the unit before: as seconds the year 5138.
const (
	minMillis = 1e11
	minMicros = 1e14
	minNanos  = 1e17
	maxNanos  = math.MaxInt64
)

// parseNumber parses seconds, milliseconds, microseconds or nanoseconds since 1970.
func parseNumber(s string, write func(string) jsonobject.Value) (Stamp, bool) {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || !(math.Abs(n) < maxNanos) {
		return Stamp{}, false
	}
	unit := time.Second
	switch abs := math.Abs(n); {
	case abs >= minNanos:
		unit = time.Nanosecond
	case abs >= minMicros:
		unit = time.Microsecond
	case abs >= minMillis:
		unit = time.Millisecond
	}
	whole, fraction := math.Modf(n)
	perSecond := int64(time.Second / unit)
	at := time.Unix(int64(whole)/perSecond, int64(whole)%perSecond*int64(unit)+int64(fraction*float64(unit)))
	digits := decimals(s)
	return Stamp{at, func(t time.Time) jsonobject.Value {
		number := strconv.FormatInt(t.Unix()*perSecond+int64(t.Nanosecond())/int64(unit), 10)
		if digits > 0 {
			width := len(strconv.FormatInt(int64(unit), 10)) - 1 // of what is less than a unit, in nanoseconds
			fraction := fmt.Sprintf("%0*d", width, t.Nanosecond()%int(unit)) + strings.Repeat("0", digits)
			number += "." + fraction[:digits]
		}
		return write(number)
	}}, true
}

// decimals returns the number of digits after the decimal point.
func decimals(s string) int {
	_, after, _ := strings.Cut(s, ".")
	return len(after) - len(strings.TrimLeft(after, "0123456789"))
}

var dotNet = lazyregexp.New(`^/Date\((-?\d+)([+-]\d{4})?\)/$`)

// parseDotNet parses /Date(1700000000000+0100)/, as .NET and PowerShell 5 write it. The offset says how
// to show the time, and does not change it.
func parseDotNet(s string) (Stamp, bool) {
	parts := dotNet.FindStringSubmatch(s)
	if parts == nil {
		return Stamp{}, false
	}
	millis, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return Stamp{}, false
	}
	return Stamp{time.UnixMilli(millis), func(t time.Time) jsonobject.Value {
		return jsonobject.Quote("/Date(" + strconv.FormatInt(t.UnixMilli(), 10) + parts[2] + ")/")
	}}, true
}

// parsePHP parses {"date":"2023-11-14 22:13:20.000000","timezone_type":3,"timezone":"UTC"}, which
// json_encode writes for a DateTime.
func parsePHP(v jsonobject.Value) (Stamp, bool) {
	object, err := jsonobject.Parse(string(v))
	if err != nil || object.Value("timezone").Kind() != '"' {
		return Stamp{}, false
	}
	name := object.Value("timezone").Text()
	zone, err := time.LoadLocation(name)
	if err != nil {
		offset, err := time.Parse("-07:00", name)
		if err != nil {
			return Stamp{}, false
		}
		zone = offset.Location()
	}
	date, ok := parseDate(object.Value("date").AsString(), zone)
	if !ok {
		return Stamp{}, false
	}
	return Stamp{date.Time, func(t time.Time) jsonobject.Value {
		edit := object.Edit()
		edit.Set("date", date.Format(t))
		return jsonobject.Value(edit.Text())
	}}, true
}
