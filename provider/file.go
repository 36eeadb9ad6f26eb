package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/tailscale/hujson"
)

// Parse reads a vendor's file: JSON with comments and trailing commas. The error says which line is wrong, or which rule a
// value breaks.
func Parse(text []byte) (*Provider, error) {
	standard, err := hujson.Standardize(bytes.Clone(text))
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "hujson: ")) // names the line
	}
	decoder := json.NewDecoder(bytes.NewReader(standard))
	decoder.DisallowUnknownFields()
	p := &Provider{}
	if err := decoder.Decode(p); err != nil {
		return nil, inLine(text, err)
	}
	return p, p.check()
}

// inLine adds the line that err is about, which is where what it quotes first stands: standardizing moved nothing.
func inLine(text []byte, err error) error {
	var offset int
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		offset = min(int(wrong.Offset), len(text))
	} else {
		offset = bytes.Index(text, []byte(quotedIn(err.Error())))
	}
	said := strings.Replace(strings.TrimPrefix(err.Error(), "json: "), "unknown field", "there is no member", 1)
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
