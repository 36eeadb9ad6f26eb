package jsonobject

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// Find returns the path of the first object in a JSON text, at any depth, that has a member which
// matches. The path of the outermost object is "". Names and the indexes of lists are joined by dots.
// match gets literals only. A text that is not JSON is searched up to the mistake.
func Find(text []byte, match func(path, name string, value Value) bool) (path string, ok bool) {
	type level struct {
		path  string // of the object or list
		index int    // of the next element; -1 in an object
	}
	join := func(path, name string) string { return strings.TrimPrefix(path+"."+name, ".") }
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	d.UseNumber()
	var levels []level
	name, isName := "", false
	for {
		token, err := d.Token()
		if err != nil {
			return "", false
		}
		here := level{index: -1}
		if n := len(levels); n > 0 {
			here = levels[n-1]
		}
		inObject := len(levels) > 0 && here.index < 0
		if s, ok := token.(string); ok && inObject && isName {
			name, isName = s, false
			continue
		}
		if len(levels) > 0 && !inObject {
			name = strconv.Itoa(here.index)
			levels[len(levels)-1].index++
		}
		switch v := token.(type) {
		case json.Delim:
			switch {
			case v == '}' || v == ']':
				levels = levels[:len(levels)-1]
			case len(levels) == 0:
				levels = append(levels, level{"", firstIndex(v)})
			default:
				levels = append(levels, level{join(here.path, name), firstIndex(v)})
			}
		default:
			if inObject && match(here.path, name, literal(v)) {
				return here.path, true
			}
		}
		isName = true
	}
}

func firstIndex(open json.Delim) int {
	if open == '[' {
		return 0
	}
	return -1
}

// literal returns a token of a decoder that is no delimiter as a Value.
func literal(token json.Token) Value {
	if s, ok := token.(string); ok {
		return Quote(s)
	}
	text, _ := json.Marshal(token) // a number, a boolean or null
	return Value(text)
}
