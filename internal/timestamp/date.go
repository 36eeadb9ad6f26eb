package timestamp

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/freshet-dev/freshet/internal/jsonobject"
)

// layouts are the forms of dates, without decimals of seconds, which [time.Parse] accepts anyway.
// "-07:00" comes before "Z07:00", which writes Z for UTC.
var layouts = sync.OnceValue(func() []string {
	return slices.Concat(
		combine(
			[]string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02t15:04:05"},
			// PostgreSQL writes -07, and Ruby " -0700".
			[]string{"-07:00", "Z07:00", "-0700", "-07", " -07:00", " -0700", " MST", "MST", ""},
		),
		// Java leaves out :00.
		combine([]string{"2006-01-02T15:04", "20060102T150405"}, []string{"-07:00", "Z07:00", "-0700", ""}),
		// RFC 5322 and HTTP.
		combine([]string{"Mon, 02 Jan 2006 15:04:05 ", "Mon, 2 Jan 2006 15:04:05 "}, []string{"-0700", "MST"}),
		[]string{
			"Monday, 02-Jan-06 15:04:05 MST",
			"Mon Jan 02 2006 15:04:05 GMT-0700", // JavaScript's toString
			"Mon Jan _2 15:04:05 MST 2006",      // Java's and date's
			"Mon Jan 02 15:04:05 -0700 2006",
			"Mon Jan _2 15:04:05 2006",
		},
		// .NET's DateTimeOffset, in English and independent of a language.
		combine([]string{"01/02/2006 15:04:05", "1/2/2006 3:04:05 PM"}, []string{" -07:00"}),
		// Gson.
		[]string{"Jan 2, 2006 3:04:05 PM", "Jan 2, 2006, 3:04:05 PM", "Jan 2, 2006, 3:04:05\u202fPM"},
	)
})

func combine(dates, zones []string) (layouts []string) {
	for _, date := range dates {
		for _, zone := range zones {
			layouts = append(layouts, date+zone)
		}
	}
	return layouts
}

// parseDate parses a date, in zone if it has none.
func parseDate(s string, zone *time.Location) (Stamp, bool) {
	s, suffix := cutZoneName(s)
	for _, layout := range layouts() {
		in := zone
		if strings.Contains(layout, "PM") {
			in = time.Local // Gson has no zone
		}
		at, err := time.ParseInLocation(layout, s, in)
		if err != nil || !isKnownZone(at, layout) {
			continue
		}
		layout = withDecimals(layout, s)
		return Stamp{at, func(t time.Time) jsonobject.Value {
			return jsonobject.Quote(t.In(at.Location()).Format(layout) + suffix)
		}}, true
	}
	return Stamp{}, false
}

// cutZoneName cuts off a zone's name that follows its offset: "[Europe/Berlin]" of Java, "(Central
// European Standard Time)" of JavaScript.
func cutZoneName(s string) (date, name string) {
	for _, begin := range []string{"[", " ("} {
		if i := strings.Index(s, begin); i > 0 {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// isKnownZone reports whether the abbreviation of a zone has one meaning. [time.Parse] takes others for
// UTC.
func isKnownZone(at time.Time, layout string) bool {
	if !strings.Contains(layout, "MST") {
		return true
	}
	name, offset := at.Zone()
	return name == "UTC" || name == "GMT" || name == "Z" || offset != 0
}

// withDecimals returns the layout with as many decimals of a second as s has.
func withDecimals(layout, s string) string {
	_, after, _ := strings.Cut(s, ":")
	point := strings.IndexAny(after, ".,")
	if point < 0 {
		return layout
	}
	digits := decimals("." + after[point+1:])
	if digits == 0 {
		return layout
	}
	return strings.Replace(layout, ":05", ":05"+after[point:point+1]+strings.Repeat("0", digits), 1)
}
