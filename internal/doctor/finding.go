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

// The severities.
const (
	OK      Severity = "ok"
	Note    Severity = "note"    // good to know; nothing needs to be done
	Warning Severity = "warning" // refreshes work, and may stop working
	Problem Severity = "problem" // refreshes fail, or are about to fail
)

// bySeverity has the worst last.
var bySeverity = []Severity{OK, Note, Warning, Problem}

// Certainty says how certain a finding is.
type Certainty string

// The certainties.
const (
	Certain  Certainty = "certain" // observed
	Likely   Certainty = "likely"  // follows from observations, unless something unusual happened
	Possible Certainty = "possible"
)

// Unsaved is the kind of a problem, in addition to those of package oauth: a new token is safe,
// but not saved in its place.
const Unsaved oauth.Kind = "unsaved"

// Finding is the result of one check. Its members are the output of freshet doctor --json.
type Finding struct {
	Check     string       `json:"check"` // a stable name, such as "idle-limit"
	Severity  Severity     `json:"severity"`
	Certainty Certainty    `json:"certainty"`
	What      string       `json:"what"`   // a sentence without capital and period
	Remedy    oauth.Remedy `json:"remedy"` // what to do; "" if there is nothing to do
	Kind      oauth.Kind   `json:"kind"`   // of a problem, as for errors; "" if the file is unusable
}

// Worst returns the highest severity of the findings, [OK] if there are none.
func Worst(findings []Finding) Severity {
	worst := 0
	for _, f := range findings {
		worst = max(worst, slices.Index(bySeverity, f.Severity))
	}
	return bySeverity[worst]
}

// Each of the following returns one finding. It is a list because checks return lists.

func ok(check, format string, args ...any) []Finding {
	return []Finding{{Check: check, Severity: OK, Certainty: Certain, What: fmt.Sprintf(format, args...)}}
}

func note(check string, certainty Certainty, what string, remedy oauth.Remedy) []Finding {
	return []Finding{{Check: check, Severity: Note, Certainty: certainty, What: what, Remedy: remedy}}
}

func warning(check string, certainty Certainty, what string, remedy oauth.Remedy) []Finding {
	return []Finding{{Check: check, Severity: Warning, Certainty: certainty, What: what, Remedy: remedy}}
}

func problem(check string, certainty Certainty, kind oauth.Kind, what string, remedy oauth.Remedy) []Finding {
	return []Finding{{
		Check: check, Severity: Problem, Certainty: certainty, What: what, Remedy: remedy, Kind: kind,
	}}
}

// errorFinding is for an error that a refresh would return.
func errorFinding(check string, err error) []Finding {
	if p, ok := errors.AsType[*freshet.SetupError](err); ok {
		return problem(check, Certain, p.Kind, p.What, p.Remedy)
	}
	return problem(check, Certain, "", err.Error(), "")
}

func localTime(t time.Time) string { return t.Local().Format(time.DateTime) }
