package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/freshet-dev/freshet/internal/text"
	"github.com/freshet-dev/freshet/provider"
)

// printProvider prints everything that a provider's file says. from is the path of the file, or builtIn.
func printProvider(w io.Writer, p *provider.Provider, from string) error {
	var out strings.Builder
	text.Fprintf(&out, "%s (%s): %s\n", p.Title, p.Name, from)
	groups := providerFacts(p)
	const width = 22 // of the labels
	for _, group := range groups {
		if group.heading == "notes" {
			printProviderErrors(&out, p)
		}
		text.Fprintf(&out, "\n%s\n", group.heading)
		for _, f := range group.facts {
			label, indent := fmt.Sprintf("  %-*s  ", width, f.label), strings.Repeat(" ", width+4)
			switch {
			case f.label == "":
				label, indent = "  - ", "    "
			case len(f.label) > width: // on a line of its own
				text.Fprintf(&out, "  %s\n", f.label)
				label = indent
			}
			fold(&out, label, indent, f.value)
			printUnofficial(&out, indent, f.sources)
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// printProviderErrors prints the errors that the file explains, with remedies for the command line.
func printProviderErrors(out *strings.Builder, p *provider.Provider) {
	if len(p.Errors) > 0 {
		out.WriteString("\nerrors\n")
	}
	for i, r := range p.Errors {
		kind := strings.ReplaceAll(string(r.Kind), "_", " ")
		if r.Wait > 0 {
			kind += "; wait " + formatDuration(r.Wait)
		}
		fold(out, "  ", "    ", describeRefusal(r))
		fold(out, "    ", "    ", kind+": "+r.Cause)
		fold(out, "    → ", "      ", r.Remedy.Words(subject{connection: "NAME"}.words))
		printUnofficial(out, "    ", unofficialSources(p, fmt.Sprintf("errors.%d", i)))
	}
}

// describeRefusal returns which error of the token endpoint r explains, such as
// `invalid_grant with "expired" or "revoked", in a login`.
func describeRefusal(r provider.Refusal) string {
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
	if r.WithSecret {
		words += ", with a client secret"
	}
	if r.WrongHost {
		words += ", from a host that does not serve the token"
	}
	return words
}

// printUnofficial prints where a value that no official page states is from.
func printUnofficial(out *strings.Builder, indent string, sources []string) {
	for _, source := range sources {
		fold(out, indent+"* ", indent+"  ", "not official: "+source)
	}
}
