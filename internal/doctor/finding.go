package doctor

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// Severity says how bad a finding is.
type Severity string

// The severities, from all is well to a refresh that will fail or has failed.
const (
	OK      Severity = "ok"
	Note    Severity = "note"    // good to know; nobody need do anything
	Warning Severity = "warning" // it works, and may stop to
	Problem Severity = "problem" // it does not work, or is about to be refused
)

// inOrder are the severities, the worst last.
var inOrder = []Severity{OK, Note, Warning, Problem}

// Certainty says how sure a finding is.
type Certainty string

// The certainties.
const (
	Certain  Certainty = "certain" // it was seen
	Likely   Certainty = "likely"  // it follows from what was seen, unless something unusual happened
	Possible Certainty = "possible"
)

// Unsaved is the kind of a problem that is beside those of package oauth: a new token is safe, but not where it belongs.
const Unsaved oauth.Kind = "unsaved"

// Finding is what one check found. Its members are the output of freshet doctor --json.
type Finding struct {
	Check     string     `json:"check"` // a stable name, such as "idle-limit"
	Severity  Severity   `json:"severity"`
	Certainty Certainty  `json:"certainty"`
	What      string     `json:"what"`   // a sentence without capital and period
	Remedy    string     `json:"remedy"` // what to do; "" when there is nothing to do
	Kind      oauth.Kind `json:"kind"`   // of a problem, as that of an error; "" for a file that cannot be used
}

// Worst is the severity of the worst of them, [OK] if there are none.
func Worst(findings []Finding) Severity {
	worst := 0
	for _, f := range findings {
		worst = max(worst, slices.Index(inOrder, f.Severity))
	}
	return inOrder[worst]
}

func ok(check, format string, args ...any) Finding {
	return Finding{Check: check, Severity: OK, Certainty: Certain, What: fmt.Sprintf(format, args...)}
}

func note(check string, sure Certainty, what, remedy string) Finding {
	return Finding{Check: check, Severity: Note, Certainty: sure, What: what, Remedy: remedy}
}

func warning(check string, sure Certainty, what, remedy string) Finding {
	return Finding{Check: check, Severity: Warning, Certainty: sure, What: what, Remedy: remedy}
}

func problem(check string, sure Certainty, kind oauth.Kind, what, remedy string) Finding {
	return Finding{Check: check, Severity: Problem, Certainty: sure, What: what, Remedy: remedy, Kind: kind}
}

// refused is the finding for an error that a refresh would stop with.
func refused(check string, err error) Finding {
	if p, ok := errors.AsType[*freshet.Problem](err); ok {
		return problem(check, Certain, p.Kind, p.What, p.Remedy)
	}
	return problem(check, Certain, "", err.Error(), "")
}

func moment(t time.Time) string { return t.Local().Format(time.DateTime) }

// span is a duration as people say it, rounded down to its largest unit.
func span(d time.Duration) string {
	d = d.Abs()
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		switch n := int(d / u.unit); {
		case n == 1:
			return "1 " + u.name
		case n > 1:
			return fmt.Sprintf("%d %ss", n, u.name)
		}
	}
	return "less than a second"
}
