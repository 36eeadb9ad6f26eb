package provider

import (
	"maps"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/internal/jsonobject"
)

// Standard returns the body of a token reply with the members of [Reply.Members] added in their
// standard places. All other bytes stay as they are. A body that is not a JSON object is returned
// unchanged.
func (p *Provider) Standard(body []byte) []byte {
	if len(p.Reply.Members) == 0 {
		return body
	}
	reply, err := jsonobject.Parse(strings.TrimPrefix(string(body), "\ufeff"))
	if err != nil {
		return body
	}
	edit := reply.Edit()
	hasToken := reply.Value("access_token").AsString() != ""
	for _, name := range slices.Sorted(maps.Keys(p.Reply.Members)) {
		path := p.Reply.Members[name]
		if hasToken && strings.Contains(path, ".") {
			continue // a nested member of a reply with a token belongs to another grant
		}
		if v := reply.Value(name); v.IsLiteral() && v.Text() != "" && v.Kind() != 'n' {
			continue
		}
		if v := valueAt(reply, path); v.IsLiteral() && v.Kind() != 'n' {
			edit.Set(name, v)
		}
	}
	return []byte(edit.Text())
}

// valueAt returns the value at the path, or "" if there is none.
func valueAt(o jsonobject.Object, path string) jsonobject.Value {
	name, rest, nested := strings.Cut(path, ".")
	value := o.Value(name)
	if !nested {
		return value
	}
	inner, err := jsonobject.Parse(string(value))
	if err != nil {
		return ""
	}
	return valueAt(inner, rest)
}
