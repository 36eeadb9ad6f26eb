package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// In a file with every member, all values are unofficial. The page must show the source of each.
func TestProviderPageHasEveryMember(t *testing.T) {
	p := &provider.Provider{}
	fill(reflect.ValueOf(p).Elem())
	p.Client.Auth, p.Login.Redirect, p.RefreshToken.Rotation = oauth.AuthBasic, provider.HTTPSRedirect, provider.Always
	p.Client.AssertionAudience = provider.AudienceToken
	p.Unofficial, p.Endpoints.Issuer = nil, "" // a file has its issuer outside of the endpoints
	for _, part := range p.Parts {
		part.Clouds[0].Endpoints.Issuer = ""
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]any
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	delete(file, "name") // the heading of the page has both
	delete(file, "title")
	p.Unofficial = map[string]string{}
	for i, path := range paths("", file) {
		p.Unofficial[path] = fmt.Sprintf("source %d.", i)
	}
	if len(p.Unofficial) < 60 {
		t.Fatalf("the file has only %d values", len(p.Unofficial))
	}
	var out strings.Builder
	if err := printProvider(&out, p, builtIn); err != nil {
		t.Fatal(err)
	}
	page := strings.Join(strings.Fields(out.String()), " ")
	for path, from := range p.Unofficial {
		if !strings.Contains(page, from) {
			t.Errorf("the page does not have %s", path)
		}
	}
}

// fill sets every field in v to a value that is not zero.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(3_600_000_000_000)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		fill(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("k"), value)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i))
			}
		}
	default:
		panic(v.Type())
	}
}

// paths returns the paths of all values in a file, as in its member "unofficial".
func paths(at string, value any) []string {
	var all []string
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			all = append(all, paths(strings.TrimPrefix(at+"."+name, "."), member)...)
		}
	case []any:
		for i, element := range value {
			all = append(all, paths(fmt.Sprintf("%s.%d", at, i), element)...)
		}
	default:
		all = append(all, at)
	}
	return all
}

// The output of providers NAME --json is a provider file that reads as the same provider.
func TestProviderJSONIsAProviderFile(t *testing.T) {
	for _, name := range provider.Names() {
		p, err := provider.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := printJSON(&out, p); err != nil {
			t.Fatal(err)
		}
		again, err := provider.Parse(out.Bytes())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(p, again, cmpopts.IgnoreUnexported(provider.Refusal{}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-built in +printed):\n%s", name, diff)
		}
	}
}

func TestProviderPagesShowUnofficialSources(t *testing.T) {
	for _, name := range provider.Names() {
		p, err := provider.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		if err := printProvider(&out, p, builtIn); err != nil {
			t.Fatal(err)
		}
		page := strings.Join(strings.Fields(out.String()), " ")
		for path, from := range p.Unofficial {
			if !strings.Contains(page, from) {
				t.Errorf("%s: the page does not have the source of %s", name, path)
			}
		}
	}
}
