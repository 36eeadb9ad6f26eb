package provider

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/internal/text"
)

// PartNames returns the names of the provider's parts, sorted.
func (p *Provider) PartNames() []string { return slices.Sorted(maps.Keys(p.Parts)) }

// MissingPart returns the first part that is not given and has no default, and its hint.
func (p *Provider) MissingPart(parts map[string]string) (name, hint string, missing bool) {
	for _, name := range p.PartNames() {
		if parts[name] == "" && p.Parts[name].Default == "" {
			return name, p.Parts[name].Hint, true
		}
	}
	return "", "", false
}

// CheckParts returns an error if the provider does not have one of the parts or its value is
// invalid.
func (p *Provider) CheckParts(parts map[string]string) error {
	for name, value := range parts {
		if err := p.checkPart(name, value); err != nil {
			return err
		}
	}
	return nil
}

func (p *Provider) checkPart(name, value string) error {
	part, ok := p.Parts[name]
	switch {
	case !ok:
		return fmt.Errorf("the addresses of %s have no part %q", p.Title, name)
	case len(part.Values) > 0 && !slices.Contains(part.Values, value):
		allowed := strings.Join(part.Values, ", ")
		return fmt.Errorf("the part %q is %q, and may be one of %s", name, text.Printable(value), allowed)
	case !isPartValue(value):
		return fmt.Errorf("the part %q cannot be %q: it consists of letters, digits, dots, hyphens and underscores",
			name, text.Printable(value))
	}
	return nil
}

// isPartValue reports whether s cannot change the rest of an address: it has no slash, user
// information, port, query or fragment.
func isPartValue(s string) bool {
	return s != "" && strings.Trim(s, "._-") == s && !strings.ContainsFunc(s, func(r rune) bool {
		return !isLetterOrDigit(r) && !strings.ContainsRune("._-", r)
	})
}

func isLetterOrDigit(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// PartsAfter returns the parts of a login whose redirect has the given parameters. The redirect may
// name the host of the data centre that has the account. Only hosts that the file lists are
// accepted.
func (p *Provider) PartsAfter(given map[string]string, parameter func(name string) string) map[string]string {
	redirected := map[string]string{}
	for name, part := range p.Parts {
		host, isHTTPS := strings.CutPrefix(strings.TrimSuffix(parameter(part.Redirect), "/"), "https://")
		if part.Redirect != "" && isHTTPS && slices.Contains(part.Values, host) {
			redirected[name] = host
		}
	}
	if len(redirected) == 0 {
		return given
	}
	return overlay(given, redirected)
}

// overlay returns the entries of both maps; those of override take precedence.
func overlay(base, override map[string]string) map[string]string {
	both := maps.Clone(base)
	if both == nil {
		both = map[string]string{}
	}
	maps.Copy(both, override)
	return both
}

// fill returns the template with its parts filled in, or "" if one is neither given nor has a
// default.
func (p *Provider) fill(template string, parts map[string]string) string {
	if !strings.Contains(template, "{") {
		return template
	}
	var filled strings.Builder
	for literal, name := range pieces(template) {
		filled.WriteString(literal)
		if name == "" {
			continue
		}
		value := cmp.Or(parts[name], p.Parts[name].Default)
		if p.checkPart(name, value) != nil {
			return ""
		}
		filled.WriteString(value)
	}
	return filled.String()
}

// parseParts is the reverse of fill: it reads the parts from an address. ok reports whether the
// address matches the template.
func (p *Provider) parseParts(template, address string) (parts map[string]string, ok bool) {
	if template == "" || address == "" {
		return nil, false
	}
	rest, name := strings.TrimSuffix(address, "/"), "" // name: the part that rest begins with
	parts = map[string]string{}
	for literal, next := range pieces(strings.TrimSuffix(template, "/")) {
		var value, after string
		var found bool
		switch {
		case name == "":
			after, found = strings.CutPrefix(rest, literal)
		case literal == "" && next == "":
			value, found = rest, true
		default:
			value, after, found = strings.Cut(rest, literal)
		}
		if !found {
			return nil, false
		}
		if name != "" {
			if earlier, repeated := parts[name]; repeated && earlier != value || p.checkPart(name, value) != nil {
				return nil, false
			}
			parts[name] = value
		}
		rest, name = after, next
	}
	return parts, rest == ""
}

// pieces yields the literal texts of a template, each with the part that follows it. The part after
// the last text is "".
func pieces(template string) iter.Seq2[string, string] {
	return func(yield func(literal, part string) bool) {
		for rest := template; ; {
			literal, after, ok := strings.Cut(rest, "{")
			part, after, _ := strings.Cut(after, "}")
			if !yield(literal, part) || !ok {
				return
			}
			rest = after
		}
	}
}
