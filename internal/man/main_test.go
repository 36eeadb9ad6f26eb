package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// make man writes the pages in docs/man.
func TestPagesAreUpToDate(t *testing.T) {
	want := pages()
	found, err := filepath.Glob("../../docs/man/*.1")
	if err != nil || len(found) != len(want) || len(want) < 10 {
		t.Errorf("docs/man has %d pages for %d commands (%v)", len(found), len(want), err)
	}
	for name, page := range want {
		saved, err := os.ReadFile("../../docs/man/" + name)
		if err != nil {
			t.Error(err)
		} else if diff := cmp.Diff(string(saved), string(page)); diff != "" {
			t.Errorf("docs/man/%s differs from the output of make man (-saved +generated):\n%s", name, diff)
		}
	}
}

// freshet(1) has the usual sections, and the README's exit codes.
func TestRootPage(t *testing.T) {
	page := string(pages()["freshet.1"])
	for _, want := range []string{
		".SH COMMANDS\n.SS Start\n.TP\n\\fBlogin\\fP\n",
		".SH ENVIRONMENT\n.TP\n\\fBFRESHET_HOME\\fP\n",
		"\n.TP\n\\fBFRESHET_ACCESS_TOKEN\\fP\nthe access token\n",
		".SH FILES\n.TP\n\\fB\\(ti/.local/state/freshet\\fP\n",
		".SH EXIT STATUS\n.TP\n\\fB0\\fP\ndone\n",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("freshet.1 has no %q", want)
		}
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range exitStatus() {
		want := "| " + row.name + " | " + row.meaning + " |\n"
		if row.name != "126, 127" && !strings.Contains(strings.ReplaceAll(string(readme), "`", ""), want) {
			t.Errorf("the README does not have the row %s", want)
		}
	}
}

func TestCommandPage(t *testing.T) {
	cmd := &cobra.Command{
		Use: "some THING", Short: "Do it", Run: func(*cobra.Command, []string) {},
		Long:    "One\ntwo's \\.\n\n  - a point\n  NAME  a row\n  alone\n\n.Three",
		Example: "  some -x '~'\n  .some",
	}
	cmd.Flags().StringP("text", "t", "", "take `TEXT`")
	cmd.Flags().Duration("wait", 45, "how long")
	cmd.Flags().Bool("loud", false, "say more")
	want := `.TH SOME 1 "" freshet freshet
.nh
.ad l
.SH NAME
some \- Do it
.SH SYNOPSIS
\fBsome THING [flags]\fP
.SH DESCRIPTION
.PP
One
two\(aqs \e.
.IP \(bu 2
a point
.TP
\fBNAME\fP
a row
.RS 2
alone
.RE
.PP
\&.Three
.SH OPTIONS
.TP
\fB\-t\fP, \fB\-\-text\fP \fITEXT\fP
take TEXT
.TP
\fB\-\-wait\fP \fIduration\fP
how long (default 45ns)
.TP
\fB\-\-loud\fP
say more
.TP
\fB\-h\fP, \fB\-\-help\fP
help for some
.SH EXAMPLES
.nf
some \-x \(aq\(ti\(aq
\&.some
.fi
.SH SEE ALSO
\fBfreshet\fP(1), which has the environment, the files and the exit status.
`
	if diff := cmp.Diff(want, string(commandPage(cmd))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
