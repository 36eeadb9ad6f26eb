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

// literal returns a provider as Go source: a value that the linker lays out, so that it costs nothing at
// start, and assignments of the maps, which need code.
func literal(p *provider.Provider) (value string, maps []string) {
	w := writer{}
	value = w.expression(reflect.ValueOf(*p), "p")
	return value, w.maps
}

type writer struct{ maps []string }

// expression returns the source of v. path is the field that v belongs to.
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
		panic(fmt.Sprintf("no literal for %s", v.Type())) // a new kind of field needs a case here
	}
}

// lines joins parts, one on each line unless they are short.
func lines(parts []string) string {
	if joined := strings.Join(parts, ", "); len(joined) < 80 && !strings.Contains(joined, "\n") {
		return joined
	}
	return "\n" + strings.Join(parts, ",\n") + ",\n"
}

// typeName returns the name of a type in package provider.
func typeName(t reflect.Type) string { return strings.ReplaceAll(t.String(), "provider.", "") }
