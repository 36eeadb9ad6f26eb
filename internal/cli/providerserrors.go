package cli

import (
	"fmt"
	"strings"

	"github.com/freshet-dev/freshet/provider"
)

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
