// Package printing_test prints a value of every exported type in every way, and searches the output
// for secrets.
package printing_test

import (
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// verbs are the verbs of package fmt that a type controls: all but %T, %p and %w.
var verbs = []string{
	"%v", "%+v", "%#v", "%s", "%q", "%+q", "%#q", "%x", "%X", "%# x", "%d", "%t", "%b", "%c",
	"%o", "%O", "%U", "%e", "%E", "%f", "%F", "%g", "%G", "%20v", "%-.3s", "%z",
}

// Printing a value shows none of its fields, except those in the row of its type.
func TestPrintedValuesHideTheirFields(t *testing.T) {
	for name := range exportedTypes(t) {
		row, ok := rows[name]
		if !ok {
			t.Errorf("%s has no row in rows_test.go", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			if row.typ == nil {
				if row.why == "" {
					t.Error("the row has no reason")
				}
				return
			}
			row.check(t)
		})
	}
}

func TestRowsMatchTypes(t *testing.T) {
	exported := exportedTypes(t)
	for name, row := range rows {
		if !exported[name] {
			t.Errorf("%s has a row, but does not exist", name)
		}
		if row.typ != nil && nameOf(row.typ) != name {
			t.Errorf("the row of %s is for %s", name, nameOf(row.typ))
		}
		if (len(row.shows) > 0 || row.json != "") && row.why == "" && row.json == "" {
			t.Errorf("the row of %s has no reason for showing %q", name, row.shows)
		}
	}
}

// check prints and marshals a value that is filled with canaries. It marshals it again without tokens
// and client secrets, because these make marshalling fail for every value that contains them.
func (r row) check(t *testing.T) {
	filled, paths := filledValue(r.typ, filler{})
	if len(r.hidden(paths)) == 0 {
		return
	}
	r.checkPrinting(t, filled, paths)
	r.checkMarshalling(t, filled, paths)
	filled, paths = filledValue(r.typ,
		filler{without: []reflect.Type{reflect.TypeFor[oauth.Secret](), reflect.TypeFor[freshet.Token]()}})
	r.checkMarshalling(t, filled, paths)
}

func filledValue(typ reflect.Type, f filler) (filled reflect.Value, paths map[string]string) {
	filled, f.paths = reflect.New(typ), map[string]string{}
	f.fill(filled.Elem(), "")
	return filled, f.paths
}

func (r row) checkPrinting(t *testing.T, filled reflect.Value, paths map[string]string) {
	t.Helper()
	for _, held := range holders(filled) {
		var text strings.Builder
		for _, verb := range verbs {
			fmt.Fprintf(&text, verb, held.value)
		}
		fmt.Fprint(&text, held.value)
		fmt.Fprintln(&text, held.value)
		slog.New(slog.NewTextHandler(&text, nil)).Info("it", "value", held.value, slog.Group("in", "a", held.value))
		r.wantHidden(t, "as "+held.name, text.String(), paths)
	}
}

func (r row) checkMarshalling(t *testing.T, filled reflect.Value, paths map[string]string) {
	t.Helper()
	for _, held := range holders(filled) {
		if r.json != "" {
			break
		}
		var text strings.Builder
		slog.New(slog.NewJSONHandler(&text, nil)).Info("it", "value", held.value, slog.Group("in", "a", held.value))
		marshalled, err := json.Marshal(held.value)
		fmt.Fprintln(&text, string(marshalled), err)
		r.wantHidden(t, "in JSON as "+held.name, text.String(), paths)
	}
	// slog logs no value as JSON, not even of a type that may be marshalled.
	var text bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&text, nil))
	log.Info("it", "value", filled.Interface())
	if !holdsLock(r.typ) {
		log.Info("it", "value", filled.Elem().Interface())
	}
	r.wantHidden(t, "logged as JSON", text.String(), paths)
	text.Reset()
	err := gob.NewEncoder(&text).Encode(filled.Interface())
	fmt.Fprintln(&text, err)
	r.wantHidden(t, "in gob", text.String(), paths)
	if err == nil && len(r.hidden(paths)) > 0 && !holdsLock(r.typ) {
		t.Error("gob encodes it, although it may hold secrets")
	}
}

