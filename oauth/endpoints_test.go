package oauth_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshet-dev/freshet/oauth"
)

const (
	oidcPath = "/.well-known/openid-configuration"
	rfcPath  = "/.well-known/oauth-authorization-server"
)

// publish serves documents by path. HOST in a document stands for the server's host.
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

func TestDiscoverPaths(t *testing.T) {
	const (
		root   = `{"issuer":"http://HOST","token_endpoint":"http://HOST/token"}`
		tenant = `{"issuer":"http://HOST/tenant","token_endpoint":"http://HOST/token"}`
	)
	slash := strings.Replace(tenant, "/tenant", "/tenant/", 1)
	for _, test := range []struct{ name, path, issuer, document string }{
		{"OpenID Connect", oidcPath, "", root},
		{"OpenID Connect below a path", "/tenant" + oidcPath, "/tenant", tenant},
		{"OpenID Connect before a path", oidcPath + "/tenant", "/tenant", tenant},
		{"RFC 8414", rfcPath, "", root},
		{"RFC 8414 before a path", rfcPath + "/tenant", "/tenant", tenant},
		{"added slash", oidcPath, "/", root},
		{"omitted slash", oidcPath, "", strings.Replace(root, "HOST", "HOST/", 1)},
		{"OpenID Connect below a path with a slash", "/tenant" + oidcPath, "/tenant/", slash},
		{"RFC 8414 before a path whose slash is removed", rfcPath + "/tenant", "/tenant/", slash},
		{"RFC 8414 before a path with a slash", rfcPath + "/tenant/", "/tenant/", slash},
		{"OpenID Connect before a path with a slash", oidcPath + "/tenant/", "/tenant/", slash},
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

func TestDiscover(t *testing.T) {
	server := publish(t, map[string]string{oidcPath: `{
		"issuer": "http://HOST",
		"authorization_endpoint": "https://login.example/authorize",
		"token_endpoint": "http://HOST/token",
		"device_authorization_endpoint": "http://HOST/device",
		"revocation_endpoint": "http://HOST/revoke",
		"introspection_endpoint": "http://HOST/introspect",
		"userinfo_endpoint": "http://HOST/userinfo",
		"jwks_uri": "http://HOST/keys",
		"token_endpoint_auth_methods_supported": ["client_secret_post", "none"],
		"introspection_endpoint_auth_methods_supported": ["client_secret_basic"],
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
		AuthMethods: oauth.AuthMethods{
			AtToken: []string{"client_secret_post", "none"}, AtIntrospection: []string{"client_secret_basic"},
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

func TestDiscoverRefusesDocument(t *testing.T) {
	for _, test := range []struct{ name, document, want string }{
		{
			"another issuer", `{"issuer":"https://evil.example","token_endpoint":"https://evil.example/token"}`,
			`the discovery document of HOST is for another issuer: "https://evil.example" instead of "http://HOST"`,
		},
		{"no issuer", `{"token_endpoint":"http://HOST/token"}`, "the discovery document of HOST names no issuer"},
		{"no token endpoint", `{"issuer":"http://HOST"}`, "the discovery document of HOST names no token endpoint"},
		{
			"address that is not https",
			`{"issuer":"http://HOST","token_endpoint":"http://HOST/token",` +
				`"revocation_endpoint":"http://op.example/revoke"}`,
			"the discovery document of HOST cannot be used: the revocation endpoint http://op.example is not https",
		},
		{
			"member of another type", `{"issuer":5}`,
			"the discovery document of HOST has a member of another type than RFC 8414 says",
		},
		{
			"HTML page", "<html>",
			"HOST has no discovery document: HOST answered, but the reply is not a JSON object (text/html) " +
				"(at " + oidcPath + "); HOST answered 404 Not Found (at " + rfcPath + ")",
		},
		{
			"too large", strings.Repeat(" ", oauth.MaxReply) + "{}",
			"HOST has no discovery document: HOST answered, but the reply is larger than 1 MiB " +
				"(at " + oidcPath + "); HOST answered 404 Not Found (at " + rfcPath + ")",
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

// Paths that fail for the same reason are listed together.
func TestDiscoverFindsNothing(t *testing.T) {
	server := publish(t, map[string]string{rfcPath + "/tenant": "<html>"})
	host := strings.TrimPrefix(server.URL, "http://")
	for issuer, want := range map[string]string{
		"/other": "HOST has no discovery document: HOST answered 404 Not Found " +
			"(at /other" + oidcPath + ", " + rfcPath + "/other, " + oidcPath + "/other)",
		"/tenant": "HOST has no discovery document: HOST answered 404 Not Found (at /tenant" + oidcPath + "); " +
			"HOST answered, but the reply is not a JSON object (text/html) (at " + rfcPath + "/tenant); " +
			"HOST answered 404 Not Found (at " + oidcPath + "/tenant)",
	} {
		_, err := oauth.Discover(t.Context(), nil, server.URL+issuer)
		if want = strings.ReplaceAll(want, "HOST", host); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestDiscoverRefusesIssuer(t *testing.T) {
	for issuer, want := range map[string]string{
		"http://op.example":          "the issuer http://op.example is not https",
		"https://op.example?tenant=": `the issuer at "op.example" has a query`,
		"op.example":                 `the issuer "op.example" names no host`,
	} {
		if _, err := oauth.Discover(t.Context(), &http.Client{Transport: silent{}}, issuer); err == nil ||
			err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestDiscoverErrorTypes(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	_, err := oauth.Discover(t.Context(), nil, gone.URL)
	if failed, ok := errors.AsType[*oauth.SendError](err); !ok || failed.Sent {
		t.Errorf("no listener: %v", err)
	}
	_, err = oauth.Discover(t.Context(), nil, publish(t, nil).URL)
	if refused, ok := errors.AsType[*oauth.Error](err); !ok || refused.Status != http.StatusNotFound {
		t.Errorf("no document: %v", err)
	}
}

// The metadata of a remote server must not direct requests to a program on this machine.
func TestDiscoverRefusesLoopbackOfRemoteIssuer(t *testing.T) {
	var server *httptest.Server
	server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"issuer":%q,"token_endpoint":"http://127.0.0.1:1/token"}`, server.URL)
	}))
	defer server.Close()
	if _, err := oauth.Discover(t.Context(), server.Client(), server.URL); err == nil ||
		!strings.Contains(err.Error(), "is on this machine") {
		t.Errorf("got %v", err)
	}
}

