package oauthtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// member is one name and value of a JSON object.
type member struct {
	name  string
	value any
}

// members is a JSON object whose order is kept.
type members []member

// with returns m with name set to value: in place if m has the name, else at the end.
func (m members) with(name string, value any) members {
	out := slices.Clone(m)
	for i := range out {
		if out[i].name == name {
			out[i].value = value
			return out
		}
	}
	return append(out, member{name, value})
}

// without returns m without name.
func (m members) without(name string) members {
	return slices.DeleteFunc(slices.Clone(m), func(each member) bool { return each.name == name })
}

// renamed returns m with its members at the paths that are given for their names.
func (m members) renamed(paths map[string]string) members {
	if len(paths) == 0 {
		return m
	}
	var out members
	for _, each := range m {
		path := paths[each.name]
		if path == "" {
			path = each.name
		}
		out = out.withPath(path, each.value)
	}
	return out
}

// withPath returns m with value at path: names joined by dots, of objects that are made as needed.
func (m members) withPath(path string, value any) members {
	name, rest, nested := strings.Cut(path, ".")
	if !nested {
		return m.with(name, value)
	}
	inner, _ := m.value(name).(members)
	return m.with(name, inner.withPath(rest, value))
}

// value returns the value of the member with this name, or nil.
func (m members) value(name string) any {
	for _, each := range m {
		if each.name == name {
			return each.value
		}
	}
	return nil
}

// seconds returns the member with this name as a duration, or 0.
func (m members) seconds(name string) time.Duration {
	number, _ := m.value(name).(json.Number)
	n, _ := number.Int64()
	return time.Duration(n) * time.Second
}

// UnmarshalJSON reads an object and keeps the order of its members. An object in it becomes members,
// a number a [json.Number], and a list stays as it is.
func (m *members) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	if _, err := decoder.Token(); err != nil {
		return err
	}
	*m = nil
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		var raw json.RawMessage
		if err := decoder.Decode(&raw); err != nil {
			return err
		}
		value, err := parseValue(raw)
		if err != nil {
			return err
		}
		*m = append(*m, member{name.(string), value})
	}
	return nil
}

func parseValue(raw json.RawMessage) (any, error) {
	switch raw[0] {
	case '{':
		var inner members
		err := inner.UnmarshalJSON(raw)
		return inner, err
	case '[':
		return raw, nil
	}
	var value any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	err := decoder.Decode(&value)
	return value, err
}

// MarshalJSON writes the object compactly.
func (m members) MarshalJSON() ([]byte, error) { return m.appendJSON(nil), nil }

func (m members) appendJSON(out []byte) []byte {
	out = append(out, '{')
	for i, each := range m {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(strconv.AppendQuote(out, each.name), ':') // names are plain ASCII
		out = appendValue(out, each.value)
	}
	return append(out, '}')
}

// appendValue appends the JSON of value. For the types that every token response has it does without
// package json, which takes longer than the rest of a refresh.
func appendValue(out []byte, value any) []byte {
	switch value := value.(type) {
	case string:
		if !strings.ContainsFunc(value, needsEscape) {
			return append(append(append(out, '"'), value...), '"')
		}
	case int:
		return strconv.AppendInt(out, int64(value), 10)
	case members:
		return value.appendJSON(out)
	}
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // unreachable: the values are strings, numbers, lists of them and null
	}
	return append(out, text...)
}

func needsEscape(r rune) bool {
	return r < ' ' || r > '~' || r == '"' || r == '\\' || r == '<' || r == '>' || r == '&'
}

// form returns m as application/x-www-form-urlencoded in the order of m, with null as the empty value.
func (m members) form() string {
	var pairs []string
	for _, each := range m {
		value := ""
		switch v := each.value.(type) {
		case nil:
		case json.RawMessage:
			value = string(v)
		default:
			value = fmt.Sprint(v)
		}
		pairs = append(pairs, url.QueryEscape(each.name)+"="+url.QueryEscape(value))
	}
	return strings.Join(pairs, "&")
}

// reply is an HTTP reply that has not been sent yet, so that a fault can change it.
type reply struct {
	status      int
	contentType string
	header      http.Header
	members     members // of body, if that is an object
	body        []byte
}

func jsonReply(status int, contentType string, m members) reply {
	header := http.Header{"Cache-Control": {"no-store"}, "Pragma": {"no-cache"}}
	body := m.appendJSON(make([]byte, 0, 512))
	return reply{status: status, contentType: contentType, header: header, members: m, body: body}
}

// asForm returns r with a form-encoded body.
func (r reply) asForm() reply {
	r.contentType = "application/x-www-form-urlencoded"
	r.body = []byte(r.members.form())
	return r
}

// sendHeader sends everything but the body, and announces the length of the whole body.
func (r reply) sendHeader(w http.ResponseWriter) {
	maps.Copy(w.Header(), r.header)
	w.Header().Set("Content-Type", r.contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(r.body)))
	w.WriteHeader(r.status)
}

func (r reply) send(w http.ResponseWriter) {
	r.sendHeader(w)
	w.Write(r.body)
}
