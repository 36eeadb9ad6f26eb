package freshet_test

import (
	"slices"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// The resources of the login are sent in every refresh, all of them and byte for byte (RFC 8707 §2.2).
func TestRefreshHasResources(t *testing.T) {
	resources := []string{"https://a.example/mcp/", "https://b.example/%7Eann"}
	for name, test := range map[string]struct {
		params map[string]string
		want   []string
	}{
		"as in the login":   {nil, resources},
		"the user's option": {map[string]string{"resource": "https://c.example"}, []string{"https://c.example"}},
	} {
		c := freshet.Connection{
			Name: acme, Token: parse(t, `{"access_token":"a","refresh_token":"r"}`),
			Registration: freshet.Registration{
				Client: oauth.Client{ID: "app"}, Endpoints: oauth.Endpoints{Token: "https://op.example/token"},
				Login:    freshet.LoginOptions{Resources: resources},
				Requests: freshet.Requests{Refresh: freshet.RequestOptions{Params: test.params}},
			},
		}
		request, err := c.Request()
		if got := request.Form["resource"]; err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
