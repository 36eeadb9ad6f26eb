package oauthtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// replyTest is how a client makes the requests whose replies are in testdata/replies.txt.
type replyTest struct {
	name          string // the provider and, after a space, what is special
	config        Config
	authorization []change // of the authorization request
	exchange      []change // of the request with the code
	auth          auth     // secretInBody if nil
	accept        string   // application/json if empty
	get           bool     // the parameters are in the URL of a GET
	inURL         bool     // they are in the URL of a POST
	facebook      bool     // the refresh is Facebook's
}

var replyTests = []replyTest{
	{name: "atlassian"},
	{name: "auth0"},
	{name: "auth0 with rotation", config: Config{Rotate: true}},
	{name: "box"},
	{name: "dropbox", authorization: []change{with("token_access_type", "offline")}},
	{name: "dropbox without offline access"},
	{name: "facebook", get: true, facebook: true, exchange: []change{without("grant_type")}},
	{name: "facebook by POST", facebook: true},
	{name: "github", exchange: []change{without("grant_type")}},
	{name: "github as a form", accept: "*/*"},
	{
		name:          "github of an OAuth App",
		authorization: []change{with("scope", "repo gist")}, config: Config{NoRefreshToken: true},
	},
	{name: "google", authorization: []change{with("access_type", "offline"), with("scope", "email")}},
	{name: "hubspot"},
	{name: "linkedin"},
	{name: "microsoft", authorization: []change{with("scope", "User.Read offline_access")}},
	{name: "okta"},
	{name: "okta with rotation", config: Config{Rotate: true}},
	{name: "quickbooks", auth: secretInBasic},
	{name: "shopify", exchange: []change{with("expiring", "1"), without("grant_type")}},
	{name: "shopify without expiring tokens"},
	{name: "slack"},
	{name: "slack for a user", authorization: []change{with("user_scope", "chat:write")}},
	{name: "slack without rotation", config: Config{NoRefreshToken: true}},
	{name: "stripe", auth: secretAsUserName},
	{name: "stripe-connect", auth: secretAsUserName},
	{
		name: "x", auth: secretInBasic,
		authorization: []change{with("code_challenge", verifier)}, exchange: []change{with("code_verifier", verifier)},
	},
	{name: "xero"},
	{name: "zoho", inURL: true, authorization: []change{with("access_type", "offline")}},
	{name: "zoom", auth: secretInBasic},
}

// TestReplies logs in, refreshes, presents a wrong secret, and refreshes a revoked grant.
func TestReplies(t *testing.T) {
	want := readReplies(t)
	if len(want) != len(replyTests) {
		t.Errorf("testdata/replies.txt has %d sections, want %d", len(want), len(replyTests))
	}
	for _, test := range replyTests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				test.config.Provider, _, _ = strings.Cut(test.name, " ")
				s := NewHandler(test.config, local)
				seen := new(seenTokens)
				check := func(step string, form url.Values, secret string) {
					t.Helper()
					got := seen.normalize(s, test.send(t, s, form, secret))
					if want := want[test.name][step]; got != want {
						t.Errorf("%s:\n got %s\nwant %s", step, got, want)
					}
				}
				code := allowedCode(t, s, test.authorization...)
				check("login", codeForm(s, code, test.exchange...), s.ClientSecret())
				time.Sleep(time.Minute)
				check("refresh", test.refreshForm(s, seen.last()), s.ClientSecret())
				check("wrong secret", test.refreshForm(s, seen.last()), "wrong")
				s.Revoke(seen.last())
				check("revoked", test.refreshForm(s, seen.last()), s.ClientSecret())
			})
		})
	}
}

// readReplies returns the replies of testdata/replies.txt by test and step: status, content type and
// body. A1 is the first access token, R1 the first refresh token.
func readReplies(t *testing.T) map[string]map[string]string {
	t.Helper()
	data, err := os.ReadFile("testdata/replies.txt")
	if err != nil {
		t.Fatal(err)
	}
	replies := map[string]map[string]string{}
	for section := range strings.SplitSeq(string(data), "\n\n") {
		name, lines, _ := strings.Cut(strings.TrimSpace(section), "\n")
		steps := map[string]string{}
		for line := range strings.SplitSeq(lines, "\n") {
			step, reply, _ := strings.Cut(line, ": ")
			steps[step] = reply
		}
		replies[strings.TrimPrefix(name, "# ")] = steps
	}
	return replies
}

func TestEveryProfileHasReplies(t *testing.T) {
	tested := map[string]bool{Generic: true, Salesforce: true} // by the other tests
	for _, test := range replyTests {
		name, _, _ := strings.Cut(test.name, " ")
		tested[name] = true
	}
	for _, name := range Providers() {
		if !tested[name] {
			t.Errorf("%s is not in replyTests", name)
		}
	}
	if len(tested) != len(Providers()) {
		t.Errorf("tested are %v, the providers are %v", tested, Providers())
	}
}

