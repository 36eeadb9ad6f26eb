package jsonobject_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/tailscale/hujson"

	"github.com/freshet-dev/freshet/internal/jsonobject"
)

// FuzzParse compares Parse and Edit with hujson, which keeps a syntax tree: both must accept the
// same texts, find the same members, and report a syntax error at the same place.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{}`, " { } \n", "{\"a\" : \"b\\u00e4\\/\" ,\r\n\t\"\\u0061\":[1,-2.5e+3,{\"x\":null}]}",
		`{"a":{"b":true},"c":false}`, `[1]`, `"s"`, `1`, ``,
		`{"a":1,}`, `[1,]`, `{"a":[1,],"b":1}`,
		"{// a\n\"a\":/* b */1}", "{// a\n\"a\":x}", `{/*`, `{//`, `/`, `{/}`, `{,}`, `[,]`,
		`{"a"`, `{"a":`, `{"a":}`, `{"a":1`, `{"a":1,`, `{"a"1}`, `{"a":1 2}`, `{1:2}`, `{[1]:2}`,
		`{]`, `[}`, `{{"a":}`, `{} {}`, `{"a":"b`, `{"a":"b\`,
		`{"a":"\x"}`, `{"a":"\u12"}`, `{"a":"\u12`, "{\"a\":\"\n\"}",
		`{"a":01}`, `{"a":+1}`, `{"a":1.}`, `{"a":nul}`, `{"a":-}`, `{0/*`,
		"{\"a\":\"\xff\\n\"}", "\ufeff{}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		object, err := jsonobject.Parse(text)
		if got, want := describe(err), wanted(text); got != want && !(want == badComment && err != nil) {
			t.Fatalf("%q: %s, want %s", text, got, want)
		}
		if err != nil {
			return
		}
		value, _ := hujson.Parse([]byte(text))
		tree := value.Value.(*hujson.Object)
		type member struct{ Name, Value, Text string }
		var got, want []member
		for name, value := range object.All() {
			m := member{name, string(value), ""}
			if value.IsLiteral() {
				m.Text = value.Text()
			}
			got = append(got, m)
		}
		for _, m := range tree.Members {
			text := ""
			if literal, ok := m.Value.Value.(hujson.Literal); ok {
				text = literal.String()
			}
			value := hujson.Value{Value: m.Value.Value}.Pack()
			want = append(want, member{m.Name.Value.(hujson.Literal).String(), string(value), text})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-hujson +ours):\n%s", text, diff)
		}
		if _, ok := object.Duplicate(); !ok {
			checkEdit(t, object, tree, value)
		}
	})
}

// checkEdit changes the last member and adds two, in the object and in hujson's tree.
func checkEdit(t *testing.T, object jsonobject.Object, tree *hujson.Object, value hujson.Value) {
	edit := object.Edit()
	if got := edit.Text(); got != string(value.Pack()) {
		t.Errorf("an edit that sets nothing changed %q to %q", value.Pack(), got)
	}
	var last hujson.ObjectMember
	if n := len(tree.Members); n > 0 {
		tree.Members[n-1].Value.Value = hujson.Literal("true")
		last = tree.Members[n-1]
		edit.Set(last.Name.Value.(hujson.Literal).String(), "true")
	}
	for _, name := range []string{"added \x01", "added too"} {
		edit.Set(name, "false")
		last.Name.Value, last.Value.Value = hujson.String(name), hujson.Literal("false")
		tree.Members = append(tree.Members, last)
	}
	if diff := cmp.Diff(string(value.Pack()), edit.Text()); diff != "" {
		t.Errorf("edited (-hujson +ours):\n%s", diff)
	}
}

// describe returns the position of a syntax error, or the text of any other error.
func describe(err error) string {
	var syntax *jsonobject.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Sprintf("line %d, column %d", syntax.Line, syntax.Column)
	}
	return fmt.Sprint(err)
}

// badComment stands for any error: Parse need not agree with hujson on a comment that has no end.
const badComment = "a bad comment"

// wanted returns what describe should return for the error of Parse.
func wanted(text string) string {
	value, err := hujson.Parse([]byte(text))
	message := fmt.Sprint(err)
	switch _, isObject := value.Value.(*hujson.Object); {
	case strings.HasSuffix(message, " comment") || strings.Contains(message, ": parsing comment: "):
		return badComment
	case err != nil:
		position, _, _ := strings.Cut(strings.TrimPrefix(message, "hujson: "), ":")
		return position
	case !value.IsStandard():
		return fmt.Sprint(jsonobject.ErrExtended)
	case !isObject:
		return fmt.Sprint(jsonobject.ErrNotObject)
	default:
		return fmt.Sprint(nil)
	}
}

