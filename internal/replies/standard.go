package replies

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/syntax"
	"github.com/freshet-dev/freshet/provider"
)

// Standard returns the body of a token reply with the members of [provider.Reply.Members] in their
// standard places: added, or in place of a member that belongs elsewhere. Nested members of a reply
// that has an access_token are not moved, since they belong to another grant. All other members
// stay as they are. A body that is not a JSON object is returned unchanged.
func Standard(p *provider.Provider, body []byte) []byte {
	if len(p.Reply.Members) == 0 {
		return body
	}
	text := strings.TrimSpace(strings.TrimPrefix(string(body), "\ufeff"))
	reply, err := jsonobject.Parse(text)
	if err != nil {
		return body
	}
	edit := reply.Edit()
	accessToken := reply.Value("access_token").AsString()
	hasToken := accessToken != "" && syntax.Token(accessToken) == ""
	for _, name := range slices.Sorted(maps.Keys(p.Reply.Members)) {
		path := p.Reply.Members[name]
		if hasToken && strings.Contains(path, ".") {
			continue // a nested member of a reply with a token belongs to another grant
		}
		if v := reply.Value(name); v.IsLiteral() && v.Text() != "" && v.Kind() != 'n' && !isMoved(p, name) {
			continue
		}
		at := func(path string) jsonobject.Value { return valueAt(jsonobject.Value(text), path) }
		if origin, ok := p.Reply.Members[path]; ok && at(path) == at(origin) {
			continue // the body is standard already, and the member at the path was added
		}
		if v := at(path); v.IsLiteral() && v.Kind() != 'n' {
			edit.Set(name, v)
		}
	}
	return []byte(edit.Text())
}

// isMoved reports whether the reply has something else in the standard place of the member, because
// another member is taken from there: Withings has the description of an error in "error".
func isMoved(p *provider.Provider, name string) bool {
	return slices.Contains(slices.Collect(maps.Values(p.Reply.Members)), name)
}

// valueAt returns the value at the path, or "" if there is none. A number in the path is an index
// of a list. Of a list without an index, the first element counts.
func valueAt(v jsonobject.Value, path string) jsonobject.Value {
	name, rest, _ := strings.Cut(path, ".")
	switch {
	case v.Kind() == '[':
		list := v.Elements()
		index, err := strconv.Atoi(name)
		if err != nil {
			index, rest = 0, path
		}
		if index < 0 || index >= len(list) {
			return ""
		}
		return valueAt(list[index], rest)
	case path == "":
		return v
	default:
		object, err := jsonobject.Parse(string(v))
		if err != nil {
			return ""
		}
		return valueAt(object.Value(name), rest)
	}
}
