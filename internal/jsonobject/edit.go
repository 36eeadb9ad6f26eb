package jsonobject

import "strings"

// Edit is a change of an object in the making.
type Edit struct {
	object Object
	values map[string]Value // what was set
	added  []string         // the names among them that the object does not have
}

// Edit begins a change. The zero Object is edited as {}. The names of the object's members must differ.
func (o Object) Edit() *Edit {
	if o.text == "" {
		o.text = "{}"
	}
	return &Edit{object: o, values: map[string]Value{}}
}

// Value returns the value that the member has by now, and "" when there is none.
func (e *Edit) Value(name string) Value {
	if v, ok := e.values[name]; ok {
		return v
	}
	return e.object.Value(name)
}

// Set replaces the value of the member, or adds a member behind the last, laid out as that is.
func (e *Edit) Set(name string, value Value) {
	if e.Value(name) == "" {
		e.added = append(e.added, name)
	}
	e.values[name] = value
}

// Text returns the changed object. What was not set is in it byte for byte.
func (e *Edit) Text() string {
	text := e.object.text
	var few [1024]byte // nearly always enough, so that the text is allocated once, in its length
	out, copied := few[:0], 0
	for i, m := range e.object.members {
		if v, ok := e.values[e.object.name(i)]; ok {
			out = append(append(out, text[copied:m.valueStart]...), v...)
			copied = int(m.valueEnd)
		}
	}
	end, comma, before, between := e.object.end()
	out = append(out, text[copied:end]...)
	for _, name := range e.added {
		out = append(append(out, comma...), before...)
		out = append(append(out, Quote(name)...), between...)
		out = append(out, e.values[name]...)
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
