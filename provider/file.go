package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/tailscale/hujson"

	"github.com/freshet-dev/freshet/internal/jsonobject"
	"github.com/freshet-dev/freshet/internal/text"
)

// Parse parses a provider's file: JSON with comments and trailing commas. The error names the line,
// or the rule that a value breaks.
func Parse(text []byte) (*Provider, error) {
	document, err := hujson.Parse(bytes.Clone(text))
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "hujson: ")) // names the line
	}
	document.Standardize()
	standard := document.Pack()
	switch name, err := jsonobject.DuplicateFold(standard); {
	case err != nil:
		return nil, err
	case name != "":
		return nil, fmt.Errorf("duplicate member %q", name)
	}
	decoder := json.NewDecoder(bytes.NewReader(standard))
	decoder.DisallowUnknownFields()
	p := &Provider{}
	if err := decoder.Decode(p); err != nil {
		return nil, withLine(text, err)
	}
	return p, p.Check()
}

// withLine rewrites an error of encoding/json for people, with the line. Where the error has no
// offset, it is the line of the text that the error quotes.
func withLine(text []byte, err error) error {
	message := strings.Replace(strings.TrimPrefix(err.Error(), "json: "), "unknown field", "unknown member", 1)
	offset := -1
	if _, quoted, ok := strings.Cut(message, `"`); ok {
		quoted, _, _ = strings.Cut(quoted, `"`)
		offset = bytes.Index(text, []byte(`"`+quoted+`"`))
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		offset = min(int(wrong.Offset), len(text)) // valid in text: hujson.Standardize moves nothing
		what, article := "the file", "a"
		if wrong.Field != "" {
			what = strconv.Quote(wrong.Field)
		}
		if wrong.Value == "array" || wrong.Value == "object" {
			article = "an"
		}
		message = fmt.Sprintf("%s is %s %s: it must be %s", what, article, wrong.Value, describeType(wrong.Type))
	}
	if offset < 0 {
		return errors.New(message)
	}
	return fmt.Errorf("line %d: %s", 1+bytes.Count(text[:offset], []byte("\n")), message)
}

// describeType says how a file writes a value of type t.
func describeType(t reflect.Type) string {
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

// Duration is a length of time that files write as [time.ParseDuration] reads it, or in days or weeks:
// "90s", "1h30m", "14d".
type Duration time.Duration

// UnmarshalText parses a positive duration.
func (d *Duration) UnmarshalText(s []byte) error {
	parsed, err := text.ParseDuration(string(s))
	if err == nil && parsed <= 0 {
		err = fmt.Errorf("%q is not positive", s)
	}
	if err == nil {
		*d = Duration(parsed)
	}
	return err
}

// MarshalText formats d as [Duration.String] does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String formats two or more whole days as days, and anything else as hours, minutes and seconds,
// without trailing zeros.
func (d Duration) String() string { return text.FormatDuration(time.Duration(d)) }
