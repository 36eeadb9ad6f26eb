package main

import (
	"fmt"
	"strings"

	"github.com/freshet-dev/freshet/internal/cli"
	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/provider"
)

const introduction = `<!-- Made from provider/*.json by go generate ./provider. -->

# Providers

What freshet knows about each provider, as ` + "`freshet providers NAME`" + ` shows it, too. It is data: one file each in
[provider](../provider), and your own in ` + "`$XDG_CONFIG_HOME/freshet/providers`" + `; [CONTRIBUTING.md](../CONTRIBUTING.md#adding-a-provider)
shows how to write one. Every other server works as well, by its metadata (` + "`--issuer`" + `) or its endpoints (` + "`--token-url`" + `).

A \* marks what no official page of the provider states; below each table is where it is from. No refresh token is presented a
second time, and none goes to another host, on the word of such a value. Remedies are those of the command line.

`

// markdown is the page: a table of all, and then a section each.
func markdown(all []*provider.Provider) string {
	var out strings.Builder
	out.WriteString(introduction)
	tableHead(&out, cli.ProviderColumns...)
	for _, p := range all {
		if !p.IsGeneric() {
			cells := cli.ProviderRow(p)
			cells[0] = fmt.Sprintf("[%s](#%s)", p.Name, anchor(p.Title))
			tableRow(&out, cells...)
		}
	}
	for _, p := range all {
		if !p.IsGeneric() {
			section(&out, p)
		}
	}
	for _, p := range all {
		if p.IsGeneric() {
			out.WriteString("\n## Every other server\n\nWhat the errors of the RFCs mean, of a provider above, too, where its own table has nothing.\n")
			errorTable(&out, p)
		}
	}
	return out.String()
}

func section(out *strings.Builder, p *provider.Provider) {
	text.Fprintf(out, "\n## %s\n\n`freshet login %s`\n", p.Title, p.Name)
	described := cli.DescribeProvider(p)
	for _, group := range described {
		if group.Heading == "notes" {
			list(out, "", group.Facts)
		}
	}
	out.WriteByte('\n')
	tableHead(out, "", "", "")
	for _, group := range described {
		if group.Heading == "notes" || group.Heading == "documentation" {
			continue
		}
		heading := "**" + group.Heading + "**"
		for _, fact := range group.Facts {
			tableRow(out, heading, escape(fact.Label), mark(words(fact.Value), fact.Doubts))
			heading = ""
		}
	}
	errorTable(out, p)
	doubts(out, p, described)
	for _, group := range described {
		if group.Heading == "documentation" {
			out.WriteString("\nOfficial pages:\n\n")
			for _, fact := range group.Facts {
				text.Fprintf(out, "- %s\n", mark("<"+fact.Value+">", fact.Doubts))
			}
		}
	}
}

func errorTable(out *strings.Builder, p *provider.Provider) {
	errors := cli.ProviderErrors(p)
	if len(errors) == 0 {
		return
	}
	out.WriteByte('\n')
	tableHead(out, "error", "kind", "cause", "remedy")
	for _, e := range errors {
		tableRow(out, mark(escape(e.When), e.Doubts), escape(e.Kind), escape(e.Cause), escape(e.Remedy))
	}
}

// doubts says where the values are from that are marked.
func doubts(out *strings.Builder, p *provider.Provider, described []cli.ProviderFacts) {
	var marked []cli.ProviderFact
	for _, group := range described {
		for _, fact := range group.Facts {
			for _, doubt := range fact.Doubts {
				marked = append(marked, cli.ProviderFact{Value: strings.TrimSpace(group.Heading+", "+fact.Label) + ": " + doubt})
			}
		}
	}
	for _, e := range cli.ProviderErrors(p) {
		for _, doubt := range e.Doubts {
			marked = append(marked, cli.ProviderFact{Value: "error " + e.When + ": " + doubt})
		}
	}
	list(out, "\\* Not from an official page:", marked)
}

func list(out *strings.Builder, heading string, facts []cli.ProviderFact) {
	if len(facts) == 0 {
		return
	}
	if heading != "" {
		out.WriteString("\n" + heading + "\n")
	}
	out.WriteByte('\n')
	for _, fact := range facts {
		text.Fprintf(out, "- %s\n", mark(words(fact.Value), fact.Doubts))
	}
}

func tableHead(out *strings.Builder, cells ...string) {
	tableRow(out, cells...)
	fmt.Fprintf(out, "|%s\n", strings.Repeat("---|", len(cells)))
}

func tableRow(out *strings.Builder, cells ...string) {
	text.Fprintf(out, "| %s |\n", strings.Join(cells, " | "))
}

// anchor is what GitHub makes of a heading.
func anchor(heading string) string {
	return strings.ReplaceAll(strings.ToLower(heading), " ", "-")
}

// words is a word as code, and prose as it is.
func words(s string) string {
	if strings.Contains(s, " ") {
		return escape(s)
	}
	return "`" + strings.ReplaceAll(s, "|", `\|`) + "`"
}

var escape = strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "<", "&lt;", "`", "\\`").Replace

func mark(text string, doubts []string) string {
	if len(doubts) > 0 {
		return text + ` \*`
	}
	return text
}
