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

// literal is the Go composite literal of a vendor.
func literal(p *provider.Provider) string { return expression(reflect.ValueOf(*p)) }

func expression(v reflect.Value) string {
	switch v.Kind() {
	case reflect.String:
		return strconv.Quote(v.String())
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.Int, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Pointer:
		return "&" + expression(v.Elem())
	case reflect.Slice:
		var elements []string
		for i := range v.Len() {
			elements = append(elements, expression(v.Index(i)))
		}
		return typeName(v.Type()) + "{" + lines(elements) + "}"
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
		var pairs []string
		for _, key := range keys {
			pairs = append(pairs, strconv.Quote(key.String())+": "+expression(v.MapIndex(key)))
		}
		return typeName(v.Type()) + "{" + lines(pairs) + "}"
	case reflect.Struct:
		var fields []string
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() && !v.Field(i).IsZero() {
				fields = append(fields, field.Name+": "+expression(v.Field(i)))
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
