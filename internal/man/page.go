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

// rootPage is freshet(1), which also tells what all commands have in common.
func rootPage(root *cobra.Command) []byte {
	p := begin(root)
	p.section("COMMANDS")
	for _, g := range cli.CommandGroups() {
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
	p := begin(cmd)
	p.options(cmd)
	p.examples(cmd)
	p.section("SEE ALSO")
	p.line("%s(1), which has the environment, the files and the exit status.", bold("freshet"))
	return p.Bytes()
}

// page is a manual page in the making, in the language of man(7).
type page struct{ bytes.Buffer }

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

func (p *page) section(title string) { p.line(".SH %s", title) }

func begin(cmd *cobra.Command) *page {
	cmd.InitDefaultHelpFlag()
	p := &page{}
	// Without a date: a page would change without any reason.
	p.line(`.TH %s 1 "" freshet freshet`, escape(strings.ToUpper(title(cmd))))
	p.line(".nh\n.ad l") // no hyphens in what is copied, and no gaps
	p.section("NAME")
	p.line(`%s \- %s`, escape(title(cmd)), escape(cmd.Short))
	p.section("SYNOPSIS")
	p.line("%s", bold(cmd.UseLine()))
	p.section("DESCRIPTION")
	p.text(cmd.Long)
	return p
}

// text writes paragraphs. An indented line is the item of a list, or of a table: a name and what it means.
func (p *page) text(text string) {
	between := true
	for line := range strings.Lines(text) {
		content := strings.TrimSpace(line)
		point, isPoint := strings.CutPrefix(content, "- ")
		name, meaning, isRow := strings.Cut(content, "  ")
		switch {
		case content == "":
			between = true
			continue
		case line[0] != ' ':
			if between {
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
		between = false
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

// examples are as they are typed.
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

// escape keeps text what it is: a minus that can be copied, and no request at the beginning of a line.
func escape(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "~", `\(ti`, "^", `\(ha`).Replace(s)
	if strings.HasPrefix(s, ".") {
		s = `\&` + s
	}
	return s
}
