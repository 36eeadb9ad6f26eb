// Package urls parses the URLs of endpoints, and matches hosts and URLs with the patterns of provider
// files: ".example.com" for all hosts below a name, and "https://{tenant}.example.com/token" for URLs
// with parts.
package urls

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/internal/text"
)

// Fill returns the template with its parts filled in, or "" if value returns "" for one of them.
func Fill(template string, value func(part string) string) string {
	if !strings.Contains(template, "{") {
		return template
	}
	var filled strings.Builder
	for literal, part := range Pieces(template) {
		filled.WriteString(literal)
		if part == "" {
			continue
		}
		v := value(part)
		if v == "" {
			return ""
		}
		filled.WriteString(v)
	}
	return filled.String()
}

// Match is the reverse of [Fill]: it reads the parts from a URL. ok reports whether the URL matches
// the template, and valid accepts every part.
func Match(template, url string, valid func(part, value string) bool) (parts map[string]string, ok bool) {
	if template == "" || url == "" {
		return nil, false
	}
	rest, name := strings.TrimSuffix(url, "/"), "" // name: the part that rest begins with
	parts = map[string]string{}
	for literal, next := range Pieces(strings.TrimSuffix(template, "/")) {
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
			if earlier, repeated := parts[name]; repeated && earlier != value || !valid(name, value) {
				return nil, false
			}
			parts[name] = value
		}
		rest, name = after, next
	}
	return parts, rest == ""
}

// Pieces yields the literal texts of a template, each with the part that follows it. The part after
// the last text is "".
func Pieces(template string) iter.Seq2[string, string] {
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

// CheckValue returns an error if a part cannot have the value. allowed lists the values that it may
// have; if empty, any.
func CheckValue(part, value string, allowed []string) error {
	switch {
	case len(allowed) > 0 && !slices.Contains(allowed, value):
		return fmt.Errorf("the part %q is %q, and may be one of %s",
			part, text.Printable(value), strings.Join(allowed, ", "))
	case !IsValue(value):
		return fmt.Errorf("the part %q cannot be %q: it consists of letters, digits, dots, hyphens and underscores",
			part, text.Printable(value))
	}
	return nil
}

// IsValue reports whether s cannot change the rest of a URL: it has no slash, user information,
// port, query or fragment.
func IsValue(s string) bool {
	return s != "" && strings.Trim(s, "._-") == s && !strings.ContainsFunc(s, func(r rune) bool {
		return !isLetterOrDigit(r) && !strings.ContainsRune("._-", r)
	})
}

// Resolve returns endpoint, on the issuer if it is a path. It returns "" for a path without an
// issuer.
func Resolve(issuer, endpoint string) string {
	switch {
	case !strings.HasPrefix(endpoint, "/"):
		return endpoint
	case issuer == "":
		return ""
	default:
		return strings.TrimSuffix(issuer, "/") + endpoint
	}
}
