package provider_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/internal/replies"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// TestFiles checks every built-in file.
func TestFiles(t *testing.T) {
	files, err := filepath.Glob("*.json")
	if err != nil || len(files) < 3 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(file, ".json")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p, err := provider.Parse(text)
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			if p.Name != name {
				t.Errorf(`"name" is %q`, p.Name)
			}
			if compiled, err := provider.Lookup(name); err != nil || !reflect.DeepEqual(compiled, p) {
				t.Error("the file is newer than builtin.go: run go generate ./provider")
			}
			if len(p.Documentation) == 0 {
				t.Error(`"documentation" names no page`)
			}
			if p.IsGeneric() {
				return
			}
			if p.ClientIDHint() == provider.Generic().ClientIDHint() {
				t.Error(`"client.hint" does not say where a person finds the client id`)
			}
			if p.Endpoints.Token == "" || len(p.Hosts) == 0 && p.Parts["host"].Hint == "" {
				t.Error(`"token_endpoint" is required, and "hosts", unless the server is the user's own`)
			}
			if p.RefreshToken.Rotation == "" {
				t.Error(`"refresh_token.rotation" is missing`)
			}
		})
	}
}

// reply is an example in testdata/replies.
type reply struct {
	Status      int        `json:"status"`
	ContentType string     `json:"content_type"`
	Body        string     `json:"body"`
	Kind        oauth.Kind `json:"kind"`
}

func (r reply) from(p *provider.Provider) oauth.Reply {
	body := replies.Standard(p, []byte(r.Body))
	return oauth.Reply{Host: "example.com", Status: r.Status, ContentType: r.ContentType, Body: body}
}

// TestReplies parses replies in each provider's own format. A token must end up where RFC 6749 has
// it, and an error must get an explanation of the right kind.
func TestReplies(t *testing.T) {
	for _, name := range provider.Names() {
		if name == provider.Generic().Name {
			continue
		}
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("testdata", "replies", name+".json"))
			if err != nil {
				t.Fatalf("a new provider needs examples of its replies: %v", err)
			}
			var members map[string]json.RawMessage
			if err := json.Unmarshal(text, &members); err != nil {
				t.Fatal(err)
			}
			var refused []reply
			if err := json.Unmarshal(members["refused"], &refused); err != nil || len(refused) == 0 {
				t.Errorf("no example of a refusal (%v)", err)
			}
			var rejected []reply
			if err := json.Unmarshal([]byte(cmp.Or(string(members["rejected"]), "[]")), &rejected); err != nil {
				t.Fatal(err)
			}
			delete(members, "refused")
			delete(members, "rejected")
			if members["login"] == nil || members["refresh"] == nil {
				t.Error("no example of a login or a refresh")
			}
			p, err := provider.Lookup(name)
			if err != nil {
				t.Fatal(err)
			}
			for what, text := range members { // login, refresh and variants of them
				var r reply
				if err := json.Unmarshal(text, &r); err != nil {
					t.Fatal(err)
				}
				checkToken(t, what, r.from(p))
			}
			for _, r := range refused {
				checkRefusal(t, p, r)
			}
			for _, r := range p.API.Rejections {
				if strings.ContainsAny(r.Text[len(r.Text)-1:], "0123456789") {
					t.Errorf("%q in api.rejections also begins longer numbers, which reject no token", r.Text)
				}
			}
			for _, r := range rejected {
				rejects := func(by provider.Rejection) bool { return by.Status == r.Status && strings.Contains(r.Body, by.Text) }
				if !slices.ContainsFunc(p.API.Rejections, rejects) {
					t.Errorf(`%d %s is no answer of "api.rejections"`, r.Status, r.Body)
				}
			}
		})
	}
}

func checkToken(t *testing.T, what string, r oauth.Reply) {
	t.Helper()
	object, err := r.Object()
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(object, &token); err != nil || token.AccessToken == "" {
		t.Errorf("%s: no access token in %s (%v)", what, object, err)
	}
}

func checkRefusal(t *testing.T, p *provider.Provider, r reply) {
	t.Helper()
	_, err := r.from(p).Object()
	refused, ok := errors.AsType[*oauth.Error](err)
	if !ok {
		t.Errorf("%s: got %v, want an *oauth.Error", r.Body, err)
		return
	}
	for _, login := range []bool{false, true} {
		explained := replies.Explain(p, refused, replies.Request{Login: login, Secret: true})
		if explained.Kind == r.Kind && (explained.Own || explained.Particular()) {
			return
		}
	}
	t.Errorf("%s: explained as %+v, want %s", r.Body, replies.Explain(p, refused, replies.Request{}), r.Kind)
}

