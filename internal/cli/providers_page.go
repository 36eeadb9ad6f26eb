package cli

import (
	"fmt"
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

// ProviderError is an error of a provider's token endpoint, for people.
type ProviderError struct {
	When   string // its code, and what its description says
	Kind   string
	Cause  string
	Remedy string
	Doubts []string // as in [ProviderFact]
}

// ProviderErrors are the errors that a provider's file explains, the more special first. The remedies are those of the
// command line.
func ProviderErrors(p *provider.Provider) []ProviderError {
	var all []ProviderError
	for i, r := range p.Errors {
		kind := strings.ReplaceAll(string(r.Kind), "_", " ")
		if r.Wait > 0 {
			kind += "; wait " + inWords(r.Wait)
		}
		all = append(all, ProviderError{
			When: when(r), Kind: kind, Cause: r.Cause,
			Remedy: onCommandLine("NAME", r.Remedy), Doubts: doubts(p, fmt.Sprintf("errors.%d", i)),
		})
	}
	return all
}

// when says which error is meant: "invalid_grant with "expired" or "revoked", in a login".
func when(r provider.Refusal) string {
	words := strings.Join(r.Code, " or ")
	if r.Status != 0 {
		words = strings.TrimSpace(words + fmt.Sprintf(" status %d", r.Status))
	}
	var texts []string
	for _, t := range r.Text {
		texts = append(texts, `"`+t+`"`)
	}
	if len(texts) > 0 {
		words = strings.TrimPrefix(words+" with "+strings.Join(texts, " or "), " with ")
	}
	if r.Login {
		words += ", in a login"
	}
	if r.Astray {
		words += ", from a host that does not serve the token"
	}
	return words
}