// The metadata of an issuer with plain http, which is allowed for its host, may name https addresses
// and allowed hosts. That of an https issuer leads to no address with http.
func TestDiscoverOverPlainHTTP(t *testing.T) {
	allowed := []string{"op.svc:8080", "keys.svc"}
	for _, test := range []struct{ issuer, token, want string }{
		{"http://op.svc:8080", "http://op.svc:8080/token", ""},
		{"http://op.svc:8080", "http://keys.svc/token", ""},
		{"http://op.svc:8080", "https://other.example/token", ""},
		{"http://op.svc:8080", "http://other.svc/token", "the token endpoint http://other.svc is not https"},
		{"http://op.svc:8080", "http://op.svc/token", "the token endpoint http://op.svc is not https"},
		{"http://op.svc:8080", "http://127.0.0.1:1/token", "the token endpoint is on this machine, and not on the issuer's"},
		{"http://other.svc", "http://other.svc/token", "the issuer http://other.svc is not https"},
		{
			"https://op.svc:8080", "http://op.svc:8080/token",
			"the token endpoint is on op.svc:8080 with http, and the issuer has https",
		},
		{"HTTPS://op.svc:8080", "http://127.0.0.1:1/token", "the token endpoint is on this machine, and not on the issuer's"},
	} {
		document := fmt.Sprintf(`{"issuer":%q,"token_endpoint":%q}`, test.issuer, test.token)
		client := &http.Client{Transport: result(200, nil, document)}
		m, err := oauth.Discover(t.Context(), client, test.issuer, allowed...)
		if test.want == "" && (err != nil || m.Token != test.token) ||
			test.want != "" && (err == nil || !strings.HasSuffix(err.Error(), test.want)) {
			t.Errorf("%s names %s: %v, want %q", test.issuer, test.token, err, test.want)
		}
	}
}

func TestEndpointsJSON(t *testing.T) {
	document, err := json.Marshal(oauth.Endpoints{Token: "https://op.example/token", JWKS: "https://op.example/keys"})
	if err != nil ||
		string(document) != `{"token_endpoint":"https://op.example/token","jwks_uri":"https://op.example/keys"}` {
		t.Errorf("%s, %v", document, err)
	}
}

// A server may close a connection that it has just accepted. A timeout is not tried again.
func TestDiscoverAfterClosedConnection(t *testing.T) {
	for closed, ok := range []bool{true, true, false} {
		requests := 0
		var server *httptest.Server
		server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if requests++; requests <= closed {
				panic(http.ErrAbortHandler)
			}
			fmt.Fprintf(w, `{"issuer":%q,"token_endpoint":%q}`, server.URL, server.URL+"/token")
		}))
		m, err := oauth.Discover(t.Context(), nil, server.URL)
		server.Close()
		if (err == nil) != ok || requests > 2 {
			t.Errorf("%d closed connections: %d requests, %v", closed, requests, err)
		}
		if ok && !slices.Equal(m.AtToken, []string{"client_secret_basic"}) {
			t.Errorf("without a list: %q, want the default of RFC 8414", m.AtToken)
		}
	}
}
