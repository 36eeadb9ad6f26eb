package cli

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/internal/doctor"
	"github.com/freshet-dev/freshet/oauth"
)

func TestDoctorJSONIsDocumented(t *testing.T) {
	document, err := os.ReadFile("../../docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(document), "\n## doctor\n")
	text, _, _ = strings.Cut(text, "\n## ")
	for _, member := range slices.Concat(
		members(reflect.TypeFor[doctorReport]()), members(reflect.TypeFor[examined]()),
		members(reflect.TypeFor[doctor.Finding]()),
	) {
		if !strings.Contains(text, "`"+member+"`") {
			t.Errorf("docs/json.md: doctor has no %s", member)
		}
	}
}

func TestExitCodeOfTheWorstProblem(t *testing.T) {
	all := []doctor.Finding{
		{Severity: doctor.Warning, Kind: oauth.LoginRequired}, // only problems count
		{Severity: doctor.Problem, Kind: oauth.Temporary},
		{Severity: doctor.Problem},
		{Severity: doctor.Problem, Kind: oauth.Misconfigured},
		{Severity: doctor.Problem, Kind: oauth.LoginRequired},
		{Severity: doctor.Problem, Kind: doctor.Unsaved},
	}
	for i, want := range []int{exitDone, exitTemporary, exitFailed, exitMisconfigured, exitLoginRequired, exitUnsaved} {
		if got := worstExit(all[:i+1]); got != want {
			t.Errorf("of %d: exit code %d, want %d", i+1, got, want)
		}
	}
}

func TestFindingsArePrintable(t *testing.T) {
	var out strings.Builder
	a := &app{out: &out}
	findings := a.selectFindings("acme", []doctor.Finding{{
		Severity: doctor.Note, Check: "x", Certainty: doctor.Certain, What: "a\x1b[31m\nb",
		Remedy: "{refresh}, or {login again}",
	}})
	report := doctorReport{Targets: []examinedJSON{{Target: "acme\u202e", Findings: findings}}}
	if err := a.printReport(report); err != nil {
		t.Fatal(err)
	}
	const want = "connection acme\n  note  x  a[31mb\n" +
		"           → run freshet refresh acme, or log in again (freshet login acme)\n"
	if !strings.Contains(out.String(), want) {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}
