package cli

import (
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/internal/doctor"
	"github.com/freshet-dev/freshet/oauth"
)

// What several targets have in common is printed once.
func TestDoctorPrintsCommonFindingsOnce(t *testing.T) {
	warning := func(what string, remedy oauth.Remedy) doctor.Finding {
		return doctor.Finding{
			Severity: doctor.Warning, Check: "c", Certainty: doctor.Certain, What: what, Remedy: remedy,
		}
	}
	open, grants := warning("all can read d", "chmod 700 d"), warning("it was revoked", "{login again}")
	fine := doctor.Finding{Severity: doctor.OK, Check: "c", Certainty: doctor.Certain, What: "fine"}
	type targets map[string][]doctor.Finding
	for name, test := range map[string]struct {
		targets targets
		order   string
		want    string
	}{
		"one finding": {targets{"a": {open}, "b": {fine}}, "a b", `
connection a
  warning  c  all can read d
              → chmod 700 d

connection b
  ok  all  no check found anything wrong
`},
		"in common": {targets{"a": {open, warning("a's own", "")}, "b": {fine, open}, "c": {fine}, "d": {fine}}, "a b c d", `
connection a
  warning  c  a's own

connections a, b
  warning  c  all can read d
              → chmod 700 d

connections c, d
  ok  all  no check found anything wrong
`},
		"remedies with names": {targets{"a": {grants}, "b": {grants}}, "a b", `
connections a, b
  warning  c  it was revoked
              → log in again (freshet login NAME)
`},
		"twice in one target": {targets{"a": {open, open}, "b": {fine}}, "a b", `
connection a
  warning  c  all can read d
              → chmod 700 d
  warning  c  all can read d
              → chmod 700 d

connection b
  ok  all  no check found anything wrong
`},
		"files": {targets{"./a": {open}, "./b": {open}, "c": {open, fine}}, "./a ./b", `
tokens ./a, ./b
  warning  c  all can read d
              → chmod 700 d
`},
		"files and connections": {targets{"./a": {open}, "c": {open}}, "./a c", `
targets ./a, c
  warning  c  all can read d
              → chmod 700 d
`},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			a := &app{out: &out}
			r := doctorReport{brief: true, Severity: doctor.Problem}
			for _, target := range strings.Fields(test.order) {
				r.Targets = append(r.Targets, examinedJSON{
					Target: target, Findings: a.selectFindings(target, test.targets[target]),
				})
			}
			if err := a.printReport(r); err != nil {
				t.Fatal(err)
			}
			if got := "\n" + out.String(); got != test.want {
				t.Errorf("got %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestDoctorHeadingIsShort(t *testing.T) {
	names := strings.Fields(strings.Repeat("org ", 100))
	const want = "connections org, org, org, org, org, org, org, org, org and 91 more"
	if got := (section{targets: names}).heading(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
