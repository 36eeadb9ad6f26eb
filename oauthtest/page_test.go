package oauthtest

import (
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	tag    = regexp.MustCompile(`<(?:[^>"]|"[^"]*")*>?`)
	quoted = regexp.MustCompile(`"[^"]*"`)
)

// skeleton returns the tags of p as a browser reads them, with empty attribute values.
func skeleton(p page) []string {
	tags := tag.FindAllString(p.String(), -1)
	for i := range tags {
		tags[i] = quoted.ReplaceAllString(tags[i], `""`)
	}
	return tags
}

// pageValues are the values that pages show.
type pageValues struct{ app, scope, userCode, problem, code, reason, target, name, value string }

func (v pageValues) pages() []page {
	server := &Server{cfg: Config{ClientID: v.app}}
	return []page{
		server.consentPage(consent{scope: v.scope}, v.userCode),
		devicePage(v.problem),
		codePage(v.code),
		failurePage(v.code, v.reason),
		formPostPage(v.target, url.Values{v.name: {v.value}}),
	}
}

// harmless returns v with ordinary words.
func (v pageValues) harmless() pageValues {
	word := func(value string) string {
		if value == "" || scopeMeanings[value] != "" {
			return value
		}
		return "word"
	}
	scopes := strings.Fields(v.scope)
	for i := range scopes {
		scopes[i] = word(scopes[i])
	}
	return pageValues{
		"word", strings.Join(scopes, " "), word(v.userCode), word(v.problem),
		"word", "word", "https://word", "word", "word",
	}
}

// FuzzPages checks that a page has the same tags for any values, and shows the values unchanged.
func FuzzPages(f *testing.F) {
	f.Add("an app", "openid offline", "BCDF-GHJK", "", "4/0Ab", "access denied", callback+"?a=b&c=d", "state",
		"its state")
	f.Add("</strong><script>alert(1)</script>", `<b> ">`, "&lt;", "<!--", "]]>", "</span", "javascript:alert(1)",
		`" x="`, "' x='")
	f.Add("%s%!s(MISSING)", "{{body}}", "{{title}}", "\x00<\xff", "a\r\nb", " ", `https://app.example/"><script>`,
		"a b", "")
	f.Fuzz(func(t *testing.T, app, scope, userCode, problem, code, reason, target, name, value string) {
		s := pageValues{app, scope, userCode, problem, code, reason, target, name, value}
		harmless := s.harmless().pages()
		var all strings.Builder
		for i, page := range s.pages() {
			if diff := cmp.Diff(skeleton(harmless[i]), skeleton(page)); diff != "" {
				t.Errorf("%s (-harmless +got):\n%s", page.title, diff)
			}
			all.WriteString(html.UnescapeString(page.String()))
		}
		values := []string{app, userCode, problem, code, reason, webOnly(target), name, value}
		for _, value := range slices.Concat(values, strings.Fields(scope)) {
			if !strings.Contains(all.String(), value) {
				t.Errorf("%q is not shown", value)
			}
		}
	})
}

func TestFormPostGoesToTheWebOnly(t *testing.T) {
	for target, want := range map[string]string{
		callback:                            callback,
		"https://app.example/callback?a=b":  "https://app.example/callback?a=b",
		"HTTPS://app.example":               "HTTPS://app.example",
		"javascript:alert(1)":               "about:blank",
		"JavaScript://app.example/%0Aalert": "about:blank",
		" javascript:alert(1)":              "about:blank",
		"java\nscript:alert(1)":             "about:blank",
		"data:text/html,x":                  "about:blank",
		"//app.example":                     "about:blank",
		"https:alert(1)":                    "about:blank",
		outOfBand:                           "about:blank",
		"":                                  "about:blank",
	} {
		text := formPostPage(target, nil).String()
		if action := formAction.FindStringSubmatch(text); action == nil || html.UnescapeString(action[1]) != want {
			t.Errorf("%q: the form's action is %q, want %q", target, action, want)
		}
	}
}
