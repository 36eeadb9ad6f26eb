package provider

import (
	"maps"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet/internal/jsonobject"
)

// Standard returns the body of a token reply with the standard members in their place that the vendor has elsewhere. All
// other bytes stay as they are; so does a body that is not a JSON object.
func (p *Provider) Standard(body []byte) []byte {
	if len(p.Reply.Members) == 0 {
		return body
	}
	text := strings.TrimPrefix(string(body), "\ufeff")
	reply, err := jsonobject.Parse(text)
	if err != nil {
		return body
	}
	edit := reply.Edit()
	complete := reply.Value("access_token").AsString() != ""
	for _, name := range slices.Sorted(maps.Keys(p.Reply.Members)) {
		path := p.Reply.Members[name]
		if complete && strings.Contains(path, ".") {
			continue // what stands deeper beside a token is another grant's
		}
		if v := reply.Value(name); v.IsLiteral() && v.Text() != "" && v.Kind() != 'n' {
			continue
		}
		if found := within(reply, path); found.IsLiteral() && found.Kind() != 'n' {
			edit.Set(name, found)
		}
	}
	return []byte(edit.Text())
}

// within is the value at the path, or "".
func within(o jsonobject.Object, path string) jsonobject.Value {
	name, rest, deeper := strings.Cut(path, ".")
	value := o.Value(name)
	if !deeper {
		return value
	}
	inner, err := jsonobject.Parse(string(value))
	if err != nil {
		return ""
	}
	return within(inner, rest)
}
