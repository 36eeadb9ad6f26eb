package printing_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unsafe"
)

// canary is part of every text that a [filler] writes.
const canary = "canarybird"

// filler writes canaries into values.
type filler struct {
	paths   map[string]string // the canaries, by where they were written
	without []reflect.Type    // types of values that stay empty
	depth   int
}

// text returns a canary that identifies the path.
func (f filler) text(path string) string {
	f.paths[path] = fmt.Sprintf("%s%04d", canary, len(f.paths))
	return f.paths[path]
}

const maxDepth = 12 // a type may contain itself

// fill writes a canary into every string and byte slice in v, including unexported fields. v must be
// addressable. Values of other modules stay empty.
func (f filler) fill(v reflect.Value, path string) {
	if f.depth++; f.depth > maxDepth || slices.Contains(f.without, v.Type()) {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(f.text(path))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(1)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(f.text(path)))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		f.fill(v.Index(0), path+"[]")
	case reflect.Array:
		for i := range v.Len() {
			f.fill(v.Index(i), path+"[]")
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		f.fill(key, path+"[key]")
		f.fill(value, path+"[]")
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Pointer:
		if isOurs(v.Type().Elem()) {
			v.Set(reflect.New(v.Type().Elem()))
			f.fill(v.Elem(), path)
		}
	case reflect.Interface:
		if v.Type() == reflect.TypeFor[error]() {
			v.Set(reflect.ValueOf(errors.New(f.text(path))))
		}
	case reflect.Struct:
		f.fillStruct(v, path)
	}
}

func (f filler) fillStruct(v reflect.Value, path string) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Unix(1, 0)))
	case v.Type().PkgPath() == "sync/atomic" && strings.HasPrefix(v.Type().Name(), "Pointer["):
		store := v.Addr().MethodByName("Store")
		target := reflect.New(store.Type().In(0).Elem())
		if isOurs(target.Type().Elem()) {
			f.fill(target.Elem(), path)
			store.Call([]reflect.Value{target})
		}
	case isOurs(v.Type()):
		for i := range v.NumField() {
			field := v.Field(i)
			if !field.CanSet() { // it is not exported
				field = reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem()
			}
			f.fill(field, strings.TrimPrefix(path+"."+v.Type().Field(i).Name, "."))
		}
	}
}

// isOurs reports whether a type belongs to this module or has no name.
func isOurs(t reflect.Type) bool {
	return t.PkgPath() == "" || t.PkgPath() == module || strings.HasPrefix(t.PkgPath(), module+"/")
}
