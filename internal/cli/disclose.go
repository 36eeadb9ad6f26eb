package cli

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/internal/text"
)

// disclosure is a JSON object that a provider sent: what may be seen of it, and the names of the rest.
type disclosure struct {
	shown  map[string]json.RawMessage // as they were sent
	hidden []string
}

// disclose shows the members that are allowed, of those the strings, numbers, booleans and lists of them; and nothing that
// repeats a secret of the connection.
func disclose(object []byte, c freshet.Connection, allowed []string) (disclosure, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(object, &members); err != nil {
		return disclosure{}, err
	}
	d := disclosure{shown: map[string]json.RawMessage{}, hidden: []string{}}
	secrets := redact.New(append(redact.Values(c.Token.Bytes()), c.Token.AccessToken(), string(c.Token.RefreshToken()), string(c.Client.Secret))...)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		value := members[name]
		_, plain := plainly(value)
		if slices.Contains(allowed, name) && plain && !secrets.Holds(string(value)) {
			d.shown[name] = value
		} else {
			d.hidden = append(d.hidden, secrets.Text(text.Printable(name)))
		}
	}
	return d, nil
}

// text is the first of the members that is there, as people read it.
func (d disclosure) text(names ...string) string {
	for _, name := range names {
		if words, _ := plainly(d.shown[name]); words != "" {
			return words
		}
	}
	return ""
}

// plainly is a value in words; ok is false for one that may hold anything.
func plainly(value json.RawMessage) (words string, ok bool) {
	var decoded any
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	if d.Decode(&decoded) != nil {
		return "", false
	}
	switch v := decoded.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		if v {
			return "yes", true
		}
		return "no", true
	case []any:
		var items []string
		for _, item := range v {
			s, isString := item.(string)
			if !isString {
				return "", false
			}
			items = append(items, s)
		}
		return strings.Join(items, ", "), true
	default:
		return "", decoded == nil
	}
}
