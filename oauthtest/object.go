package oauthtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// object is a JSON object whose members stay in order.
type object []member

type member struct {
	name  string
	value any
}

// with returns o with a member changed, or added at the end.
func (o object) with(name string, value any) object {
	if i := o.index(name); i >= 0 {
		o[i].value = value
		return o
	}
	return append(o, member{name, value})
}

// without returns o less a member.
func (o object) without(name string) object {
	if i := o.index(name); i >= 0 {
		return slices.Delete(o, i, i+1)
	}
	return o
}

func (o object) index(name string) int {
	return slices.IndexFunc(o, func(m member) bool { return m.name == name })
}

// MarshalJSON keeps the order.
func (o object) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, encode(m.name)...)
		out = append(out, ':')
		out = append(out, encode(m.value)...)
	}
	return append(out, '}'), nil
}

// form encodes o as a form.
func (o object) form() []byte {
	values := url.Values{}
	for _, m := range o {
		values.Set(m.name, fmt.Sprint(m.value))
	}
	return []byte(values.Encode())
}

// encode is json.Marshal for what this package sends: it cannot fail, and leaves < and & alone.
func encode(v any) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

const jsonType = "application/json;charset=UTF-8"

func writeJSON(w http.ResponseWriter, status int, v any) { write(w, status, jsonType, encode(v)) }

func write(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // to a client that may have left
}
