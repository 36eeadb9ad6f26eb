package main

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/freshet-dev/freshet/provider"
)

// literal is a vendor as Go source: a value that the linker lays out, so that it costs nothing until it is used; and the maps,
// which only code can make, by the fields that they belong to.
func literal(p *provider.Provider) (value string, maps []string) {
	w := writer{}
	value = w.expression(reflect.ValueOf(*p), "p")
	return value, w.maps
}

type writer struct{ maps []string }

// expression is v, which stands at the path.
func (w *writer) expression(v reflect.Value, path string) string {
	switch v.Kind() {
	case reflect.String:
		return strconv.Quote(v.String())
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.Int, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Pointer:
		return "&" + w.expression(v.Elem(), path)
	case reflect.Slice:
		var elements []string
		for i := range v.Len() {
			elements = append(elements, w.expression(v.Index(i), ""))
		}
		return typeName(v.Type()) + "{" + lines(elements) + "}"
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
		var pairs []string
		for _, key := range keys {
			pairs = append(pairs, strconv.Quote(key.String())+": "+w.expression(v.MapIndex(key), ""))
		}
		w.maps = append(w.maps, path+" = "+typeName(v.Type())+"{"+lines(pairs)+"}")
		return ""
	case reflect.Struct:
		var fields []string
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if !field.IsExported() || v.Field(i).IsZero() {
				continue
			}
			if text := w.expression(v.Field(i), path+"."+field.Name); text != "" {
				fields = append(fields, field.Name+": "+text)
			}
		}
		return typeName(v.Type()) + "{" + lines(fields) + "}"
	default:
		panic(fmt.Sprintf("no literal for %s", v.Type())) // a field of a new kind needs a case here
	}
}

// lines puts each on a line of its own, unless they are few and short.
func lines(parts []string) string {
	if joined := strings.Join(parts, ", "); len(joined) < 80 && !strings.Contains(joined, "\n") {
		return joined
	}
	return "\n" + strings.Join(parts, ",\n") + ",\n"
}

// typeName is the type as package provider calls it.
func typeName(t reflect.Type) string { return strings.ReplaceAll(t.String(), "provider.", "") }
