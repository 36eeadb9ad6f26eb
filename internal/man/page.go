package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/freshet-dev/freshet/internal/cli"
)

// rootPage returns freshet(1), which also describes what all commands have in common.
func rootPage(root *cobra.Command) []byte {
	p := newPage(root)
	p.section("COMMANDS")
	for _, g := range cli.CommandGroups {
		p.line(".SS %s", escape(g.Heading))
		for _, name := range g.Names {
			if cmd, _, err := root.Find([]string{name}); err == nil && cmd != root {
				p.item(bold(name), cmd.Short)
			}
		}
	}
	p.options(root)
	p.section("ENVIRONMENT")
	p.variables(cli.Environment())
	p.line(".PP\n%s sets these for its command, and takes out those that hold a client secret:", bold("freshet exec"))
	p.variables(cli.CommandEnvironment())
	p.section("FILES")
	p.table(files())
	p.section("EXIT STATUS")
	p.table(exitStatus())
	p.examples(root)
	p.section("SEE ALSO")
	p.line("Each command has a page of its own, such as %s.", bold("freshet-login")+"(1)")
	return p.Bytes()
}

func commandPage(cmd *cobra.Command) []byte {
	p := newPage(cmd)
	p.options(cmd)
	p.examples(cmd)
	p.section("SEE ALSO")
	p.line("%s(1), which has the environment, the files and the exit status.", bold("freshet"))
	return p.Bytes()
}

// page builds a manual page in the language of man(7).
type page struct{ bytes.Buffer }

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

func (p *page) section(title string) { p.line(".SH %s", title) }

// newPage returns a page with the sections up to DESCRIPTION.
func newPage(cmd *cobra.Command) *page {
	cmd.InitDefaultHelpFlag()
	p := &page{}
	// Without a date, so that a page changes only with its command.
	p.line(`.TH %s 1 "" freshet freshet`, escape(strings.ToUpper(title(cmd))))
	p.line(".nh\n.ad l") // no hyphenation, so that commands can be copied, and no justified lines
	p.section("NAME")
	p.line(`%s \- %s`, escape(title(cmd)), escape(cmd.Short))
	p.section("SYNOPSIS")
	p.line("%s", bold(cmd.UseLine()))
	p.section("DESCRIPTION")
	p.text(cmd.Long)
	return p
}

// text writes paragraphs. An indented line is an item of a list, or a row with a name and its meaning.
func (p *page) text(text string) {
	newParagraph := true
	for line := range strings.Lines(text) {
		content := strings.TrimSpace(line)
		point, isPoint := strings.CutPrefix(content, "- ")
		name, meaning, isRow := strings.Cut(content, "  ")
		switch {
		case content == "":
			newParagraph = true
			continue
		case line[0] != ' ':
			if newParagraph {
				p.line(".PP")
			}
			p.line("%s", escape(content))
		case isPoint:
			p.line(".IP \\(bu 2\n%s", escape(point))
		case isRow:
			p.item(bold(name), strings.TrimSpace(meaning))
		default:
			p.line(".RS 2\n%s\n.RE", escape(content))
		}
		newParagraph = false
	}
}

func (p *page) item(name, meaning string) { p.line(".TP\n%s\n%s", name, escape(meaning)) }

func (p *page) table(rows []row) {
	for _, r := range rows {
		p.item(bold(r.name), r.meaning)
	}
}

func (p *page) variables(table []cli.Variable) {
	for _, v := range table {
		p.item(bold(v.Name), v.Meaning)
	}
}

func (p *page) options(cmd *cobra.Command) {
	p.section("OPTIONS")
	for _, g := range cli.FlagGroups(cmd) {
		if g.Heading != "" {
			p.line(".SS %s", escape(g.Heading))
		}
		g.Flags.VisitAll(p.option)
	}
}

func (p *page) option(f *pflag.Flag) {
	if f.Hidden {
		return
	}
	name := bold("--" + f.Name)
	if f.Shorthand != "" {
		name = bold("-"+f.Shorthand) + ", " + name
	}
	placeholder, usage := pflag.UnquoteUsage(f)
	if placeholder != "" {
		name += ` \fI` + escape(placeholder) + `\fP`
	}
	if !slices.Contains([]string{"", "false", "0", "0s", "[]"}, f.DefValue) {
		usage += " (default " + f.DefValue + ")"
	}
	p.item(name, usage)
}

// examples writes the examples of cmd line by line.
func (p *page) examples(cmd *cobra.Command) {
	if cmd.Example == "" {
		return
	}
	p.section("EXAMPLES")
	p.line(".nf")
	for line := range strings.Lines(cmd.Example) {
		p.line("%s", escape(strings.TrimSpace(line)))
	}
	p.line(".fi")
}

func bold(s string) string { return `\fB` + escape(s) + `\fP` }

// escape escapes text for man(7), so that a minus can be copied and a line does not start with a request.
func escape(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "~", `\(ti`, "^", `\(ha`).Replace(s)
	if strings.HasPrefix(s, ".") {
		s = `\&` + s
	}
	return s
}

// row is a row of a table in a page.
type row struct{ name, meaning string }

// files returns the rows of FILES. STATE is the state directory.
func files() []row {
	return []row{
		{"~/.local/state/freshet", "STATE, the state directory, unless FRESHET_HOME or XDG_STATE_HOME is set"},
		{"STATE/connections/NAME.json", "a connection: its client, endpoints and scopes, its token and its history"},
		{"STATE/secrets", "client secrets that freshet login read from a file or standard input"},
		{"STATE/health", "the results of refreshes of token files; no tokens"},
		{
			"STATE/spill",
			"replies of a provider that could not be saved in the token's directory; the next run saves them",
		},
		{
			"~/.config/freshet/providers/NAME.json",
			"your own providers; XDG_CONFIG_HOME sets another directory, and freshet providers checks a file",
		},
		{
			"FILE.lock, FILE.pending, FILE.next",
			"in the directory of each token file and connection: the lock, the journal of a refresh, the next version",
		},
		{"FILE.lost-...", "a reply that was set aside because it belongs to no saved token; a message names the file"},
	}
}

// exitStatus returns the rows of EXIT STATUS, as in the README.
func exitStatus() []row {
	var rows []row
	for _, code := range cli.ExitCodes() {
		rows = append(rows, row{code.Name, code.Meaning})
	}
	return rows
}
