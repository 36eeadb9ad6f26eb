package oauthtest

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var (
	formAction = regexp.MustCompile(`<form method="post" action="([^"]*)">`)
	hidden     = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
)

// posted returns what a form_post page sends, and where.
func posted(t *testing.T, w *httptest.ResponseRecorder) (target string, params url.Values) {
	t.Helper()
	action := formAction.FindStringSubmatch(w.Body.String())
	if w.Code != http.StatusOK || action == nil {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	params = url.Values{}
	for _, input := range hidden.FindAllStringSubmatch(w.Body.String(), -1) {
		params.Add(html.UnescapeString(input[1]), html.UnescapeString(input[2]))
	}
	return html.UnescapeString(action[1]), params
}

func TestFormPost(t *testing.T) {
	for consent, refused := range map[string]string{Allow: "", Deny: "access_denied"} {
		for _, provider := range providers {
			s := NewHandler(Config{Provider: provider, Consent: consent}, local)
			w := get(s, authorizationURL(s, with("response_mode", "form_post"), with("state", `"><script>`)))
			target, params := posted(t, w)
			if target != callback || params.Get("state") != `"><script>` || params.Get("error") != refused || params.Has("code") != (refused == "") {
				t.Errorf("%s: posted to %s: %v", provider, target, params)
			}
			if strings.Contains(w.Body.String(), `"><script>`) {
				t.Errorf("%s: the state is not escaped", provider)
			}
		}
	}
}

func TestRedirectKeepsTheQuery(t *testing.T) {
	s := NewHandler(Config{Consent: Allow}, local)
	_, params := redirected(t, get(s, authorizationURL(s, with("redirect_uri", callback+"?tenant=a%26b"))))
	if params.Get("tenant") != "a&b" || params.Get("code") == "" {
		t.Errorf("parameters %v", params)
	}
}

func TestOutOfBand(t *testing.T) {
	for _, provider := range providers {
		s := NewHandler(Config{Provider: provider, Consent: Allow}, local)
		w := get(s, authorizationURL(s, with("redirect_uri", outOfBand)))
		shown := regexp.MustCompile(`<output id="code">(.*)</output>`).FindStringSubmatch(w.Body.String())
		if shown == nil {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
		wantSuccess(t, exchange(s, html.UnescapeString(shown[1]), with("redirect_uri", outOfBand)))
	}
	s := NewHandler(Config{Consent: Deny}, local)
	w := get(s, authorizationURL(s, with("redirect_uri", outOfBand)))
	if !strings.Contains(w.Body.String(), `<code id="error">access_denied</code>`) {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

var redirectFaultTests = map[string]func(url.Values) bool{
	"state-wrong":          func(p url.Values) bool { return p.Get("state") == "wrong" && p.Has("code") },
	"state-missing":        func(p url.Values) bool { return !p.Has("state") && p.Has("code") },
	"iss-wrong":            func(p url.Values) bool { return p.Get("iss") == "https://wrong.example" && p.Has("code") },
	"iss-missing":          func(p url.Values) bool { return !p.Has("iss") && p.Has("code") },
	"code-missing":         func(p url.Values) bool { return !p.Has("code") && p.Get("state") == "its state" },
	"authorize-error=TEXT": func(p url.Values) bool { return !p.Has("code") && p.Get("error") == "TEXT" && p.Has("state") },
}

func TestRedirectFaults(t *testing.T) {
	for name, spoiled := range redirectFaultTests {
		for _, provider := range providers {
			s := NewHandler(Config{Provider: provider, Consent: Allow}, local)
			s.Fail(Fault{Name: "500", Count: 1}, Fault{Name: name, Count: 1})
			if _, params := redirected(t, get(s, authorizationURL(s))); !spoiled(params) {
				t.Errorf("%s, %s: %v", provider, name, params)
			}
			_, params := redirected(t, get(s, authorizationURL(s)))
			if params.Get("state") != "its state" || params.Get("code") == "" || params.Has("error") {
				t.Errorf("%s: after %s: %v", provider, name, params)
			}
			if w := exchange(s, params.Get("code")); w.Code != http.StatusInternalServerError {
				t.Errorf("%s: the fault of the token endpoint was used up: status %d", provider, w.Code)
			}
		}
	}
}
