package redact_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/freshet-dev/freshet/internal/redact"
)

func TestSecretsOfRequest(t *testing.T) {
	u, err := url.Parse("http://ann:p%2Fw@proxy.example:8080")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name      string
		got, want []string
	}{
		{
			"a form", redact.Parameters(url.Values{
				"grant_type": {"refresh_token"}, "refresh_token": {"r1"}, "x": {"1", "2"}, "prompt": {"consent"},
				"redirect_uri": {"https://u:p@app.example/?session=s"},
			}),
			[]string{"1", "2", "p", "r1", "s", "u:p", "u:p", "u:p"},
		},
		{
			"headers", redact.Headers(http.Header{
				"Accept": {"a/b"}, "X-Key": {"k"}, "Cookie": {`a=b; c="d"`},
				"Authorization": {"Bearer t"}, "Proxy-Authorization": {"Basic aTpzJTJG"},
			}),
			[]string{"", "a=b; c=\"d\"", "aTpzJTJG", "b", `c="d"`, "d", "i:s%2F", "k", "s%2F", "s/", "t"},
		},
		{"a client", redact.Client("i d", "s/"), []string{"i d:s/", "i+d:s%2F", "s/"}},
		{"a public client", redact.Client("i d", ""), nil},
		{"a proxy", redact.Userinfo(u), []string{"ann:p%2Fw", "ann:p%2Fw", "ann:p/w", "p/w"}},
		{"a proxy without a password", redact.Userinfo(&url.URL{Host: "proxy.example"}), nil},
		{"no proxy", redact.Userinfo(nil), nil},
	} {
		slices.Sort(test.got)
		if !slices.Equal(test.got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, test.got, test.want)
		}
	}
}

func TestValues(t *testing.T) {
	for _, test := range []struct {
		document string
		want     []string
	}{
		{
			`{"access_token":"a1","token_type":"Bearer","expires_in":"3600","refresh_token":"r1",` +
				`"scope":"api","id_token":"i1"}`,
			[]string{"a1", "i1", "r1"},
		},
		{"\ufeff" + ` { "client_id":"app", "client_secret":"s1", "token_uri":"https://op.example/" }`, []string{"s1"}},
		{`{"ok":true,"authed_user":{"id":"U1","access_token":"a1"},"team":{"name":"T"}}`, []string{"a1"}},
		{`{"data":{"tokens":[{"value":"a1"},["a2",3]],"name":"n"},"name":"m"}`, []string{"a1", "a2"}},
		{
			`{"accessToken":{"value":"a1"},"x":[{"a":1},"b"],"lightning_sid":"s1","csrf_token":"c1","president":"p"}`,
			[]string{"a1", "c1", "s1"},
		},
		{`{"access_token":"a1","refresh_token":"r1","scop`, []string{"a1", "r1"}},
		{`{"access_token":"a1","refresh_tok`, []string{"a1"}},
		{"access_token=a1&scope=repo%2Cgist&refresh_token=r%2B1&token_type=bearer", []string{"a1", "r+1"}},
		{`{"error":"invalid_grant","error_description":"AADSTS70008","trace_id":"0000aaaa","code":"c"}`, nil},
		{"", nil},
		{"[]}", nil},
	} {
		got := redact.Values([]byte(test.document))
		slices.Sort(got)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.document, got, test.want)
		}
	}
}
