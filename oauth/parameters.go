package oauth

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// parameters are those of a request, sorted by name.
type parameters []parameter

type parameter struct{ name, value string }

// newParameters returns the parameters of the form. The order of repeated ones stays.
func newParameters(form url.Values) parameters {
	p := make(parameters, 0, len(form)+2) // the client's id and secret are added
	for name, values := range form {
		for _, value := range values {
			p = append(p, parameter{name, value})
		}
	}
	slices.SortStableFunc(p, func(a, b parameter) int { return cmp.Compare(a.name, b.name) })
	return p
}

// set replaces the values of a parameter, or adds it.
func (p *parameters) set(name, value string) {
	p.remove(name)
	i, _ := slices.BinarySearchFunc(*p, name, func(one parameter, name string) int { return cmp.Compare(one.name, name) })
	*p = slices.Insert(*p, i, parameter{name, value})
}

func (p *parameters) remove(name string) {
	*p = slices.DeleteFunc(*p, func(one parameter) bool { return one.name == name })
}

// encode returns them as a form (RFC 6749 appendix B).
func (p parameters) encode() string {
	var form strings.Builder
	size := 0
	for _, one := range p {
		size += len(one.name) + len(one.value) + 2
	}
	form.Grow(size + size/8) // usually enough for what is escaped
	for i, one := range p {
		if i > 0 {
			form.WriteByte('&')
		}
		form.WriteString(url.QueryEscape(one.name))
		form.WriteByte('=')
		form.WriteString(url.QueryEscape(one.value))
	}
	return form.String()
}

// object returns them as a JSON object, with an array for a repeated one.
func (p parameters) object() string {
	members := map[string]any{}
	for name, values := range p.values() {
		members[name] = values
		if len(values) == 1 {
			members[name] = values[0]
		}
	}
	object, _ := json.Marshal(members) // strings always encode
	return string(object)
}

func (p parameters) values() url.Values {
	form := url.Values{}
	for _, one := range p {
		form.Add(one.name, one.value)
	}
	return form
}
