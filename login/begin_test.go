package login_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/login"
	"github.com/freshet-dev/freshet/oauth"
)

func example() freshet.Registration {
	return freshet.Registration{
		Client: oauth.Client{ID: "me", Secret: "client-secret"},
		Endpoints: oauth.Endpoints{
			Issuer: "https://op.example.com", Authorization: "https://op.example.com/authorize", Token: "https://op.example.com/token",
			JWKS: "https://op.example.com/keys",
		},
	}
}

// What the browser is sent to, but for what is random.
func TestBegin(t *testing.T) {
	const callback = "https://app.example.com/callback"
	for name, test := range map[string]struct {
		change  func(*freshet.Registration, *login.Options)
		want    url.Values
		randoms []string
	}{
		"by default": {
			want:    url.Values{"code_challenge_method": {"S256"}},
			randoms: []string{"state", "code_challenge"},
		},
		"a state of one's own": {
			change:  func(_ *freshet.Registration, o *login.Options) { o.State = "mine" },
			want:    url.Values{"state": {"mine"}, "code_challenge_method": {"S256"}},
			randoms: []string{"code_challenge"},
		},
		"no PKCE": {
			change:  func(_ *freshet.Registration, o *login.Options) { o.Challenge = "none" },
			want:    url.Values{},
			randoms: []string{"state"},
		},
		"plain PKCE": {
			change:  func(_ *freshet.Registration, o *login.Options) { o.Challenge = "plain" },
			want:    url.Values{"code_challenge_method": {"plain"}},
			randoms: []string{"state", "code_challenge"},
		},
		"the scope openid brings a nonce": {
			change:  func(r *freshet.Registration, _ *login.Options) { r.Scopes = []string{"openid", "mail"} },
			want:    url.Values{"scope": {"openid mail"}, "code_challenge_method": {"S256"}},
			randoms: []string{"state", "nonce", "code_challenge"},
		},
		"a nonce on demand": {
			change:  func(_ *freshet.Registration, o *login.Options) { o.Nonce = true },
			want:    url.Values{"code_challenge_method": {"S256"}},
			randoms: []string{"state", "nonce", "code_challenge"},
		},
		"an id_token with the code cannot come as a fragment": {
			change:  func(_ *freshet.Registration, o *login.Options) { o.ResponseType = "id_token code" },
			want:    url.Values{"response_type": {"code id_token"}, "response_mode": {"form_post"}, "code_challenge_method": {"S256"}},
			randoms: []string{"state", "nonce", "code_challenge"},
		},
		"resources and a response mode": {
			change: func(_ *freshet.Registration, o *login.Options) {
				o.ResponseMode, o.Resources = "form_post", []string{"https://a.example", "https://b.example"}
			},
			want: url.Values{
				"response_mode": {"form_post"}, "resource": {"https://a.example", "https://b.example"}, "code_challenge_method": {"S256"},
			},
			randoms: []string{"state", "code_challenge"},
		},
		"further parameters, the closer ones first": {
			change: func(r *freshet.Registration, o *login.Options) {
				r.Requests.Authorize.Params = map[string]string{"audience": "registered", "prompt": "login"}
				o.Params = map[string]string{"audience": "now", "client_id": "never"}
			},
			want:    url.Values{"audience": {"now"}, "prompt": {"login"}, "code_challenge_method": {"S256"}},
			randoms: []string{"state", "code_challenge"},
		},
		"Shopify separates scopes by commas": {
			change: func(r *freshet.Registration, _ *login.Options) {
				*r = freshet.Registration{
					Provider: "shopify", Client: r.Client, Parts: map[string]string{"shop": "acme"}, Scopes: []string{"read_orders", "write_products"},
				}
			},
			want:    url.Values{"scope": {"read_orders,write_products"}},
			randoms: []string{"state"},
		},
		"Salesforce needs no more than its name": {
			change: func(r *freshet.Registration, _ *login.Options) {
				*r = freshet.Registration{Provider: "salesforce", Client: r.Client}
			},
			want:    url.Values{"scope": {"api id refresh_token"}, "code_challenge_method": {"S256"}},
			randoms: []string{"state", "code_challenge"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			reg, o := example(), login.Options{RedirectURI: callback}
			if test.change != nil {
				test.change(&reg, &o)
			}
			u, err := url.Parse(begin(t, reg, o).URL)
			if err != nil {
				t.Fatal(err)
			}
			got := u.Query()
			for _, name := range test.randoms {
				if len(got.Get(name)) < 26 {
					t.Errorf("%s is %q", name, got.Get(name))
				}
				got.Del(name)
			}
			for name, value := range map[string]string{"client_id": "me", "redirect_uri": callback, "response_type": "code"} {
				if !test.want.Has(name) {
					test.want.Set(name, value)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBeginAtTheVendorsUsualAddress(t *testing.T) {
	reg := freshet.Registration{Provider: "salesforce", Client: oauth.Client{ID: "me"}}
	if a := begin(t, reg, login.Options{}); !strings.HasPrefix(a.URL, "https://login.salesforce.com/services/oauth2/authorize?") {
		t.Error(a.URL)
	}
	reg.Endpoints.Issuer = "https://acme.my.salesforce.com"
	if a := begin(t, reg, login.Options{}); !strings.HasPrefix(a.URL, "https://acme.my.salesforce.com/services/oauth2/authorize?") {
		t.Error(a.URL)
	}
}

func TestBeginRefuses(t *testing.T) {
	for want, change := range map[string]func(*freshet.Registration, *login.Options){
		"no client id is known":         func(r *freshet.Registration, _ *login.Options) { r.Client.ID = "" },
		"not known where people log in": func(r *freshet.Registration, _ *login.Options) { r.Endpoints.Authorization = "" },
		"is not https":                  func(r *freshet.Registration, _ *login.Options) { r.Endpoints.Authorization = "http://op.example.com/a" },
		"no redirect address":           func(_ *freshet.Registration, o *login.Options) { o.RedirectURI = "" },
		"not an absolute URL":           func(_ *freshet.Registration, o *login.Options) { o.RedirectURI = "/callback" },
		"without a fragment":            func(_ *freshet.Registration, o *login.Options) { o.RedirectURI += "#here" },
		`no PKCE method "S512"`:         func(_ *freshet.Registration, o *login.Options) { o.Challenge = "S512" },
		`response type "token"`:         func(_ *freshet.Registration, o *login.Options) { o.ResponseType = "token" },
		"stays in the browser":          func(_ *freshet.Registration, o *login.Options) { o.ResponseMode = "fragment" },
		"cannot be verified": func(r *freshet.Registration, o *login.Options) {
			o.ResponseType, r.Endpoints.JWKS = "code id_token", ""
		},
	} {
		reg, o := example(), login.Options{RedirectURI: "https://app.example.com/callback"}
		change(&reg, &o)
		_, err := login.Begin(reg, o)
		wantProblem(t, err, oauth.Misconfigured, want)
	}
}

func TestNonceLength(t *testing.T) {
	for _, n := range []int{1, 26, 40, 100} {
		if a := begin(t, example(), login.Options{Nonce: true, NonceLength: n}); len(a.Nonce) != n {
			t.Errorf("%d: %q", n, a.Nonce)
		}
	}
}

// A session is usually JSON: nothing of the attempt may be lost there, and nothing secret may be printed.
func TestAttemptInASession(t *testing.T) {
	reg := example()
	reg.Scopes = []string{"openid"}
	a := begin(t, reg, login.Options{Resources: []string{"https://api.example.com"}, RequireIssuer: true})
	saved, err := json.Marshal(map[string]any{"login": a})
	if err != nil {
		t.Fatal(err)
	}
	var session struct{ Login login.Attempt }
	if err := json.Unmarshal(saved, &session); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a, session.Login); diff != "" || a.Verifier == "" {
		t.Error(diff)
	}
}
