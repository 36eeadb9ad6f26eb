package endpoints

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/internal/urls"
	"github.com/freshet-dev/freshet/provider"
)

// PartNames returns the names of the provider's parts, sorted.
func PartNames(p *provider.Provider) []string { return slices.Sorted(maps.Keys(p.Parts)) }

// MissingPart returns the first part that is not given and has no default, and its hint.
func MissingPart(p *provider.Provider, parts map[string]string) (name, hint string, missing bool) {
	for _, name := range PartNames(p) {
		if parts[name] == "" && p.Parts[name].Default == "" {
			return name, p.Parts[name].Hint, true
		}
	}
	return "", "", false
}

// CheckParts returns an error if the provider does not have one of the parts or its value is
// invalid.
func CheckParts(p *provider.Provider, parts map[string]string) error {
	for name, value := range parts {
		if err := checkPart(p, name, value); err != nil {
			return err
		}
	}
	return nil
}

func checkPart(p *provider.Provider, name, value string) error {
	part, ok := p.Parts[name]
	if !ok {
		return fmt.Errorf("the addresses of %s have no part %q", p.Title, name)
	}
	return urls.CheckValue(name, value, part.Values)
}

// PartsAfter returns the parts of a login whose redirect has the given parameters. The redirect may
// name the host of the data centre that has the account. Only hosts that the file lists are
// accepted.
func PartsAfter(p *provider.Provider, given map[string]string, parameter func(name string) string) map[string]string {
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
func fill(p *provider.Provider, template string, parts map[string]string) string {
	return urls.Fill(template, func(name string) string {
		value := cmp.Or(parts[name], p.Parts[name].Default)
		if checkPart(p, name, value) != nil {
			return ""
		}
		return value
	})
}

// parseParts is the reverse of fill: it reads the parts from a URL.
func parseParts(p *provider.Provider, template, url string) (parts map[string]string, ok bool) {
	return urls.Match(template, url, func(name, value string) bool { return checkPart(p, name, value) == nil })
}
