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
			Issuer: "https://op.example.com", Authorization: "https://op.example.com/authorize",
			Token: "https://op.example.com/token",
			JWKS:  "https://op.example.com/keys",
		},
	}
}

// TestBegin compares the query of the URL, except for random values.
func TestBegin(t *testing.T) {
	const callback = "https://app.example.com/callback"
	for name, test := range map[string]struct {
		change  func(*freshet.Registration, *login.Options)
		want    url.Values
		randoms []string
	}{
		"defaults": {
			want:    url.Values{"code_challenge_method": {"S256"}},
			randoms: []string{"state", "code_challenge"},
		},
		"given state": {
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
		"scope openid implies a nonce": {
			change:  func(r *freshet.Registration, _ *login.Options) { r.Scopes = []string{"openid", "mail"} },
			want:    url.Values{"scope": {"openid mail"}, "code_challenge_method": {"S256"}},
			randoms: []string{"state", "nonce", "code_challenge"},
		},
		"required nonce": {
			change:  func(_ *freshet.Registration, o *login.Options) { o.Nonce = true },
			want:    url.Values{"code_challenge_method": {"S256"}},
			randoms: []string{"state", "nonce", "code_challenge"},
		},
		"code id_token implies form_post": {
			change: func(_ *freshet.Registration, o *login.Options) { o.ResponseType = "id_token code" },
			want: url.Values{
				"response_type": {"code id_token"}, "response_mode": {"form_post"},
				"code_challenge_method": {"S256"},
			},
			randoms: []string{"state", "nonce", "code_challenge"},
		},
		"resources and a response mode": {
			change: func(_ *freshet.Registration, o *login.Options) {
				o.ResponseMode, o.Resources = "form_post", []string{"https://a.example", "https://b.example"}
			},
			want: url.Values{
				"response_mode": {
					"form_post",
				}, "resource": {
					"https://a.example",
					"https://b.example",
				}, "code_challenge_method": {"S256"},
			},
			randoms: []string{"state", "code_challenge"},
		},
		"parameters of the options override the registration": {
			change: func(r *freshet.Registration, o *login.Options) {
				r.Requests.Authorize.Params = map[string]string{"audience": "registered", "prompt": "login"}
				o.Params = map[string]string{"audience": "now", "client_id": "never"}
			},
			want:    url.Values{"audience": {"now"}, "prompt": {"login"}, "code_challenge_method": {"S256"}},
			randoms: []string{"state", "code_challenge"},
		},
		"offline_access needs consent": {
			change: func(r *freshet.Registration, _ *login.Options) { r.Scopes = []string{"mail", "offline_access"} },
			want: url.Values{
				"scope": {"mail offline_access"}, "prompt": {"consent"}, "code_challenge_method": {"S256"},
			},
			randoms: []string{"state", "code_challenge"},
		},
		"offline_access with the user's own prompt": {
			change: func(r *freshet.Registration, _ *login.Options) {
				r.Scopes = []string{"mail", "offline_access"}
				r.Requests.Authorize.Params = map[string]string{"prompt": "login"}
			},
			want: url.Values{
				"scope": {"mail offline_access"}, "prompt": {"login"}, "code_challenge_method": {"S256"},
			},
			randoms: []string{"state", "code_challenge"},
		},
		"offline_access at an authorization endpoint without an issuer": {
			change: func(r *freshet.Registration, _ *login.Options) {
				r.Scopes, r.Endpoints.Issuer = []string{"offline_access"}, ""
			},
			want:    url.Values{"scope": {"offline_access"}, "code_challenge_method": {"S256"}},
			randoms: []string{"state", "code_challenge"},
		},
		"offline_access at a provider with a file": {
			change: func(r *freshet.Registration, _ *login.Options) {
				*r = freshet.Registration{Provider: "x", Client: r.Client, Scopes: []string{"offline.access", "offline_access"}}
			},
			want:    url.Values{"scope": {"offline.access offline_access"}, "code_challenge_method": {"S256"}},
			randoms: []string{"state", "code_challenge"},
		},
		"Shopify's scope separator": {
			change: func(r *freshet.Registration, _ *login.Options) {
				*r = freshet.Registration{
					Provider: "shopify", Client: r.Client, Parts: map[string]string{"shop": "acme"},
					Scopes: []string{"read_orders", "write_products"},
				}
			},
			want:    url.Values{"scope": {"read_orders,write_products"}},
			randoms: []string{"state"},
		},
		"Salesforce's defaults": {
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
			for name, value := range map[string]string{
				"client_id": "me", "redirect_uri": callback, "response_type": "code",
			} {
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

func TestBeginAtDefaultIssuer(t *testing.T) {
	reg := freshet.Registration{Provider: "salesforce", Client: oauth.Client{ID: "me"}}
	const path = "/services/oauth2/authorize?"
	if a := begin(t, reg, login.Options{}); !strings.HasPrefix(a.URL, "https://login.salesforce.com"+path) {
		t.Error(a.URL)
	}
	reg.Endpoints.Issuer = "https://acme.my.salesforce.com"
	if a := begin(t, reg, login.Options{}); !strings.HasPrefix(a.URL, "https://acme.my.salesforce.com"+path) {
		t.Error(a.URL)
	}
}

func TestBeginRefuses(t *testing.T) {
	for want, change := range map[string]func(*freshet.Registration, *login.Options){
		"no client id is known": func(r *freshet.Registration, _ *login.Options) { r.Client.ID = "" },
		"endpoint of the provider is not known": func(r *freshet.Registration, _ *login.Options) {
			r.Endpoints.Authorization = ""
		},
		"is not https": func(r *freshet.Registration, _ *login.Options) {
			r.Endpoints.Authorization = "http://op.example.com/a"
		},
		"redirect address is missing": func(_ *freshet.Registration, o *login.Options) { o.RedirectURI = "" },
		"neither an absolute URL": func(_ *freshet.Registration, o *login.Options) {
			o.RedirectURI = "/callback"
		},
		"without a fragment":    func(_ *freshet.Registration, o *login.Options) { o.RedirectURI += "#here" },
		`no PKCE method "S512"`: func(_ *freshet.Registration, o *login.Options) { o.Challenge = "S512" },
		`response type "token"`: func(_ *freshet.Registration, o *login.Options) { o.ResponseType = "token" },
		"stays in the browser": func(_ *freshet.Registration, o *login.Options) {
			o.ResponseMode = "fragment"
		},
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

// A provider's file may say how else its users sign in.
func TestBeginWithoutAuthorizationEndpoint(t *testing.T) {
	reg := freshet.Registration{Provider: "firebase", Client: oauth.Client{ID: "c"}}
	_, err := login.Begin(reg, login.Options{RedirectURI: "https://app.example.com/callback"})
	if remedy := problem(t, err).Remedy; !strings.HasPrefix(string(remedy), "Firebase has no authorization endpoint: sign in") {
		t.Errorf("the remedy is %q", remedy)
	}
}

func TestNonceLength(t *testing.T) {
	for _, n := range []int{1, 26, 40, 100} {
		if a := begin(t, example(), login.Options{Nonce: true, NonceLength: n}); len(a.Nonce) != n {
			t.Errorf("%d: %q", n, a.Nonce)
		}
	}
}

// An attempt survives a session as JSON.
func TestAttemptInSession(t *testing.T) {
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

// A tenant, a shop or a data centre is a part of the provider's addresses. A part without a default
// must be given, and its value cannot change the rest of the address.
func TestPartsOfAddresses(t *testing.T) {
	for _, test := range []struct {
		provider string
		parts    map[string]string
		issuer   string
		url      string // how the address of the login begins
		problem  string
	}{
		{provider: "microsoft", url: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?"},
		{
			provider: "microsoft", parts: map[string]string{"tenant": "contoso.com"},
			url: "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/authorize?",
		},
		{
			provider: "microsoft", issuer: "https://login.microsoftonline.com/contoso/v2.0",
			url: "https://login.microsoftonline.com/contoso/oauth2/v2.0/authorize?",
		},
		{
			provider: "shopify", parts: map[string]string{"shop": "acme"},
			url: "https://acme.myshopify.com/admin/oauth/authorize?",
		},
		{provider: "shopify", problem: "a part of Shopify's addresses is not known: the shop"},
		{
			provider: "shopify", parts: map[string]string{"shop": "evil.example/"},
			problem: `the part "shop" cannot be "evil.example/"`,
		},
		{
			provider: "okta", parts: map[string]string{"domain": "acme.okta.com"},
			url: "https://acme.okta.com/oauth2/default/v1/authorize?",
		},
		{
			provider: "okta", issuer: "https://acme.okta.com/oauth2/aus1",
			url: "https://acme.okta.com/oauth2/aus1/v1/authorize?",
		},
		{
			provider: "zoho", parts: map[string]string{"host": "accounts.zoho.eu"},
			url: "https://accounts.zoho.eu/oauth/v2/auth?",
		},
		{
			provider: "zoho", parts: map[string]string{"host": "accounts.zoho.example"},
			problem: "and may be one of accounts.zoho.com",
		},
		{
			provider: "salesforce", issuer: "https://acme--dev.sandbox.my.salesforce.com",
			url: "https://acme--dev.sandbox.my.salesforce.com/services/oauth2/authorize?",
		},
		{
			provider: "salesforce", issuer: "https://acme.my.site.com/portal",
			url: "https://acme.my.site.com/portal/services/oauth2/authorize?",
		},
	} {
		reg := freshet.Registration{
			Provider: test.provider, Client: oauth.Client{ID: "client"}, Parts: test.parts,
			Endpoints: oauth.Endpoints{Issuer: test.issuer},
		}
		a, err := login.Begin(reg, login.Options{RedirectURI: "http://localhost:8484/callback"})
		if test.problem != "" {
			wantProblem(t, err, oauth.Misconfigured, test.problem)
		} else if err != nil || !strings.HasPrefix(a.URL, test.url) {
			t.Errorf("%s, %v: %s, %v", test.provider, test.parts, a.URL, err)
		}
	}
}

// A refresh uses the token endpoint with the parts of the registration.
func TestRefreshUsesParts(t *testing.T) {
	for name, test := range map[string]struct {
		parts    map[string]string
		endpoint string
	}{
		"auth0": {map[string]string{"domain": "acme.eu.auth0.com"}, "https://acme.eu.auth0.com/oauth/token"},
		"okta":  {map[string]string{"domain": "acme.okta.com"}, "https://acme.okta.com/oauth2/default/v1/token"},
		"microsoft": {
			map[string]string{"tenant": "contoso.com"},
			"https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token",
		},
		"shopify": {map[string]string{"shop": "acme"}, "https://acme.myshopify.com/admin/oauth/access_token"},
		"google":  {nil, "https://oauth2.googleapis.com/token"},
	} {
		token, err := freshet.ParseToken([]byte(`{"access_token":"a","refresh_token":"r"}`))
		if err != nil {
			t.Fatal(err)
		}
		c := freshet.Connection{Token: token, Registration: freshet.Registration{
			Provider: name, Parts: test.parts, Client: oauth.Client{ID: "client"},
		}}
		if request, err := c.Request(); err != nil || request.Endpoint != test.endpoint {
			t.Errorf("%s: %s, %v, want %s", name, request.Endpoint, err, test.endpoint)
		}
		c.Parts = map[string]string{"domain": "evil.example/", "tenant": "../x", "shop": "evil.example#"}
		if request, err := c.Request(); err == nil {
			t.Errorf("%s: a request to %s", name, request.Endpoint)
		}
	}
}
