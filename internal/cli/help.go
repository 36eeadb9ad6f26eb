package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/freshet-dev/freshet/internal/text"
)

// helpWidth is how many columns help texts have. Examples are not wrapped: they are there to be copied.
const helpWidth = 100

// groupKey is the annotation of a flag that names its heading.
const groupKey = "freshet_group"

// group puts the flags that register registers under a heading of their own. Of two headings, one around the other, the outer
// one counts. Headings stand in the order of their first flags, and flags in the order in which they were registered.
func group(flags *pflag.FlagSet, heading string, register func()) {
	flags.SortFlags = false
	before := 0
	flags.VisitAll(func(*pflag.Flag) { before++ })
	register()
	mark := map[string][]string{groupKey: {heading}}
	flags.VisitAll(func(f *pflag.Flag) {
		if before--; before < 0 {
			f.Annotations = mark
		}
	})
}

// FlagGroup is some flags of a command and their heading, which is empty for those that are in no group.
type FlagGroup struct {
	Heading string
	Flags   *pflag.FlagSet
}

// FlagGroups are the flags of a command as its help text lists them, those in no group first.
func FlagGroups(cmd *cobra.Command) []FlagGroup {
	groups := []FlagGroup{{Flags: pflag.NewFlagSet("", pflag.ContinueOnError)}}
	groups[0].Flags.SortFlags = false
	all := cmd.Flags()
	all.SortFlags = false
	all.VisitAll(func(f *pflag.Flag) {
		heading := strings.Join(f.Annotations[groupKey], "")
		i := slices.IndexFunc(groups, func(g FlagGroup) bool { return g.Heading == heading })
		if i < 0 {
			i = len(groups)
			groups = append(groups, FlagGroup{heading, pflag.NewFlagSet("", pflag.ContinueOnError)})
			groups[i].Flags.SortFlags = false
		}
		groups[i].Flags.AddFlag(f)
	})
	return slices.DeleteFunc(groups, func(g FlagGroup) bool { return !g.Flags.HasAvailableFlags() })
}

// printHelp is the help text of cmd.
func printHelp(w io.Writer, cmd *cobra.Command) {
	text := cmd.Long
	if text == "" {
		text = cmd.Short
	}
	fmt.Fprint(w, wrapped(text))
	printUsage(w, cmd)
}

func printUsage(w io.Writer, cmd *cobra.Command) {
	if !cmd.Runnable() {
		return // a topic
	}
	fmt.Fprintf(w, "\nUsage:\n  %s\n", cmd.UseLine())
	if len(cmd.Aliases) > 0 {
		fmt.Fprintf(w, "\nAliases:\n  %s\n", strings.Join(cmd.Aliases, ", "))
	}
	if cmd.HasExample() {
		fmt.Fprintf(w, "\nExamples:\n%s\n", cmd.Example)
	}
	if !cmd.HasParent() {
		printCommands(w, cmd)
	}
	for _, g := range FlagGroups(cmd) {
		heading := g.Heading
		if heading == "" {
			heading = "Flags"
		}
		fmt.Fprintf(w, "\n%s:\n%s", heading, g.Flags.FlagUsagesWrapped(helpWidth))
	}
}

// CommandGroup is some commands and what they are for.
type CommandGroup struct {
	Heading string
	Names   []string
}

// CommandGroups are the commands in the order in which people come to need them.
func CommandGroups() []CommandGroup {
	return []CommandGroup{
		{"Start", []string{"login", "import", "set", "secret"}},
		{"Use", []string{"token", "exec", "refresh", "status"}},
		{"Look", []string{"whoami", "introspect", "doctor", "providers"}},
		{"End", []string{"revoke", "logout"}},
		{"Tools", []string{"testserver", "demo", "completion", "version", "help"}},
	}
}

func printCommands(w io.Writer, root *cobra.Command) {
	width := 0
	for _, cmd := range root.Commands() {
		width = max(width, len(cmd.Name()))
	}
	for _, g := range CommandGroups() {
		fmt.Fprintf(w, "\n%s:\n", g.Heading)
		for _, name := range g.Names {
			if cmd, _, err := root.Find([]string{name}); err == nil && cmd != root {
				fmt.Fprintf(w, "  %-*s  %s\n", width, name, cmd.Short)
			}
		}
	}
	fmt.Fprint(w, "\nHelp topics:\n")
	for _, cmd := range root.Commands() {
		if cmd.IsAdditionalHelpTopicCommand() {
			fmt.Fprintf(w, "  %-*s  %s\n", width, cmd.Name(), cmd.Short)
		}
	}
	fmt.Fprint(w, "\nfreshet help COMMAND tells more.\n")
}

// wrapped fits paragraphs into the width. Lines that are indented stay lines of their own, and what does not fit hangs below
// the item's text.
func wrapped(text string) string {
	var b strings.Builder
	paragraph := ""
	end := func() {
		if paragraph != "" {
			fold(&b, "", "", paragraph)
			paragraph = ""
		}
	}
	for line := range strings.Lines(text) {
		content := strings.TrimSpace(line)
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		switch {
		case content == "":
			end()
			b.WriteByte('\n')
		case indent == "":
			paragraph = strings.TrimSpace(paragraph + " " + content)
		default:
			end()
			first, rest := cutColumn(content)
			fold(&b, indent+first, indent+strings.Repeat(" ", len(first)), rest)
		}
	}
	end()
	return b.String()
}

// cutColumn cuts what stands before the text of an item: its dash, or the first of two columns.
func cutColumn(item string) (first, text string) {
	if after, ok := strings.CutPrefix(item, "- "); ok {
		return "- ", after
	}
	if i := strings.Index(item, "  "); i >= 0 {
		text = strings.TrimLeft(item[i:], " ")
		return item[:len(item)-len(text)], text
	}
	return "", item
}

// fold writes words in lines, the first of which begins with first, and the others with next.
func fold(w *strings.Builder, first, next, words string) {
	line, begun := text.Printable(first), false
	for word := range strings.FieldsSeq(words) {
		word = text.Printable(word)
		if begun && len(line)+1+len(word) > helpWidth {
			w.WriteString(line + "\n")
			line, begun = next, false
		}
		if begun {
			line += " "
		}
		line, begun = line+word, true
	}
	w.WriteString(line + "\n")
}
