package cli

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func TestEveryCommandIsInOneGroup(t *testing.T) {
	var listed, want []string
	for _, g := range CommandGroups {
		listed = append(listed, g.Names...)
	}
	want = append(want, "help")
	for _, cmd := range commands() {
		want = append(want, cmd.Name())
	}
	slices.Sort(listed)
	slices.Sort(want)
	if diff := cmp.Diff(want, listed); diff != "" {
		t.Errorf("the groups of commands (-commands +listed):\n%s", diff)
	}
}

// Examples are not wrapped.
func TestHelpFitsTheWidth(t *testing.T) {
	root := (&app{}).rootCommand("")
	for _, cmd := range append(root.Commands(), root) {
		var help strings.Builder
		printHelp(&help, cmd)
		text := strings.Replace(help.String(), cmd.Example, "", 1)
		for line := range strings.Lines(text) {
			if n := utf8.RuneCountInString(strings.TrimSpace(line)); n > helpWidth {
				t.Errorf("%s: %d columns: %s", cmd.Name(), n, line)
			}
		}
	}
}

func TestWrap(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("ten chars ", 12))
	first, second := strings.TrimSpace(long[:100]), long[100:]
	for text, want := range map[string]string{
		"one\ntwo\n\nthree":           "one two\n\nthree\n",
		long:                          first + "\n" + second + "\n",
		"a list:\n  - one\n  - two":   "a list:\n  - one\n  - two\n",
		"  - " + long:                 "  - " + long[:93] + "\n    " + long[94:] + "\n",
		"  NAME   means\n  N      it": "  NAME   means\n  N      it\n",
	} {
		if diff := cmp.Diff(want, wrap(text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

// Of nested groups the outer heading counts.
func TestFlagsAreGroupedByHeading(t *testing.T) {
	cmd := &cobra.Command{Use: "x"}
	flags := cmd.Flags()
	flags.Bool("first", false, "")
	group(flags, "Outer", func() {
		flags.Bool("b", false, "")
		group(flags, "Inner", func() { flags.Bool("a", false, "") })
	})
	flags.Bool("last", false, "")
	group(flags, "Inner", func() { flags.Bool("c", false, "") })

	got := map[string][]string{}
	var headings []string
	for _, g := range FlagGroups(cmd) {
		headings = append(headings, g.Heading)
		g.Flags.VisitAll(func(f *pflag.Flag) { got[g.Heading] = append(got[g.Heading], f.Name) })
	}
	want := map[string][]string{"": {"first", "last"}, "Outer": {"b", "a"}, "Inner": {"c"}}
	if diff := cmp.Diff(want, got); diff != "" || !slices.Equal(headings, []string{"", "Outer", "Inner"}) {
		t.Errorf("%q, (-want +got):\n%s", headings, diff)
	}
}
