package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/freshet-dev/freshet/internal/text"
)

// helpWidth is the width of help texts in columns. Examples are not wrapped, so that they can be copied.
const helpWidth = 100

// groupKey is the annotation of a flag that names its heading.
const groupKey = "freshet_group"

// group puts the flags that register adds under a heading in the help text. If groups are nested,
// the outer heading counts. Headings and flags keep the order of registration.
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

// FlagGroup holds the flags of a command that have the same heading. The heading is empty for flags
// in no group.
type FlagGroup struct {
	Heading string
	Flags   *pflag.FlagSet
}

// FlagGroups returns the flags of cmd in the order of its help text. Flags in no group come first.
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

func printHelp(w io.Writer, cmd *cobra.Command) {
	fmt.Fprint(w, wrap(cmp.Or(cmd.Long, cmd.Short)))
	if !cmd.Runnable() {
		return // a help topic
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
		fmt.Fprintf(w, "\n%s:\n%s", cmp.Or(g.Heading, "Flags"), g.Flags.FlagUsagesWrapped(helpWidth))
	}
}

// CommandGroup holds the names of commands under one heading.
type CommandGroup struct {
	Heading string
	Names   []string
}

// CommandGroups has all commands, in the order in which a new user needs them.
var CommandGroups = []CommandGroup{
	{"Start", []string{"login", "import", "set", "rename", "secret"}},
	{"Use", []string{"token", "exec", "refresh", "status"}},
	{"Inspect", []string{"whoami", "introspect", "doctor", "providers"}},
	{"End", []string{"revoke", "logout"}},
	{"Tools", []string{"testserver", "demo", "completion", "version", "help"}},
}

func printCommands(w io.Writer, root *cobra.Command) {
	width := 0
	for _, cmd := range root.Commands() {
		width = max(width, len(cmd.Name()))
	}
	for _, g := range CommandGroups {
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
	fmt.Fprint(w, "\nfreshet help COMMAND describes a command.\n")
}

// wrap wraps paragraphs at helpWidth. An indented line is an item of a list: it stays separate, and
// its continuation lines are indented like its text.
func wrap(text string) string {
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
			label, rest := cutLabel(content)
			fold(&b, indent+label, indent+strings.Repeat(" ", len(label)), rest)
		}
	}
	end()
	return b.String()
}

// cutLabel splits the label off an item of a list. The label is a dash, or the first of two columns.
func cutLabel(item string) (label, text string) {
	if after, ok := strings.CutPrefix(item, "- "); ok {
		return "- ", after
	}
	if i := strings.Index(item, "  "); i >= 0 {
		text = strings.TrimLeft(item[i:], " ")
		return item[:len(item)-len(text)], text
	}
	return "", item
}

// fold writes words in lines of at most helpWidth. The first line begins with first, the others with next.
func fold(w *strings.Builder, first, next, words string) {
	line, hasWord := text.Printable(first), false
	for word := range strings.FieldsSeq(words) {
		word = text.Printable(word)
		if hasWord && len(line)+1+len(word) > helpWidth {
			w.WriteString(line + "\n")
			line, hasWord = next, false
		}
		if hasWord {
			line += " "
		}
		line, hasWord = line+word, true
	}
	w.WriteString(line + "\n")
}
