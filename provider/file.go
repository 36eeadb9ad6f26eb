package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/tailscale/hujson"
)

// Parse reads a vendor's file: JSON with comments and trailing commas. The error says which line is wrong, or which rule a
// value breaks.
func Parse(text []byte) (*Provider, error) {
	document, err := hujson.Parse(bytes.Clone(text))
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "hujson: ")) // names the line
	}
	for value := range document.All() {
		if name, twice := repeated(value); twice {
			return nil, fmt.Errorf("there are two members %q", name) // the second would stand for both
		}
	}
	document.Standardize()
	decoder := json.NewDecoder(bytes.NewReader(document.Pack()))
	decoder.DisallowUnknownFields()
	p := &Provider{}
	if err := decoder.Decode(p); err != nil {
		return nil, inLine(text, err)
	}
	return p, p.check()
}

// repeated returns a name that two members of an object have; encoding/json does not tell case.
func repeated(v *hujson.Value) (name string, twice bool) {
	object, ok := v.Value.(*hujson.Object)
	if !ok {
		return "", false
	}
	seen := map[string]bool{}
	for _, member := range object.Members {
		name := member.Name.Value.(hujson.Literal).String()
		folded := strings.ToLower(name)
		if seen[folded] {
			return name, true
		}
		seen[folded] = true
	}
	return "", false
}

// inLine adds the line that err is about, which is where what it quotes first stands: standardizing moved nothing.
func inLine(text []byte, err error) error {
	said := strings.Replace(strings.TrimPrefix(err.Error(), "json: "), "unknown field", "there is no member", 1)
	offset := -1
	if strings.Contains(said, `"`) {
		offset = bytes.Index(text, []byte(quotedIn(said)))
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		offset = min(int(wrong.Offset), len(text))
		what := "the file"
		if wrong.Field != "" {
			what = strconv.Quote(wrong.Field)
		}
		said = fmt.Sprintf("%s is %s: it must be %s", what, withArticle(wrong.Value), spelled(wrong.Type))
	}
	if offset < 0 {
		return errors.New(said)
	}
	return fmt.Errorf("line %d: %s", 1+bytes.Count(text[:offset], []byte("\n")), said)
}

// quotedIn is the first text in quotes, with them.
func quotedIn(s string) string {
	_, after, _ := strings.Cut(s, `"`)
	text, _, _ := strings.Cut(after, `"`)
	return `"` + text + `"`
}

func withArticle(noun string) string {
	if strings.HasPrefix(noun, "a") || strings.HasPrefix(noun, "o") {
		return "an " + noun
	}
	return "a " + noun
}

// spelled says how a file has a value of type t.
func spelled(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[Duration]():
		return `a duration such as "90s", "1h30m" or "14d"`
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Int:
		return "a whole number"
	case t.Kind() == reflect.Slice:
		return "a list"
	case t.Kind() == reflect.Struct || t.Kind() == reflect.Map:
		return "an object"
	default:
		return "a string"
	}
}
