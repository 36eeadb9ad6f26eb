package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet"
)

func TestMissingScopes(t *testing.T) {
	for _, test := range []struct{ name, asked, response, missing string }{
		{"no scope in the response", "a b", `"refresh_token":"r"`, ""},
		{"all", "a b", `"scope":"b a"`, ""},
		{"one is missing", "a b", `"scope":"a"`, "b"},
		{"more than asked for", "a", `"scope":"a b"`, ""},
		{"commas", "repo gist", `"scope":"repo,gist"`, ""},
		{"Google's names", "openid email", `"scope":"https://www.googleapis.com/auth/userinfo.email openid"`, ""},
		{
			"Microsoft's names", "https://graph.microsoft.com/User.Read offline_access",
			`"scope":"User.Read","refresh_token":"r"`, "",
		},
		{"what was registered", "https://graph.microsoft.com/.default", `"scope":"User.Read"`, ""},
		{"GitHub's wider scopes", "user user:email", `"scope":"user"`, ""},
		{"Shopify's wider scopes", "read_orders write_orders", `"scope":"write_orders"`, ""},
		{"a refresh token", "a offline_access", `"scope":"a","refresh_token":"r"`, ""},
		{"no refresh token", "a offline_access", `"scope":"a"`, "offline_access"},
		{"no ID token", "a openid", `"scope":"a"`, "openid"},
		{"an ID token", "a openid", `"scope":"a","id_token":"x.y.z"`, ""},
	} {
		token, err := freshet.ParseToken([]byte(`{"access_token":"a",` + test.response + `}`))
		if err != nil {
			t.Fatal(err)
		}
		c := freshet.Connection{Token: token}
		c.Scopes = strings.Fields(test.asked)
		if got := missingScopes(c); !slices.Equal(got, strings.Fields(test.missing)) {
			t.Errorf("%s: %q, want %q", test.name, got, test.missing)
		}
	}
}
