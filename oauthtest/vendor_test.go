package oauthtest

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Each imitation is logged in, refreshed, asked by a client with a wrong secret and asked after its grant has ended.
func TestImitations(t *testing.T) {
	for _, test := range wires {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				test.config.Provider, _, _ = strings.Cut(test.name, " ")
				s := NewHandler(test.config, local)
				seen := new(tokensSeen)
				want := func(what, want string, form url.Values, secret string) {
					t.Helper()
					if got := seen.in(s, test.send(t, s, form, secret)); got != want {
						t.Errorf("%s:\n got %s\nwant %s", what, got, want)
					}
				}
				code := allowedCode(t, s, test.asks...)
				want("login", test.login, codeForm(s, code, test.exchange...), s.ClientSecret())
				time.Sleep(time.Minute)
				want("refresh", test.refreshed, test.refreshForm(s, seen.last()), s.ClientSecret())
				want("a wrong secret", test.stranger, test.refreshForm(s, seen.last()), "wrong")
				s.Revoke(seen.last())
				want("a revoked grant", test.dead, test.refreshForm(s, seen.last()), s.ClientSecret())
			})
		})
	}
}

// Every imitation is in the table, and none is unknown to the server.
func TestImitationsAreAllTested(t *testing.T) {
	tested := map[string]bool{Generic: true, Salesforce: true} // by the other tests
	for _, test := range wires {
		name, _, _ := strings.Cut(test.name, " ")
		tested[name] = true
	}
	for _, name := range Providers() {
		if !tested[name] {
			t.Errorf("%s has no line in the table", name)
		}
	}
	if len(tested) != len(Providers()) {
		t.Errorf("tested are %v, known are %v", tested, Providers())
	}
}

// wire is how an imitation is asked and what it sends: status, content type and body, whose tokens are numbered as they come.
// One that comes again has its number again: A1 is the first access token, R1 the first refresh token.
type wire struct {
	name     string // of the provider, and what else is to be said
	config   Config
	asks     []change // of the authorization request
	exchange []change // of the request with the code
	auth     auth     // secretInBody if nil
	accept   string   // application/json if empty
	get      bool     // the parameters are in the address of a GET
	address  bool     // they are in that of a POST
	facebook bool     // the refresh is Facebook's

	login, refreshed, dead, stranger string
}

// auth adds a client's secret to a request with its id in the form.
type auth func(form url.Values, header http.Header, secret string)

func secretInBody(form url.Values, _ http.Header, secret string) { form.Set("client_secret", secret) }

func secretInBasic(form url.Values, header http.Header, secret string) {
	basic(form.Get("client_id"), secret)(form, header)
}

func secretAsUserName(form url.Values, header http.Header, secret string) {
	basic(secret, "")(form, header)
}

func (w wire) refreshForm(s *Server, token string) url.Values {
	form := refreshForm(s, token)
	if w.facebook {
		form.Set("grant_type", "fb_exchange_token")
		form["fb_exchange_token"] = form["refresh_token"]
		form.Del("refresh_token")
	}
	return form
}

// send asks the token endpoint, and returns the status, content type and body of its reply.
func (w wire) send(t *testing.T, s *Server, form url.Values, secret string) string {
	t.Helper()
	header := http.Header{"Accept": {"application/json"}}
	if w.accept != "" {
		header.Set("Accept", w.accept)
	}
	if w.auth == nil {
		w.auth = secretInBody
	}
	w.auth(form, header, secret)
	r := formRequest(s.TokenEndpoint(), form)
	if w.get || w.address {
		r = formRequest(s.TokenEndpoint()+"?"+form.Encode(), nil)
	}
	if w.get {
		r.Method, r.Body = http.MethodGet, nil
	}
	for name, values := range header {
		r.Header[name] = values
	}
	response, err := (&http.Client{Transport: s.Transport()}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d %s %s", response.StatusCode, response.Header.Get("Content-Type"), body)
}

// tokensSeen makes replies equal from one run to the next.
type tokensSeen struct{ access, refresh []string }

var (
	token    = regexp.MustCompile(`[\w./-]*oauthtest-(access|refresh)-\w{26}`)
	changing = regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ`)
)

// in is text with its tokens numbered, and what is not ours to choose replaced by ….
func (n *tokensSeen) in(s *Server, text string) string {
	text = changing.ReplaceAllString(strings.ReplaceAll(text, s.URL(), "URL"), "…")
	return token.ReplaceAllStringFunc(text, func(found string) string {
		prefix, rest, _ := strings.Cut(found, "oauthtest-")
		if strings.HasPrefix(rest, "access-") {
			return fmt.Sprintf("%sA%d", prefix, number(&n.access, found))
		}
		return fmt.Sprintf("%sR%d", prefix, number(&n.refresh, found))
	})
}

func number(seen *[]string, token string) int {
	if !slices.Contains(*seen, token) {
		*seen = append(*seen, token)
	}
	return slices.Index(*seen, token) + 1
}

// last is the refresh token that came last, or, where there are none, the access token.
func (n *tokensSeen) last() string {
	if len(n.refresh) > 0 {
		return n.refresh[len(n.refresh)-1]
	}
	return n.access[len(n.access)-1]
}
