package jsonobject

import "strings"

// Edit is a change of an object in the making.
type Edit struct {
	object Object
	values []Value // what the members get, in their order; "" leaves a member alone
	added  []addition
}

type addition struct {
	name  string
	value Value
}

// Edit begins a change. The zero Object is edited as {}. The names of the object's members must differ.
func (o Object) Edit() *Edit {
	if o.text == "" {
		o.text = "{}"
	}
	return &Edit{object: o, values: make([]Value, len(o.members))}
}

// Value returns the value that the member has by now, and "" when there is none.
func (e *Edit) Value(name string) Value {
	v := e.changed(name)
	if v == nil {
		return ""
	}
	if *v == "" {
		return e.object.Value(name)
	}
	return *v
}

// Set replaces the value of the member, or adds a member behind the last, laid out as that is.
func (e *Edit) Set(name string, value Value) {
	if v := e.changed(name); v != nil {
		*v = value
	} else {
		e.added = append(e.added, addition{name, value})
	}
}

// changed is where the new value of the member stands, nil when there is no such member.
func (e *Edit) changed(name string) *Value {
	for i := range e.values {
		if e.object.members[i].name == name {
			return &e.values[i]
		}
	}
	for i := range e.added {
		if e.added[i].name == name {
			return &e.added[i].value
		}
	}
	return nil
}

// Text returns the changed object. What was not set is in it byte for byte.
func (e *Edit) Text() string {
	text := e.object.text
	out := make([]byte, 0, len(text)+512)
	copied := 0
	for i, m := range e.object.members {
		if e.values[i] != "" {
			out = append(out, text[copied:m.valueStart]...)
			out = append(out, e.values[i]...)
			copied = int(m.valueEnd)
		}
	}
	end, comma, before, between := e.object.end()
	out = append(out, text[copied:end]...)
	for _, a := range e.added {
		out = append(append(out, comma...), before...)
		out = append(append(out, Quote(a.name)...), between...)
		out = append(out, a.value...)
		comma = ","
	}
	return string(append(out, text[end:]...))
}

// end says where a member is added, and how: what stands between it and the one before, between that and its name, and between
// its name and its value.
func (o Object) end() (at int, comma, before, between string) {
	if len(o.members) == 0 {
		return strings.IndexByte(o.text, '{') + 1, "", "", ":"
	}
	last := o.members[len(o.members)-1]
	head := o.text[:last.nameStart]
	return int(last.valueEnd), ",", head[len(strings.TrimRight(head, whiteSpace)):], o.text[last.nameEnd:last.valueStart]
}