type holder struct {
	name  string
	value any
}

// holders returns the ways to pass a value to a function that prints it. Values with a lock are not
// copied.
func holders(pointer reflect.Value) []holder {
	typ := pointer.Type().Elem()
	all := []holder{{"a pointer", pointer.Interface()}}
	add := func(name string, t reflect.Type, set func(reflect.Value)) {
		v := reflect.New(t).Elem()
		set(v)
		all = append(all, holder{name, v.Interface()}, holder{"a pointer to " + name, v.Addr().Interface()})
	}
	for _, field := range []reflect.Value{pointer, pointer.Elem()} {
		if field.Kind() != reflect.Pointer && holdsLock(typ) {
			break
		}
		of := field.Type().String()
		add("a field "+of, reflect.StructOf([]reflect.StructField{{Name: "Field", Type: field.Type()}}),
			func(v reflect.Value) { v.Field(0).Set(field) })
		add("a slice of "+of, reflect.SliceOf(field.Type()), func(v reflect.Value) { v.Set(reflect.Append(v, field)) })
		add("an array of "+of, reflect.ArrayOf(1, field.Type()), func(v reflect.Value) { v.Index(0).Set(field) })
		add("a map to "+of, reflect.MapOf(reflect.TypeFor[string](), field.Type()), func(v reflect.Value) {
			v.Set(reflect.MakeMap(v.Type()))
			v.SetMapIndex(reflect.ValueOf("key"), field)
		})
		if field.Comparable() && field.Kind() != reflect.String { // encoding/json does not call methods of string keys
			add("a map from "+of, reflect.MapOf(field.Type(), reflect.TypeFor[int]()), func(v reflect.Value) {
				v.Set(reflect.MakeMap(v.Type()))
				v.SetMapIndex(field, reflect.ValueOf(1))
			})
		}
		all = append(all, holder{"any of " + of, []any{field.Interface()}})
	}
	if !holdsLock(typ) {
		all = append(all, holder{"a value", pointer.Elem().Interface()})
	}
	return all
}

func holdsLock(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	if t.PkgPath() == "sync" || t.PkgPath() == "sync/atomic" {
		return true
	}
	for i := range t.NumField() {
		if holdsLock(t.Field(i).Type) {
			return true
		}
	}
	return false
}

// hidden returns the paths that must not be shown.
func (r row) hidden(paths map[string]string) []string {
	var hidden []string
	for path := range paths {
		if !slices.ContainsFunc(r.shows, func(shown string) bool {
			return path == shown || shown == "*" || strings.HasPrefix(path, shown+".") ||
				strings.HasPrefix(path, shown+"[")
		}) {
			hidden = append(hidden, path)
		}
	}
	return hidden
}

func (r row) wantHidden(t *testing.T, how, text string, paths map[string]string) {
	t.Helper()
	if !contains(text) {
		return
	}
	for _, path := range r.hidden(paths) {
		for _, spelled := range spellings(paths[path]) {
			if at := strings.Index(text, spelled); at >= 0 {
				t.Errorf("%s %q shows: …%s…", how, path, text[max(at-60, 0):min(at+60, len(text))])
				break
			}
		}
	}
}

// contains reports whether the text contains a canary in any spelling.
func contains(text string) bool {
	return slices.ContainsFunc(spellings(canary), func(spelled string) bool { return strings.Contains(text, spelled) })
}

// spellings returns a text as the verbs of package fmt, encoding/json and encoding/gob write it.
func spellings(text string) []string {
	each := func(format, between string) string {
		var all []string
		for _, c := range []byte(text) {
			all = append(all, fmt.Sprintf(format, c))
		}
		return strings.Join(all, between)
	}
	return []string{
		text, base64.StdEncoding.EncodeToString([]byte(text))[:len(text)],
		each("%02x", ""), each("%02X", ""), each("%02x", " "), each("0x%02x", " "), each("0x%x", ", "),
		each("%d", " "), each("%d", ","), each("%b", " "), each("%o", " "), each("0o%o", " "),
		each("%c", " "), each("%U", " "),
	}
}