// auth adds a client's secret to a request that has its id in the form.
type auth func(form url.Values, header http.Header, secret string)

func secretInBody(form url.Values, _ http.Header, secret string) { form.Set("client_secret", secret) }

func secretInBasic(form url.Values, header http.Header, secret string) {
	basic(form.Get("client_id"), secret)(form, header)
}

func secretAsUserName(form url.Values, header http.Header, secret string) {
	basic(secret, "")(form, header)
}

func noSecret(url.Values, http.Header, string) {}

func (test replyTest) refreshForm(s *Server, token string) url.Values {
	form := refreshForm(s, token)
	if test.facebook {
		form.Set("grant_type", "fb_exchange_token")
		form["fb_exchange_token"] = form["refresh_token"]
		form.Del("refresh_token")
	}
	return form
}

// send sends a token request, and returns the status, content type and body of the reply.
func (test replyTest) send(t *testing.T, s *Server, form url.Values, secret string) string {
	t.Helper()
	header := http.Header{"Accept": {"application/json"}}
	if test.accept != "" {
		header.Set("Accept", test.accept)
	}
	if test.auth == nil {
		test.auth = secretInBody
	}
	test.auth(form, header, secret)
	r := formRequest(s.TokenEndpoint(), form)
	if test.get || test.inURL {
		r = formRequest(s.TokenEndpoint()+"?"+form.Encode(), nil)
	}
	if test.get {
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

// seenTokens numbers the tokens of replies, so that replies are the same in every run.
type seenTokens struct{ access, refresh []string }

var (
	token    = regexp.MustCompile(`[\w./-]*oauthtest-(access|refresh)-\w{26}`)
	changing = regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|` +
		`\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ`)
)

// normalize returns text with its tokens numbered. JWTs, UUIDs and times become ….
func (n *seenTokens) normalize(s *Server, text string) string {
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

// last returns the refresh token seen last or, if there was none, the access token.
func (n *seenTokens) last() string {
	if len(n.refresh) > 0 {
		return n.refresh[len(n.refresh)-1]
	}
	return n.access[len(n.access)-1]
}

// example is a reply in the test data of package provider.
type example struct {
	Status      int    `json:"status"`
	ContentType string `json:"content_type"`
	Body        string `json:"body"`
}

func (e example) String() string { return fmt.Sprintf("%d %s %s", e.Status, e.ContentType, e.Body) }

// The profiles here and the test data of package provider were written from the same pages.
func TestRepliesAgreeWithPackageProvider(t *testing.T) {
	replies := readReplies(t)
	variants := map[string]string{
		"auth0": "auth0 with rotation", "okta": "okta with rotation", "slack": "slack for a user",
	}
	files, err := filepath.Glob("../provider/testdata/replies/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no examples", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		got := replies[name]
		if variant := variants[name]; variant != "" {
			got = replies[variant]
		}
		if got == nil {
			continue // Salesforce, or not imitated
		}
		var examples struct {
			Login, Refresh example
			Refused        []example
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &examples); err != nil {
			t.Fatal(file, err)
		}
		for step, want := range map[string]example{"login": examples.Login, "refresh": examples.Refresh} {
			if got, want := outline(t, got[step]), outline(t, want.String()); got != want {
				t.Errorf("%s, %s:\n got %s\nwant %s", name, step, got, want)
			}
		}
		var refused []string
		for _, each := range examples.Refused {
			if each.Body[0] == '{' {
				refused = append(refused, outline(t, each.String()))
			}
		}
		if got := outline(t, got["revoked"]); !slices.Contains(refused, got) {
			t.Errorf("%s: no example of an error is like\n %s\nthere are\n %s", name, got,
				strings.Join(refused, "\n "))
		}
	}
}

// outline returns the status, the content type, and the names and types of the members. Of the values
// it has only error. It ignores id_token, which depends on the scope.
func outline(t *testing.T, reply string) string {
	t.Helper()
	head, body, _ := strings.Cut(reply, " {")
	var lines []string
	addOutline(&lines, "", object(t, []byte("{"+body)))
	slices.Sort(lines)
	return strings.Join(append([]string{head}, lines...), " ")
}

func addOutline(lines *[]string, path string, object map[string]any) {
	for name, value := range object {
		if name == "id_token" {
			continue
		}
		switch value := value.(type) {
		case map[string]any:
			addOutline(lines, path+name+".", value)
		case string:
			if name == "error" {
				*lines = append(*lines, path+name+"="+strconv.Quote(value))
				continue
			}
			*lines = append(*lines, path+name)
		default:
			*lines = append(*lines, fmt.Sprintf("%s%s:%T", path, name, value))
		}
	}
}