func TestNestingIsBounded(t *testing.T) {
	for depth, want := range map[int]string{10_000: "<nil>", 10_001: "line 1, column 50001"} {
		text := strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth)
		if _, err := jsonobject.Parse(text); describe(err) != want {
			t.Errorf("%d deep: %v, want %s", depth, err, want)
		}
	}
}

func TestDuplicate(t *testing.T) {
	var many strings.Builder
	for i := range 100 {
		fmt.Fprintf(&many, `"m%d":0,`, i)
	}
	for members, want := range map[string]string{
		``:                        "",
		`"a":1,"b":1`:             "",
		`"a":1,"b":1,"\u0061":1`:  "a",
		`"a":1,"b":1,"b":2,"a":1`: "b",
		many.String() + `"a":1`:   "",
		many.String() + `"m7":1`:  "m7",
	} {
		object, err := jsonobject.Parse("{" + members + "}")
		if got, ok := object.Duplicate(); err != nil || got != want || ok != (want != "") {
			t.Errorf("%s: %q, %t, %v", members, got, ok, err)
		}
	}
}

func TestDuplicateFold(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":1,"b":{"a":[{"a":2}]}}`:         "",
		`{"a":1,"A":2}`:                       "A",
		`{"a":[1,{"b":{"c":1,"\u0063":2}}]}`:  "c",
		`{"token":{"a":1,"a":2},"b":{"b":1}}`: "",
		`{"token":1,"Token":2}`:               "Token",
		`["a","a"]`:                           "",
		`"a"`:                                 "",
	} {
		if got, err := jsonobject.DuplicateFold([]byte(text), "token"); err != nil || got != want {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
	if _, err := jsonobject.DuplicateFold([]byte(`{"a":`)); err == nil {
		t.Error("no error for text that is not JSON")
	}
}

func TestEqual(t *testing.T) {
	for _, test := range []struct {
		a, b jsonobject.Value
		want bool
	}{
		{`"a/b"`, `"a\/\u0062"`, true},
		{`"a"`, `"b"`, false},
		{`"1"`, `1`, false},
		{`1`, `1`, true},
		{`1`, `1.0`, false},
		{`null`, `null`, true},
		{`null`, `""`, false},
		{`[1, "a"]`, `[1,"\u0061"]`, true},
		{`[1,2]`, `[2,1]`, false},
		{`{"a":1,"b":[]}`, `{ "b":[ ], "a":1 }`, true},
		{`{"a":1}`, `{"a":1.0}`, false},
		{``, `null`, false},
	} {
		if got := test.a.Equal(test.b); got != test.want {
			t.Errorf("%s equals %s: %t", test.a, test.b, got)
		}
	}
}

func FuzzQuote(f *testing.F) {
	for _, seed := range []string{"", "plain", "\"\\/", "\x00\x1f\x7f\n", "ä\u2028\U0001F600", "\xff", "<&>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		quoted := jsonobject.Quote(s)
		object, err := jsonobject.Parse(`{"a":` + string(quoted) + `}`)
		if utf8.ValidString(s) && (err != nil || object.Value("a").AsString() != s) {
			t.Errorf("Quote(%q) = %s: %v", s, quoted, err)
		}
		raw := string(jsonobject.QuoteRaw(s))
		object, err = jsonobject.Parse(`{"a":` + raw + `}`)
		if err != nil || utf8.ValidString(raw) != utf8.ValidString(s) ||
			object.Value("a").AsString() != strings.ToValidUTF8(s, "") && utf8.ValidString(s) {
			t.Errorf("QuoteRaw(%q) = %q: %v", s, raw, err)
		}
	})
}

func TestIsUnicode(t *testing.T) {
	for value, want := range map[jsonobject.Value]bool{
		``: true, `1`: true, `"a"`: true, `"\n\\u\ud83d\ude00ü"`: true, `"\\ud800"`: true, `"\u0041"`: true,
		"\"\ufffd\"": true, `"\ufffd"`: true,
		"\"\xff\"": false, `"\ud800"`: false, `"\uDC00"`: false, `"\ud800x"`: false, `"\ud800\n"`: false,
		`"\ud800\u0041"`: false, `"\ud800\ud800"`: false, `"\udc00\ud800"`: false,
		`"\ud83d\ude00\ud83d"`: false,
	} {
		if got := value.IsUnicode(); got != want {
			t.Errorf("%s: %t", value, got)
		}
	}
}
