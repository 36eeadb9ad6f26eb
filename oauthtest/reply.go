package oauthtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// member is one name and value of a JSON object.
type member struct {
	name  string
	value any
}

// members is a JSON object whose order is kept.
type members []member

// with returns m with name set to value: in place when m has the name, else at the end.
func (m members) with(name string, value any) members {
	out := append(members(nil), m...)
	for i := range out {
		if out[i].name == name {
			out[i].value = value
			return out
		}
	}
	return append(out, member{name, value})
}

// without returns m less name.
func (m members) without(name string) members {
	var out members
	for _, each := range m {
		if each.name != name {
			out = append(out, each)
		}
	}
	return out
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

// appendValue spares the values that every token response has the way through package json, which takes longer than the rest
// of a refresh.
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

// form encodes m as application/x-www-form-urlencoded, with null as the empty value.
func (m members) form() string {
	var pairs []string
	for _, each := range m {
		value := ""
		if each.value != nil {
			value = fmt.Sprint(each.value)
		}
		pairs = append(pairs, url.QueryEscape(each.name)+"="+url.QueryEscape(value))
	}
	return strings.Join(pairs, "&")
}

// reply is an HTTP reply that has not been sent yet, so that a fault can still spoil it.
type reply struct {
	status      int
	contentType string
	header      http.Header
	members     members // what body says, if body is an object
	body        []byte
}

func jsonReply(status int, contentType string, m members) reply {
	header := http.Header{"Cache-Control": {"no-store"}, "Pragma": {"no-cache"}}
	return reply{status: status, contentType: contentType, header: header, members: m, body: m.appendJSON(make([]byte, 0, 512))}
}

// begin sends everything but the body, and promises all of it.
func (p reply) begin(w http.ResponseWriter) {
	maps.Copy(w.Header(), p.header)
	w.Header().Set("Content-Type", p.contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(p.body)))
	w.WriteHeader(p.status)
}

func (p reply) send(w http.ResponseWriter) {
	p.begin(w)
	w.Write(p.body)
}
