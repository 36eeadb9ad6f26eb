package cli

import (
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/freshet-dev/freshet/internal/doctor"
	"github.com/freshet-dev/freshet/internal/text"
)

// doctorReport is the output of doctor --json. Later versions may add members, but do not change these.
type doctorReport struct {
	Severity doctor.Severity `json:"severity"` // of the worst finding
	ExitCode int             `json:"exit_code"`
	Targets  []examinedJSON  `json:"targets"`
	Store    []findingJSON   `json:"store"` // findings about no particular connection

	brief bool // leave out findings that are ok
}

// examined is a connection or token file with its findings.
type examined struct {
	target   string
	doctor   *doctor.Doctor
	findings []doctor.Finding
}

// examinedJSON is an [examined] as it is printed.
type examinedJSON struct {
	Target   string          `json:"target"`
	Severity doctor.Severity `json:"severity"`
	Findings []findingJSON   `json:"findings"`
}

// findingJSON is a finding whose remedy is in the words of the command line.
type findingJSON struct {
	doctor.Finding
	Remedy string `json:"remedy"`
}

// report prints the findings of all targets and of the store. It returns the exit code of the worst
// problem as an error.
func (a *app) report(all []*examined, store []doctor.Finding, brief bool) error {
	r := doctorReport{Targets: []examinedJSON{}, Store: a.selectFindings("", store), brief: brief}
	var findings []doctor.Finding
	for _, e := range all {
		findings = append(findings, e.findings...)
		selected := a.selectFindings(e.target, e.findings)
		r.Targets = append(r.Targets, examinedJSON{e.target, doctor.Worst(e.findings), selected})
	}
	findings = append(findings, store...)
	r.Severity, r.ExitCode = doctor.Worst(findings), worstExit(findings)
	if err := a.printReport(r); err != nil {
		return err
	}
	if r.ExitCode != exitDone {
		return &exitError{r.ExitCode}
	}
	return nil
}

// selectFindings returns the findings to print: with --quiet only warnings and problems. Their
// remedies are those of the command line.
func (a *app) selectFindings(name string, findings []doctor.Finding) []findingJSON {
	selected := []findingJSON{}
	for _, f := range findings {
		if a.quiet && (f.Severity == doctor.OK || f.Severity == doctor.Note) {
			continue
		}
		selected = append(selected, findingJSON{f, a.remedyFor(name, f.Remedy)})
	}
	return selected
}

// worstExit returns the exit code of the worst problem, or exitDone.
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
	anyName := func(f doctor.Finding) string { return a.remedyFor("NAME", f.Remedy) }
	for _, s := range r.sections(anyName) {
		printFindings(&out, s.heading(), s.findings, coloured)
	}
	if len(r.Targets) == 0 && !a.quiet {
		a.printNoConnections()
	}
	printFindings(&out, "the store", r.summarize(r.Store), coloured)
	if r.brief && !a.quiet {
		r.printSummary(&out)
	}
	_, err := io.WriteString(a.out, out.String())
	return err
}

// summarize leaves out the findings that are ok if the report is brief. If all are, it returns one
// finding that says so.
func (r doctorReport) summarize(findings []findingJSON) []findingJSON {
	if !r.brief || len(findings) == 0 {
		return findings
	}
	worse := slices.DeleteFunc(slices.Clone(findings), func(f findingJSON) bool { return f.Severity == doctor.OK })
	if len(worse) > 0 {
		return worse
	}
	return []findingJSON{{Finding: doctor.Finding{
		Severity: doctor.OK, Check: "all", Certainty: doctor.Certain,
		What: "no check found anything wrong",
	}}}
}

// printSummary prints the names of the targets that have a problem.
func (r doctorReport) printSummary(out *strings.Builder) {
	var all, names []string
	for _, e := range r.Targets {
		all = append(all, e.Target)
		if e.Severity == doctor.Problem {
			names = append(names, e.Target)
		}
	}
	switch {
	case len(names) > 0:
		text.Fprintf(out, "\n%ss with problems (%d of %d): %s\n", kindOf(all), len(names), len(r.Targets),
			strings.Join(names, ", "))
	case len(r.Targets) > 0 && r.Severity == doctor.Warning:
		out.WriteString("\nno problems found, but warnings\n")
	case len(r.Targets) > 0 && r.Severity != doctor.Problem:
		out.WriteString("\nno problems found\n")
	}
	if slices.ContainsFunc(r.Store, func(f findingJSON) bool { return f.Severity == doctor.Problem }) {
		out.WriteString("\nthe store has problems\n")
	}
}

var severityColours = map[doctor.Severity]string{doctor.OK: green, doctor.Warning: yellow, doctor.Problem: red}

// printFindings writes a heading and a line for each finding, followed by a line with its remedy.
func printFindings(out *strings.Builder, heading string, findings []findingJSON, coloured bool) {
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
		what := f.What
		if f.Certainty != doctor.Certain {
			what = string(f.Certainty) + ": " + what
		}
		text.Fprintf(out, "  "+begin+"%-*s"+end+"  %-*s  %s\n", severities, f.Severity, checks, f.Check, what)
		if f.Remedy != "" {
			text.Fprintf(out, "  %s→ %s\n", strings.Repeat(" ", severities+checks+4), f.Remedy)
		}
	}
}
