package redact_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/freshet-dev/freshet/internal/redact"
)

func TestSecretsOfARequest(t *testing.T) {
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
				"Accept": {"a/b"}, "X-Key": {"k"}, "Cookie": {`a=b; c="d"`}, "Authorization": {"Bearer t"}, "Proxy-Authorization": {"Basic aTpzJTJG"},
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
