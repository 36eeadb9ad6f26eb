package cli

import (
	"io"
	"strings"
	"unicode/utf8"

	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/provider"
)

// printProvider is a page with all that a provider's file says.
func printProvider(w io.Writer, p *provider.Provider, from string) error {
	var out strings.Builder
	text.Fprintf(&out, "%s (%s): %s\n", p.Title, p.Name, from)
	described := DescribeProvider(p)
	width := 0
	for _, group := range described {
		for _, fact := range group.Facts {
			width = max(width, utf8.RuneCountInString(fact.Label))
		}
	}
	for _, group := range described {
		if group.Heading == "notes" {
			printProviderErrors(&out, p)
		}
		text.Fprintf(&out, "\n%s\n", group.Heading)
		for _, fact := range group.Facts {
			label, next := "  "+fact.Label+strings.Repeat(" ", width-utf8.RuneCountInString(fact.Label)+2), strings.Repeat(" ", width+4)
			if fact.Label == "" {
				label, next = "  - ", "    "
			}
			fold(&out, label, next, fact.Value)
			printDoubts(&out, next, fact.Doubts)
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func printProviderErrors(out *strings.Builder, p *provider.Provider) {
	errors := ProviderErrors(p)
	if len(errors) > 0 {
		out.WriteString("\nerrors\n")
	}
	for _, e := range errors {
		fold(out, "  ", "    ", e.When)
		fold(out, "    ", "    ", e.Kind+": "+e.Cause)
		fold(out, "    → ", "      ", e.Remedy)
		printDoubts(out, "    ", e.Doubts)
	}
}

// printDoubts marks a value that is from no official page.
func printDoubts(out *strings.Builder, indent string, doubts []string) {
	for _, doubt := range doubts {
		fold(out, indent+"* ", indent+"  ", "not official: "+doubt)
	}
}
