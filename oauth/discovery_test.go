package oauth_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshet-dev/freshet/oauth"
)

const (
	oidcPath = "/.well-known/openid-configuration"
	rfcPath  = "/.well-known/oauth-authorization-server"
)

// publish serves documents by their path. HOST in them stands for the server's address.
func publish(t *testing.T, documents map[string]string) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		document, ok := documents[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, strings.ReplaceAll(document, "HOST", r.Host))
	}))
	t.Cleanup(server.Close)
	return server
}

func TestDiscoverFindsTheDocument(t *testing.T) {
	const root, tenant = `{"issuer":"http://HOST","token_endpoint":"http://HOST/token"}`, `{"issuer":"http://HOST/tenant","token_endpoint":"http://HOST/token"}`
	for _, test := range []struct{ name, path, issuer, document string }{
		{"OpenID Connect", oidcPath, "", root},
		{"OpenID Connect below a path", "/tenant" + oidcPath, "/tenant", tenant},
		{"RFC 8414", rfcPath, "", root},
		{"RFC 8414 below a path", rfcPath + "/tenant", "/tenant", tenant},
		{"a slash that was added", oidcPath, "/", root},
		{"a slash that was forgotten", oidcPath, "", strings.Replace(root, "HOST", "HOST/", 1)},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := publish(t, map[string]string{test.path: test.document})
			m, err := oauth.Discover(t.Context(), nil, server.URL+test.issuer)
			if err != nil || m.Token != server.URL+"/token" {
				t.Errorf("%+v, %v", m, err)
			}
		})
	}
}

func TestDiscoverReadsTheDocument(t *testing.T) {
	server := publish(t, map[string]string{oidcPath: `{
		"issuer": "http://HOST",
		"authorization_endpoint": "https://login.example/authorize",
		"token_endpoint": "http://HOST/token",
		"device_authorization_endpoint": "http://HOST/device",
		"revocation_endpoint": "http://HOST/revoke",
		"introspection_endpoint": "http://HOST/introspect",
		"userinfo_endpoint": "http://HOST/userinfo",
		"jwks_uri": "http://HOST/keys",
		"code_challenge_methods_supported": ["S256"],
		"response_types_supported": ["code"],
		"scopes_supported": ["openid", "offline_access"],
		"authorization_response_iss_parameter_supported": true,
		"claims_supported": ["sub"]
	}`})
	got, err := oauth.Discover(t.Context(), nil, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	want := oauth.Metadata{
		Endpoints: oauth.Endpoints{
			Issuer:        server.URL,
			Authorization: "https://login.example/authorize",
			Token:         server.URL + "/token",
			Device:        server.URL + "/device",
			Revocation:    server.URL + "/revoke",
			Introspection: server.URL + "/introspect",
			Userinfo:      server.URL + "/userinfo",
			JWKS:          server.URL + "/keys",
		},
		CodeChallengeMethods: []string{"S256"},
		ResponseTypes:        []string{"code"},
		Scopes:               []string{"openid", "offline_access"},
		IssParameter:         true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDiscoverRefusesADocument(t *testing.T) {
	for _, test := range []struct{ name, document, want string }{
		{
			"of another issuer", `{"issuer":"https://evil.example","token_endpoint":"https://evil.example/token"}`,
			`the discovery document of HOST is for another issuer: "https://evil.example" instead of "http://HOST"`,
		},
		{"without an issuer", `{"token_endpoint":"http://HOST/token"}`, "the discovery document of HOST names no issuer"},
		{"without a token endpoint", `{"issuer":"http://HOST"}`, "the discovery document of HOST names no token endpoint"},
		{
			"with an address that is not https", `{"issuer":"http://HOST","token_endpoint":"http://HOST/token","revocation_endpoint":"http://op.example/revoke"}`,
			"the discovery document of HOST cannot be used: the revocation endpoint http://op.example is not https",
		},
		{
			"with a member of another type", `{"issuer":5}`,
			"the discovery document of HOST has a member of another type than RFC 8414 says",
		},
		{
			"that is a page", "<html>",
			"HOST has no discovery document: HOST answered, but the reply is not a JSON object (text/html) (at " + oidcPath + "); HOST answered 404 Not Found (at " + rfcPath + ")",
		},
		{
			"that is too large", strings.Repeat(" ", oauth.MaxReply) + "{}",
			"HOST has no discovery document: HOST answered, but the reply is larger than 1 MiB (at " + oidcPath + "); HOST answered 404 Not Found (at " + rfcPath + ")",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := publish(t, map[string]string{oidcPath: test.document})
			host := strings.TrimPrefix(server.URL, "http://")
			_, err := oauth.Discover(t.Context(), nil, server.URL)
			if want := strings.ReplaceAll(test.want, "HOST", host); err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

func TestDiscoverRefusesAnIssuer(t *testing.T) {
	for issuer, want := range map[string]string{
		"http://op.example":          "the issuer http://op.example is not https",
		"https://op.example?tenant=": `the issuer at "op.example" has a query`,
		"op.example":                 `the issuer "op.example" names no host`,
	} {
		if _, err := oauth.Discover(t.Context(), &http.Client{Transport: silent{}}, issuer); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestDiscoverTellsNoReplyFromABadOne(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	_, err := oauth.Discover(t.Context(), nil, gone.URL)
	if failed, ok := errors.AsType[*oauth.SendError](err); !ok || failed.Sent {
		t.Errorf("nobody listens: %v", err)
	}
	_, err = oauth.Discover(t.Context(), nil, publish(t, nil).URL)
	if refused, ok := errors.AsType[*oauth.Error](err); !ok || refused.Status != http.StatusNotFound {
		t.Errorf("nothing is published: %v", err)
	}
}

// Whoever publishes metadata elsewhere does not make us talk to a program on this machine.
func TestDiscoverDoesNotLeadHere(t *testing.T) {
	var server *httptest.Server
	server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"issuer":%q,"token_endpoint":"http://127.0.0.1:1/token"}`, server.URL)
	}))
	defer server.Close()
	if _, err := oauth.Discover(t.Context(), server.Client(), server.URL); err == nil || !strings.Contains(err.Error(), "is on this machine") {
		t.Errorf("got %v", err)
	}
}
