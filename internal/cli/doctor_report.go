package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/freshet-dev/freshet/filestore"
	"github.com/freshet-dev/freshet/internal/doctor"
	"github.com/freshet-dev/freshet/internal/text"
)

// doctorReport is the output of doctor --json. Members may be added; none will change its meaning.
type doctorReport struct {
	Severity doctor.Severity  `json:"severity"` // of the worst finding
	ExitCode int              `json:"exit_code"`
	Targets  []*examined      `json:"targets"`
	Store    []doctor.Finding `json:"store"` // what belongs to no connection

	brief bool // of many, only what is not ok
}

// examined is one connection or token file with its findings.
type examined struct {
	Target   string           `json:"target"`
	Severity doctor.Severity  `json:"severity"`
	Findings []doctor.Finding `json:"findings"`
}

// report prints the findings, and returns the worst as an exit code.
func (a *app) report(r doctorReport) error {
	var findings []doctor.Finding
	for _, e := range r.Targets {
		findings = append(findings, e.Findings...)
		e.Severity, e.Findings = doctor.Worst(e.Findings), a.shown(e.Target, e.Findings)
	}
	findings = append(findings, r.Store...)
	r.Store = a.shown("", r.Store)
	r.Severity, r.ExitCode = doctor.Worst(findings), worstExit(findings)
	if err := a.printReport(r); err != nil {
		return err
	}
	if r.ExitCode != exitDone {
		return &exitError{r.ExitCode}
	}
	return nil
}

// shown are the findings that the user wants to see, with remedies for the command line.
func (a *app) shown(name string, findings []doctor.Finding) []doctor.Finding {
	shown := []doctor.Finding{}
	for _, f := range findings {
		if a.quiet && (f.Severity == doctor.OK || f.Severity == doctor.Note) {
			continue
		}
		f.Remedy = howToLogIn(name, howToRefresh(name, onCommandLine(name, f.Remedy)))
		shown = append(shown, f)
	}
	return shown
}

// worstExit is the exit code of the worst problem.
func worstExit(findings []doctor.Finding) int {
	var codes []int
	for _, f := range findings {
		switch {
		case f.Severity != doctor.Problem:
		case f.Kind == doctor.Unsaved:
			codes = append(codes, exitUnsaved)
		default:
			codes = append(codes, kindCodes[f.Kind])
		}
	}
	return worst(codes)
}

func (a *app) printReport(r doctorReport) error {
	if a.json {
		return printJSON(a.out, r)
	}
	var out strings.Builder
	coloured := hasColour(a.out)
	for _, e := range r.Targets {
		label := "connection "
		if filestore.IsPath(e.Target) {
			label = "token "
		}
		printFindings(&out, label+e.Target, r.brought(e.Findings), coloured)
	}
	if len(r.Targets) == 0 && !a.quiet {
		a.printNoConnections()
	}
	printFindings(&out, "the store", r.brought(r.Store), coloured)
	if r.brief && !a.quiet {
		r.printSummary(&out)
	}
	_, err := io.WriteString(a.out, out.String())
	return err
}

// brought are the findings that are worth a line: of one that is well, how many were made.
func (r doctorReport) brought(findings []doctor.Finding) []doctor.Finding {
	if !r.brief || len(findings) == 0 {
		return findings
	}
	worse := slices.DeleteFunc(slices.Clone(findings), func(f doctor.Finding) bool { return f.Severity == doctor.OK })
	if len(worse) > 0 {
		return worse
	}
	return []doctor.Finding{{Severity: doctor.OK, Check: "all", Certainty: doctor.Certain, What: fmt.Sprintf("%d checks found nothing wrong", len(findings))}}
}

// printSummary names, below many, those that have a problem.
func (r doctorReport) printSummary(out *strings.Builder) {
	var ill []string
	for _, e := range r.Targets {
		if e.Severity == doctor.Problem {
			ill = append(ill, e.Target)
		}
	}
	switch {
	case len(r.Targets) == 0:
	case len(ill) == 0:
		text.Fprintf(out, "\nno problem with any of %d\n", len(r.Targets))
	default:
		text.Fprintf(out, "\n%d of %d with a problem: %s\n", len(ill), len(r.Targets), strings.Join(ill, ", "))
	}
}

var severityColours = map[doctor.Severity]string{doctor.OK: green, doctor.Warning: yellow, doctor.Problem: red}

// printFindings writes a heading and a line for each finding, its words in columns, with a line below for what to do.
func printFindings(out *strings.Builder, heading string, findings []doctor.Finding, coloured bool) {
	if len(findings) == 0 {
		return
	}
	if out.Len() > 0 {
		out.WriteByte('\n')
	}
	text.Fprintln(out, heading)
	severities, checks := 0, 0
	for _, f := range findings {
		severities = max(severities, utf8.RuneCountInString(string(f.Severity)))
		checks = max(checks, utf8.RuneCountInString(f.Check))
	}
	for _, f := range findings {
		begin, end := "", ""
		if colour := severityColours[f.Severity]; coloured && colour != "" {
			begin, end = colour, reset
		}
		text.Fprintf(out, "  "+begin+"%-*s"+end+"  %-*s  %s\n", severities, f.Severity, checks, f.Check, certainly(f.Certainty)+f.What)
		if f.Remedy != "" {
			text.Fprintf(out, "  %s→ %s\n", strings.Repeat(" ", severities+checks+4), f.Remedy)
		}
	}
}

// certainly says how sure a finding is, unless it is certain.
func certainly(sure doctor.Certainty) string {
	if sure == doctor.Certain {
		return ""
	}
	return string(sure) + ": "
}