func TestParseErrors(t *testing.T) {
	const clauses = `"kind": "login_required", "cause": "a", "remedy": "b"`
	const beginning = "{\n  // a comment\n  \"name\": \"acme\", \"title\": \"Acme\",\n"
	for _, test := range []struct{ rest, want string }{
		{`"refresh_tokens": {}}`, `line 4: unknown member "refresh_tokens"`},
		{`"refresh_token": {"grace": "often"}}`, `line 4: "often" is not a duration such as 90s, 36h or 14d`},
		{`"refresh_token": {"limit": "five"}}`, `line 4: "refresh_token.limit" is a string: it must be a whole number`},
		{
			`"refresh_token": {"idle": 90}}`,
			`line 4: "refresh_token.idle" is a number: it must be a duration such as "90s", "1h30m" or "14d"`,
		},
		{`"login": {"scopes": "read offline"}}`, `line 4: "login.scopes" is a string: it must be a list`},
		{`"login": ["read"]}`, `line 4: "login" is an array: it must be an object`},
		{`"login": {"pkce_required": "yes"}}`, `line 4: "login.pkce_required" is a string: it must be true or false`},
		{`"errors": [], "errors": []}`, `duplicate member "errors"`},
		{`"login": {"pkce": "none", "pkce": "S256"}}`, `duplicate member "pkce"`},
		{`"hosts": ["a.com"], "Hosts": ["b.com"]}`, `duplicate member "Hosts"`},
		{`"hosts": ["acme.com"`, "line 4"},
		{`"hosts": ["https://acme.com"]}`, `"https://acme.com" is not a host in lower case`},
		{`"endpoints": {"issuer": "https://acme.com"}}`, `"endpoints.issuer" is not allowed`},
		{`"issuer": "http://acme.com"}`, `"issuer" is "http://acme.com": it must be an https address`},
		{`"issuer": "https://{shop}.acme.com"}`, `"issuer" has the part {shop}, which "parts" does not have`},
		{
			`"issuer": "https://{host}", "parts": {"host": {"hint": "x", "redirect": "server"}}}`,
			`"parts.host.redirect" needs "values"`,
		},
		{
			`"issuer": "https://{host}", "parts": {"host": {"hint": "x", "values": ["a.com"], "redirect": "server"}}}`,
			`"parts.host.redirect" has no effect`,
		},
		{`"parts": {"shop": {"hint": "x"}}}`, `"parts.shop" is in no address`},
		{`"errors": [{"code": "x", "kind": "bad"}]}`, `"errors.0" (x): "kind" is "bad"`},
		{`"errors": [{"kind": "temporary"}]}`, `"errors.0" (): it needs a "code", a "text" or a "status"`},
		{`"login": {"redirect": "exact"}}`, `"login.redirect_uri" is required with the redirect rule "exact"`},
		{
			`"unofficial": {"refresh_token.idle": "heard"}}`,
			`"unofficial" names "refresh_token.idle", which has no value`,
		},
		{
			`"access_token": {"lifetime": "1h"}, "unofficial": {"access_token.lifetime": ""}}`,
			`"unofficial" does not say where "access_token.lifetime" is from`,
		},
		{
			`"hosts": ["acme.com"], "endpoints": {"token_endpoint": "https://id.acme.net/token"}}`,
			`"endpoints.token_endpoint" is on id.acme.net, which "hosts" does not have`,
		},
		{
			`"hosts": ["acme.com"], "issuer": "https://id.acme.net"}`,
			`"issuer" is on id.acme.net, which neither "hosts" nor "api.hosts" has`,
		},
		{
			`"hosts": ["acme.com"], "api": {"base": "https://api.acme.net/"}}`,
			`"api.base" is on api.acme.net, which neither "hosts" nor "api.hosts" has`,
		},
		{
			`"hosts": ["acme.com"], "api": {"hosts": ["api.acme.net"]},
				"endpoints": {"token_endpoint": "https://api.acme.net/token"}}`,
			`"endpoints.token_endpoint" is on api.acme.net, which "hosts" does not have`,
		},
		{
			`"errors": [{"text": [5], ` + clauses + `}]}`,
			`the "code" and "text" of an error must be a string or a list of strings`,
		},
		{`"hosts": [".com"]}`, `".com" is not a host`},
		{`"refresh_token": {"limit": -1}}`, `"refresh_token.limit" is -1`},
		{
			`"login": {"redirect": "exact", "redirect_uri": "https://acme.com/callback"}}`,
			`"login.redirect_uri" is not an address on this machine`,
		},
		{
			`"errors": [{"code": "x", ` + clauses + `}, {"code": "x", "text": "gone", ` + clauses + `}]}`,
			`"errors.1" (x gone) is never reached: "errors.0" (x) comes first`,
		},
		{
			`"errors": [{"text": "gone", ` + clauses + `},
				{"code": "x", "text": ["it is gone", "gone"], ` + clauses + `}]}`,
			`"errors.1" (x it is gone, gone) is never reached`,
		},
		{`"revocation": {"auth": "none"}}`, `"revocation.auth" is "none": it must be one of body, basic`},
		{`"exchange": {"format": "xml"}}`, `"exchange.format" is "xml": it must be one of form, json`},
		{`"documentation": ["acme.com/docs"]}`, `which is not an https address`},
		{
			`"api": {"header": "X-Token\r\nX-Other"}}`,
			`"api.header" is "X-Token\r\nX-Other": it must be a token of HTTP`,
		},
		{`"client": {"id_header": "X Key"}}`, `"client.id_header" is "X Key": it must be a token of HTTP`},
		{`"api": {"header_hosts": ["a.com"]}}`, `"api.header_hosts" has no effect without "api.header"`},
		{`"api": {"header": "X-Key", "header_hosts": ["A.com"]}}`, `"A.com" is not a host in lower case`},
		{`"api": {"scheme": "Bearer\n"}}`, `"api.scheme" is "Bearer\n": it must be a token of HTTP`},
		{`"refresh": {"headers": {"A B": "c"}}}`, `"refresh.headers" has "A B"`},
		{`"refresh": {"headers": {"A": "b\r\nC: d"}}}`, `"refresh.headers" has "A", whose value is "b\r\nC: d"`},
		{`"access_token": {"variables": ["A=B"]}}`, `"access_token.variables" has "A=B"`},
		{
			`"refresh_token": {"rotation": "daily"}}`,
			`"refresh_token.rotation" is "daily": it must be one of always, setting, sometimes, never`,
		},
		{`"client": {"id_pattern": "("}}`, `"client.id_pattern": `},
		{`"errors": [{"code": "x", "kind": "temporary", "cause": "A sentence.", "remedy": "wait"}]}`, "are clauses"},
	} {
		_, err := provider.Parse([]byte(beginning + test.rest))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", test.rest, err, test.want)
		}
	}
}

