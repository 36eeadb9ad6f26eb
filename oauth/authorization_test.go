package oauth_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshet-dev/freshet/oauth"
)

func TestAuthorizationURL(t *testing.T) {
	for _, test := range []struct {
		name string
		a    oauth.Authorization
		want url.Values
	}{
		{
			"minimal",
			oauth.Authorization{ClientID: "id"},
			url.Values{"response_type": {"code"}, "client_id": {"id"}},
		},
		{
			"all fields",
			oauth.Authorization{
				ClientID: "i&d", RedirectURI: "http://127.0.0.1:1717/callback?a=b", ResponseType: "hybrid_token",
				ResponseMode: "form_post", State: "s", Nonce: "n", Challenge: "c", ChallengeMethod: "S256",
				Scopes:    []string{"openid", "refresh_token"},
				Resources: []string{"https://a.example", "https://b.example"},
				Params:    map[string]string{"prompt": "login"},
			},
			url.Values{
				"client_id": {"i&d"}, "redirect_uri": {"http://127.0.0.1:1717/callback?a=b"},
				"response_type": {"hybrid_token"}, "response_mode": {"form_post"},
				"state": {"s"}, "nonce": {"n"}, "code_challenge": {"c"}, "code_challenge_method": {"S256"},
				"scope": {"openid refresh_token"}, "resource": {"https://a.example", "https://b.example"},
				"prompt": {"login"},
			},
		},
		{
			"parameters do not override fields",
			oauth.Authorization{
				ClientID: "id", State: "s", Params: map[string]string{"state": "mine", "response_type": "token"},
			},
			url.Values{"response_type": {"code"}, "client_id": {"id"}, "state": {"s"}},
		},
		{
			"query of the endpoint is kept, without duplicates",
			oauth.Authorization{Endpoint: "https://op.example/authorize?tenant=t&client_id=other", ClientID: "id"},
			url.Values{"response_type": {"code"}, "client_id": {"id"}, "tenant": {"t"}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.a.Endpoint == "" {
				test.a.Endpoint = "https://op.example/authorize"
			}
			address, err := test.a.URL()
			if err != nil {
				t.Fatal(err)
			}
			u, err := url.Parse(address)
			if err != nil || u.Host != "op.example" || u.Path != "/authorize" || strings.Contains(address, "+") {
				t.Fatalf("%s, %v", address, err)
			}
			if diff := cmp.Diff(test.want, u.Query()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAuthorizationURLRefusesEndpoint(t *testing.T) {
	for endpoint, want := range map[string]string{
		"":                         `the authorization endpoint "" names no host`,
		"http://op.example/":       "the authorization endpoint http://op.example is not https",
		"javascript:alert(1)":      `the authorization endpoint "javascript:alert(1)" names no host`,
		"https://op.example/?a;b":  `the authorization endpoint at "op.example" has a query that is not a form`,
		"https://op.example/#here": `the authorization endpoint at "op.example" has a fragment`,
	} {
		if address, err := (oauth.Authorization{Endpoint: endpoint}).URL(); err == nil || err.Error() != want {
			t.Errorf("%s, %v, want %s", address, err, want)
		}
	}
}

func TestChallenge(t *testing.T) {
	const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" // of RFC 7636, appendix B
	for method, want := range map[string]string{
		"S256": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "plain": verifier, "s256": "", "": "",
	} {
		if got := oauth.Challenge(verifier, method); got != want {
			t.Errorf("%q: %s", method, got)
		}
	}
}

func TestNewVerifier(t *testing.T) {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~" // RFC 7636 §4.1
	seen := map[oauth.Secret]bool{}
	for range 100 {
		v := oauth.NewVerifier()
		if len(v) != 43 || strings.Trim(string(v), allowed) != "" || seen[v] {
			t.Errorf("%q", string(v))
		}
		seen[v] = true
	}
}
