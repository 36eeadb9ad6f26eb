package timestamp_test

import (
	"testing"
	"time"

	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/timestamp"
)

// Times as programs write them, and another time in the same form.
func TestParse(t *testing.T) {
	at := time.Date(2023, 11, 14, 22, 13, 20, 0, time.UTC) // 1700000000
	other := time.Date(2024, 3, 1, 8, 0, 0, 123456789, time.UTC)
	for program, test := range map[string]struct{ value, want string }{
		"OAuth":                             {`1700000000`, `1709280000`},
		"OAuth in a string":                 {`"1700000000"`, `"1709280000"`},
		"Google's Node":                     {`1700000000000`, `1709280000123`},
		"microseconds":                      {`1700000000000000`, `1709280000123456`},
		"nanoseconds":                       {`1700000000000000000`, `1709280000123456789`},
		"Python":                            {`1700000000.25`, `1709280000.12`},
		"Java's Instant as a number":        {`1700000000.000000000`, `1709280000.123456789`},
		"Go":                                {`"2023-11-14T23:13:20+01:00"`, `"2024-03-01T09:00:00+01:00"`},
		"Go in UTC":                         {`"2023-11-14T22:13:20Z"`, `"2024-03-01T08:00:00Z"`},
		"Go with decimals":                  {`"2023-11-14T22:13:20.000000001Z"`, `"2024-03-01T08:00:00.123456789Z"`},
		"google-auth":                       {`"2023-11-14T22:13:20.000000Z"`, `"2024-03-01T08:00:00.123456Z"`},
		"Python's isoformat":                {`"2023-11-14T22:13:20+00:00"`, `"2024-03-01T08:00:00+00:00"`},
		"Python without a zone":             {`"2023-11-14 22:13:20.123456"`, `"2024-03-01 08:00:00.123456"`},
		"JavaScript":                        {`"2023-11-14T22:13:20.000Z"`, `"2024-03-01T08:00:00.123Z"`},
		"JavaScript's toString":             {`"Tue Nov 14 2023 22:13:20 GMT+0000 (Coordinated Universal Time)"`, `"Fri Mar 01 2024 08:00:00 GMT+0000 (Coordinated Universal Time)"`},
		".NET":                              {`"2023-11-14T22:13:20.0000000+00:00"`, `"2024-03-01T08:00:00.1234567+00:00"`},
		".NET before Core":                  {`"/Date(1700000000000)/"`, `"/Date(1709280000123)/"`},
		"PowerShell 5":                      {`"\/Date(1700000000000+0100)\/"`, `"/Date(1709280000123+0100)/"`},
		"DateTimeOffset as text":            {`"11/14/2023 22:13:20 +00:00"`, `"03/01/2024 08:00:00 +00:00"`},
		"DateTimeOffset in English":         {`"11/14/2023 10:13:20 PM +00:00"`, `"3/1/2024 8:00:00 AM +00:00"`},
		"Java's Instant":                    {`"2023-11-14T22:13:20.123Z"`, `"2024-03-01T08:00:00.123Z"`},
		"Java's ZonedDateTime":              {`"2023-11-14T23:13:20+01:00[Europe/Berlin]"`, `"2024-03-01T09:00:00+01:00[Europe/Berlin]"`},
		"Java's OffsetDateTime, no seconds": {`"2023-11-14T22:13Z"`, `"2024-03-01T08:00Z"`},
		"Java's Date":                       {`"Tue Nov 14 22:13:20 UTC 2023"`, `"Fri Mar  1 08:00:00 UTC 2024"`},
		"PHP's DateTime":                    {`{"date":"2023-11-14 22:13:20.000000","timezone_type":3,"timezone":"UTC"}`, `{"date":"2024-03-01 08:00:00.123456","timezone_type":3,"timezone":"UTC"}`},
		"PHP's DateTime with an offset":     {`{"date":"2023-11-14 23:13:20.000000","timezone_type":1,"timezone":"+01:00"}`, `{"date":"2024-03-01 09:00:00.123456","timezone_type":1,"timezone":"+01:00"}`},
		"PHP's RFC 2822":                    {`"Tue, 14 Nov 2023 22:13:20 +0000"`, `"Fri, 01 Mar 2024 08:00:00 +0000"`},
		"HTTP":                              {`"Tue, 14 Nov 2023 22:13:20 GMT"`, `"Fri, 01 Mar 2024 08:00:00 GMT"`},
		"Ruby":                              {`"2023-11-14 22:13:20 UTC"`, `"2024-03-01 08:00:00 UTC"`},
		"Ruby with an offset":               {`"2023-11-14 23:13:20 +0100"`, `"2024-03-01 09:00:00 +0100"`},
		"PostgreSQL":                        {`"2023-11-14 22:13:20.123456+00"`, `"2024-03-01 08:00:00.123456+00"`},
		"PostgreSQL in India":               {`"2023-11-15 03:43:20+05:30"`, `"2024-03-01 13:30:00+05:30"`},
		"AWS":                               {`"2023-11-14T22:13:20UTC"`, `"2024-03-01T08:00:00UTC"`},
		"ISO 8601, basic":                   {`"20231114T221320Z"`, `"20240301T080000Z"`},
	} {
		stamp, ok := timestamp.Parse(jsonobject.Value(test.value), false)
		if !ok {
			t.Errorf("%s: %s is unknown", program, test.value)
			continue
		}
		if got := stamp.Time.Unix(); got != at.Unix() && stamp.Time.Truncate(time.Minute) != at.Truncate(time.Minute) {
			t.Errorf("%s: %s is %v", program, test.value, stamp.Time)
		}
		if got := string(stamp.Format(other)); got != test.want {
			t.Errorf("%s: %s, want %s", program, got, test.want)
		}
		again, ok := timestamp.Parse(stamp.Format(other), false)
		if !ok || other.Sub(again.Time).Abs() >= time.Minute {
			t.Errorf("%s: %s is read as %v", program, stamp.Format(other), again.Time)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, value := range []string{
		``, `null`, `true`, `""`, `"soon"`, `"NaN"`, `"Inf"`, `1e400`, `[1]`, `{}`, `{"date":"x","timezone":"UTC"}`,
		`"14.11.2023"`, `"11/14/2023"`, `"2023-11-14"`, `"Tue Nov 14 22:13:20 CET 2023"`, `"/Date(x)/"`, `"2023-13-14T22:13:20Z"`,
	} {
		if stamp, ok := timestamp.Parse(jsonobject.Value(value), false); ok {
			t.Errorf("%s is %v", value, stamp.Time)
		}
	}
}

// A time without a zone is local where the program that wrote it says so.
func TestParseLocal(t *testing.T) {
	was := time.Local
	time.Local = time.FixedZone("", 2*60*60)
	defer func() { time.Local = was }()
	stamp, ok := timestamp.Parse(`"2023-11-14T22:13:20.000000"`, true)
	if !ok || stamp.Time.Unix() != 1700000000-2*60*60 {
		t.Errorf("%v", stamp.Time)
	}
	if got := stamp.Format(time.Unix(1700000000, 0)); got != `"2023-11-15T00:13:20.000000"` {
		t.Error(got)
	}
}

// What is written in a form is read as the same time, to the precision of the form.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{`1700000000`, `"2023-11-14T22:13:20Z"`, `"/Date(1)/"`, `0`, `-1`, `1700000000.5`, `"Tue Nov 14 22:13:20 UTC 2023"`} {
		f.Add(seed, int64(1709280000))
	}
	f.Fuzz(func(t *testing.T, value string, seconds int64) {
		object, err := jsonobject.Parse(`{"t":` + value + `}`)
		if err != nil || seconds < 1e9 || seconds > 9e9 {
			return
		}
		stamp, ok := timestamp.Parse(object.Value("t"), false)
		if !ok {
			return
		}
		written := stamp.Format(time.Unix(seconds, 0))
		again, ok := timestamp.Parse(written, false)
		if got := again.Time.Unix(); !ok || got < seconds-60 || got > seconds {
			t.Errorf("%s: %d became %s, which is %d", value, seconds, written, got)
		}
	})
}
