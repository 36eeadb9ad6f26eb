package jsonobject_test

import (
	"testing"

	"github.com/freshet-dev/freshet/internal/jsonobject"
)

func TestFind(t *testing.T) {
	for text, want := range map[string]string{
		`{"x":1}`: "at ",
		"\ufeff" + `{"a":{"b":1},"c":{"x":null}}`: "at c",
		`{"a":{"b":{"c":{"x":"s"}}}}`:             "at a.b.c",
		`{"l":[1,{"y":2},[{"x":true}]]}`:          "at l.2.0",
		`[{"x":1}]`:                               "at 0",
		`{"x":{"x":2}}`:                           "at x",
		`{"a":"x","b":["x"]}`:                     "nowhere",
		`{"a":{"x`:                                "nowhere",
		`{"a":[[],{}],"d":{"x":1}`:                "at d",
		``:                                        "nowhere",
		`"x"`:                                     "nowhere",
	} {
		path, ok := jsonobject.Find([]byte(text), func(_, name string, value jsonobject.Value) bool {
			return name == "x" && value != ""
		})
		got := "nowhere"
		if ok {
			got = "at " + path
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
