package freshet_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// clientMethods answers every request, and keeps how the client authenticated at each path.
type clientMethods map[string]string

func (m clientMethods) RoundTrip(req *http.Request) (*http.Response, error) {
	_ = req.ParseForm()
	method := "none"
	if req.Form.Get("client_secret") != "" {
		method = "body"
	}
	if _, _, ok := req.BasicAuth(); ok {
		method = "basic"
	}
	m[req.URL.Path] = method
	body := `{"access_token":"a2","refresh_token":"r2","expires_in":3600,"active":true}`
	return (&answering{status: 200, body: body}).RoundTrip(req)
}

// How a client authenticates: what the user said, what worked, the provider's file, the metadata.
func TestClientAuthentication(t *testing.T) {
	both, basic, post := []string{"client_secret_basic", "client_secret_post"}, []string{"client_secret_basic"},
		[]string{"client_secret_post"}
	lists := func(token, revocation, introspection []string) oauth.AuthMethods {
		return oauth.AuthMethods{AtToken: token, AtRevocation: revocation, AtIntrospection: introspection}
	}
	for _, test := range []struct {
		name     string
		auth     oauth.AuthStyle
		proven   oauth.AuthStyle
		provider string
		methods  oauth.AuthMethods
		secret   oauth.Secret
		want     string // at the token, revocation and introspection endpoint
	}{
		{name: "nothing is known", want: "body body body"},
		{name: "metadata list both", methods: lists(both, nil, nil), want: "basic basic basic"},
		{name: "a secret to encode", methods: lists(both, nil, nil), secret: "a/b+c", want: "body body body"},
		{name: "metadata list the body", methods: lists(post, nil, nil), want: "body body body"},
		{name: "other endpoints list others", methods: lists(both, post, basic), want: "basic body basic"},
		{name: "only another endpoint lists", methods: lists(nil, nil, basic), want: "body body basic"},
		{name: "no method with a secret", methods: lists([]string{"private_key_jwt"}, nil, nil), want: "body body body"},
		{name: "the provider's file, then metadata", provider: "x", methods: lists(post, nil, nil), want: "basic basic basic"},
		{name: "what worked, then the file", proven: "body", provider: "x", want: "body body body"},
		{name: "what worked, then metadata", proven: "body", methods: lists(both, nil, nil), want: "body body body"},
		{name: "what worked is not listed elsewhere", proven: "body", methods: lists(both, basic, nil), want: "body basic body"},
		{name: "the user first", auth: "body", proven: "basic", provider: "x", methods: lists(basic, basic, basic), want: "body body body"},
		{name: "the user wants none", auth: "none", proven: "basic", methods: lists(basic, nil, nil), want: "none none none"},
	} {
		t.Run(test.name, func(t *testing.T) {
			sent, store := clientMethods{}, new(freshet.MemoryStore)
			r := &freshet.Refresher{Store: store, HTTP: &http.Client{Transport: sent}}
			secret := test.secret
			if secret == "" {
				secret = "s3cret"
			}
			store.Put(freshet.Connection{
				Name: acme, Token: parse(t, `{"access_token":"a1","refresh_token":"r1"}`),
				Registration: freshet.Registration{
					Provider: test.provider, ProvenAuth: test.proven, AuthMethods: test.methods,
					Client: oauth.Client{ID: "c-1", Secret: secret, Auth: test.auth},
					Endpoints: oauth.Endpoints{
						Token: "https://op.example/token", Revocation: "https://op.example/revoke",
						Introspection: "https://op.example/introspect",
					},
				},
			})
			if _, err := r.Introspect(t.Context(), acme); err != nil {
				t.Fatal(err)
			}
			if _, err := r.Refresh(t.Context(), acme, freshet.Options{Forced: true}); err != nil {
				t.Fatal(err)
			}
			c, err := store.Get(t.Context(), acme)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.Revoke(t.Context(), acme); err != nil {
				t.Fatal(err)
			}
			got := strings.Join([]string{sent["/token"], sent["/revoke"], sent["/introspect"]}, " ")
			if got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
			if want := sent["/token"]; test.auth == "" && string(c.ProvenAuth) != want {
				t.Errorf("what worked: %q, want %q", c.ProvenAuth, want)
			}
		})
	}
}

// A login remembers how the client authenticated. A refresh with another secret, which would have to be
// encoded, does the same.
func TestClientAuthenticationIsRemembered(t *testing.T) {
	sent, store := clientMethods{}, new(freshet.MemoryStore)
	secret := oauth.Secret("s3cret")
	r := &freshet.Refresher{
		Store: store, HTTP: &http.Client{Transport: sent},
		Secrets: func(context.Context, string) (oauth.Secret, error) { return secret, nil },
	}
	reg := freshet.Registration{
		Client: oauth.Client{ID: "c-1"}, SecretFrom: "keyring:acme",
		Endpoints:   oauth.Endpoints{Token: "https://op.example/token"},
		AuthMethods: oauth.AuthMethods{AtToken: []string{"client_secret_basic", "client_secret_post"}},
	}
	form := oauth.CodeGrant("code", "http://127.0.0.1:1/", "")
	if _, err := r.Login(t.Context(), acme, freshet.CodeExchange{Registration: reg, Form: form}); err != nil {
		t.Fatal(err)
	}
	secret = "a/b+c"
	if _, err := r.Refresh(t.Context(), acme, freshet.Options{Forced: true}); err != nil || sent["/token"] != "basic" {
		t.Errorf("%s, %v; want basic", sent["/token"], err)
	}
}

// A reader that has not read the secret takes a failure for one of the same request.
func TestFailureCountsWithoutTheSecret(t *testing.T) {
	store := new(freshet.MemoryStore)
	refusing := &answering{status: 401, body: `{"error":"invalid_client"}`}
	r := &freshet.Refresher{
		Store: store, HTTP: &http.Client{Transport: refusing},
		Secrets: func(context.Context, string) (oauth.Secret, error) { return "a/b+c", nil },
	}
	store.Put(freshet.Connection{
		Name: acme, Token: parse(t, `{"access_token":"a1","refresh_token":"r1"}`),
		Registration: freshet.Registration{
			Client: oauth.Client{ID: "c-1"}, SecretFrom: "keyring:acme",
			Endpoints:   oauth.Endpoints{Token: "https://op.example/token"},
			AuthMethods: oauth.AuthMethods{AtToken: []string{"client_secret_basic", "client_secret_post"}},
		},
	})
	if _, err := r.Refresh(t.Context(), acme, freshet.Options{Forced: true}); err == nil {
		t.Fatal("no error")
	}
	c, err := store.Get(t.Context(), acme)
	if err != nil || c.CurrentHealth().Failures != 1 {
		t.Errorf("%d failures, %v", c.CurrentHealth().Failures, err)
	}
}