// A provider whose tokens are recognized by a member needs a token endpoint that is a path, on the
// host that the member names. Otherwise a forged token would be sent to the provider's endpoint.
func TestIdentityRequiresPath(t *testing.T) {
	for name, identity := range map[string]string{
		"absolute endpoint": `"identity": { "member": "id", "path_prefix": "/id/" },
			"endpoints": { "token_endpoint": "https://sso.corp.example/token" }`,
		"no path prefix": `"identity": { "member": "id", "path_prefix": "" },
			"endpoints": { "token_endpoint": "/token" }`,
		"no member": `"identity": { "member": "", "path_prefix": "/id/" },
			"endpoints": { "token_endpoint": "/token" }`,
	} {
		const beginning = `{ "name": "corp", "title": "Corp", "hosts": ["sso.corp.example"], `
		_, err := provider.Parse([]byte(beginning + identity + `}`))
		if err == nil || !strings.Contains(err.Error(), "identity") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The examples in CONTRIBUTING.md are a valid file, and replies that it explains.
func TestContributing(t *testing.T) {
	document, err := os.ReadFile("../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	file := regexp.MustCompile("(?s)```jsonc\n(.*?)```").FindSubmatch(document)
	replies := regexp.MustCompile("(?s)```json\n(.*?)```").FindSubmatch(document)
	if file == nil || replies == nil {
		t.Fatal("CONTRIBUTING.md has no example of a provider's file, or none of its replies")
	}
	p, err := provider.Parse(file[1])
	if err != nil {
		t.Fatal(err)
	}
	var examples struct {
		Login   reply   `json:"login"`
		Refresh reply   `json:"refresh"`
		Refused []reply `json:"refused"`
	}
	if err := json.Unmarshal(replies[1], &examples); err != nil || len(examples.Refused) == 0 {
		t.Fatalf("%d refusals, %v", len(examples.Refused), err)
	}
	checkToken(t, "login", examples.Login.from(p))
	checkToken(t, "refresh", examples.Refresh.from(p))
	for _, r := range examples.Refused {
		checkRefusal(t, p, r)
	}
}
