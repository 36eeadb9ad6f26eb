package freshet_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

// connectionWith returns a connection with a registration and a document.
func connectionWith(t *testing.T, r freshet.Registration, document string) freshet.Connection {
	t.Helper()
	token, err := freshet.ParseToken([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	r.Client.ID = "c"
	return freshet.Connection{Name: acme, Registration: r, Token: token}
}

func atIssuer(provider, issuer string) freshet.Registration {
	return freshet.Registration{Provider: provider, Endpoints: oauth.Endpoints{Issuer: issuer}}
}

// The usual endpoint of a provider with several hosts is used only if nothing points to another
// one.
func TestRefreshTokenOfAnotherHostIsNotSentToTheUsualOne(t *testing.T) {
	stated := func(endpoint string) string {
		return `{"access_token":"a","refresh_token":"r","token_uri":"` + endpoint + `"}`
	}
	const unstated = `{"access_token":"a","refresh_token":"r"}`
	for name, test := range map[string]struct {
		registration freshet.Registration
		document     string
		wrong        string
	}{
		"an Enterprise Server": {
			registration: atIssuer("github", "https://github.corp.example"),
			document:     unstated, wrong: "github.com",
		},
		"an issuer of one's own": {
			registration: atIssuer("microsoft", "https://sts.corp.example/"),
			document:     unstated, wrong: "login.microsoftonline.com",
		},
		"a data centre as the issuer": {
			registration: atIssuer("zoho", "https://accounts.zoho.eu"),
			document:     unstated, wrong: "accounts.zoho.com",
		},
		"another cloud's old endpoint": {
			document: stated("https://login.microsoftonline.us/acme/oauth2/token"), wrong: "login.microsoftonline.com",
		},
		"another tenant's old endpoint": {
			document: stated("https://login.microsoftonline.com/acme/oauth2/token"),
			wrong:    "login.microsoftonline.com", // as common
		},
		"an endpoint with its port": {
			document: stated("https://acme.ghe.com:443/login/oauth/access_token"), wrong: "github.com",
		},
		"an endpoint with a query": {
			document: stated("https://accounts.zoho.eu/oauth/v2/token?grant_type=refresh_token"),
			wrong:    "accounts.zoho.com",
		},
		"a tenant of another cloud": {
			registration: freshet.Registration{Provider: "microsoft", Parts: map[string]string{"tenant": "acme"}},
			document:     stated("https://login.microsoftonline.us/acme/oauth2/v2.0/token"),
			wrong:        "login.microsoftonline.com",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := connectionWith(t, test.registration, test.document)
			request, err := c.Request()
			if err != nil {
				return // to ask is right
			}
			if u, _ := url.Parse(request.Endpoint); u.Hostname() == test.wrong {
				t.Errorf("the refresh token would go to %s", request.Endpoint)
			}
		})
	}
}

// Revocation and introspection send tokens, too.
func TestTokensAreRevokedWhereTheyAreRefreshed(t *testing.T) {
	const endpoint = "https://accounts.zoho.eu/oauth/v2/token"
	for name, c := range map[string]freshet.Connection{
		"stated": connectionWith(t, freshet.Registration{},
			`{"access_token":"a","refresh_token":"r","token_uri":"`+endpoint+`"}`),
		"named": connectionWith(t, freshet.Registration{Provider: "zoho", Endpoints: oauth.Endpoints{Token: endpoint}},
			`{"access_token":"a","refresh_token":"r"}`),
	} {
		t.Run(name, func(t *testing.T) {
			if request, err := c.Request(); err != nil || request.Endpoint != endpoint {
				t.Fatalf("%s, %v", request.Endpoint, err)
			}
			addresses := c.ResolvedEndpoints()
			if addresses.Token != endpoint {
				t.Errorf("said to be refreshed at %s", addresses.Token)
			}
			if addresses.Revocation != endpoint+"/revoke" {
				t.Errorf("would be revoked at %s", addresses.Revocation)
			}
		})
	}
}

func TestPartsDetermineTheEndpoint(t *testing.T) {
	for name, test := range map[string]struct {
		registration freshet.Registration
		document     string
		want         string
	}{
		"Auth0's domain": {
			registration: freshet.Registration{
				Provider: "auth0", Parts: map[string]string{"domain": "acme.eu.auth0.com"},
			},
			document: `{"refresh_token":"r"}`, want: "https://acme.eu.auth0.com/oauth/token",
		},
		"Okta's domain": {
			registration: freshet.Registration{Provider: "okta", Parts: map[string]string{"domain": "acme.okta.com"}},
			document:     `{"refresh_token":"r"}`, want: "https://acme.okta.com/oauth2/default/v1/token",
		},
		"Okta's endpoint in the document": {
			document: `{"refresh_token":"r","token_uri":"https://acme.okta.com/oauth2/default/v1/token"}`,
			want:     "https://acme.okta.com/oauth2/default/v1/token",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := connectionWith(t, test.registration, test.document)
			request, err := c.Request()
			if err != nil || request.Endpoint != test.want {
				t.Errorf("%q, %v", request.Endpoint, err)
			}
		})
	}
}

// refusing records the host of every request, and refuses as Salesforce does.
type refusing struct {
	mu    sync.Mutex
	hosts []string
}

func (r *refusing) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	r.hosts = append(r.hosts, req.URL.Host)
	r.mu.Unlock()
	const body = `{"error":"invalid_grant","error_description":"expired access/refresh token"}`
	return (&answering{status: 400, body: body}).RoundTrip(req)
}

// A sandbox's token is refused at production. The error names the right host, but no other host is
// tried.
func TestRefusalTriesNoSecondHost(t *testing.T) {
	for asked, home := range map[string]string{
		"https://login.salesforce.com":    "test.salesforce.com or acme--dev.sandbox.my.salesforce.com",
		"https://other.my.salesforce.com": "test.salesforce.com or acme--dev.sandbox.my.salesforce.com",
	} {
		token, err := freshet.ParseToken([]byte(`{"access_token":"a!b","refresh_token":"5Aep861secret",` +
			`"instance_url":"https://acme--dev.sandbox.my.salesforce.com"}`))
		if err != nil {
			t.Fatal(err)
		}
		store, sent := new(freshet.MemoryStore), &refusing{}
		err = store.Create(t.Context(), freshet.Connection{Name: acme, Token: token, Registration: freshet.Registration{
			Provider: "salesforce", Client: oauth.Client{ID: "client"}, Endpoints: oauth.Endpoints{Issuer: asked},
		}})
		if err != nil {
			t.Fatal(err)
		}
		r := &freshet.Refresher{Store: store, HTTP: &http.Client{Transport: sent}}
		for range 2 {
			_, err = r.Token(t.Context(), acme, freshet.Options{Forced: true})
			failed := refreshError(t, err)
			host := strings.TrimPrefix(asked, "https://")
			if failed.Kind != oauth.LoginRequired || !strings.Contains(failed.Cause, host+" does not know it") ||
				!strings.Contains(failed.Remedy.String(), "refresh it at "+home) {
				t.Errorf("%s; %s", failed.Cause, failed.Remedy)
			}
		}
		if len(sent.hosts) != 1 || "https://"+sent.hosts[0] != asked {
			t.Errorf("asked %v, want %s once", sent.hosts, asked)
		}
	}
}

// An invisible character in a client id or secret is found before anything is sent.
func TestClientWithInvisibleCharacterIsRefused(t *testing.T) {
	for _, test := range []struct {
		client       oauth.Client
		what, remedy string
	}{
		{oauth.Client{ID: "c\r"}, "the client id contains a line break", "set Client.ID again"},
		{oauth.Client{ID: "c\u200b"}, "the client id contains a zero-width space (U+200B)", "set Client.ID again"},
		{
			oauth.Client{ID: "c", Secret: "\ufeffhush"},
			"the client secret contains a byte order mark (U+FEFF)",
			"set Client.Secret or SecretFrom again",
		},
		{
			oauth.Client{ID: "c", Secret: "hush\nuser: me", Auth: oauth.AuthBasic},
			"the client secret contains a line break", "set Client.Secret or SecretFrom again",
		},
	} {
		c := connectionWith(t, freshet.Registration{}, `{"access_token":"a","refresh_token":"r"}`)
		c.Client, c.Endpoints.Token = test.client, "https://op.example/token"
		_, err := c.Request()
		p, ok := errors.AsType[*freshet.SetupError](err)
		if !ok || p.Kind != oauth.Misconfigured || p.What != test.what || !strings.HasPrefix(p.Remedy.String(), test.remedy) {
			t.Errorf("%v", err)
		}
	}
}

// A provider's file may add header fields to a refresh. The user's take precedence.
func TestProviderAddsHeaderFields(t *testing.T) {
	const name = "X-Include-Refresh-Token-Hard-Expires-In"
	for name, test := range map[string]struct {
		own  map[string]string
		want map[string]string
	}{
		"the provider's": {nil, map[string]string{name: "true"}},
		"another":        {map[string]string{"X-Trace": "1"}, map[string]string{name: "true", "X-Trace": "1"}},
		"the user's": {
			map[string]string{"x-include-refresh-token-hard-expires-in": "false"}, map[string]string{name: "false"},
		},
	} {
		r := freshet.Registration{Provider: "quickbooks"}
		r.Client.Auth, r.Requests.Refresh.Headers = oauth.AuthNone, test.own
		c := connectionWith(t, r, `{"access_token":"a","refresh_token":"r"}`)
		got, err := c.Request()
		if err != nil {
			t.Fatal(err)
		}
		for field, want := range test.want {
			if got.Header.Get(field) != want {
				t.Errorf("%s: %s is %q, want %q", name, field, got.Header.Get(field), want)
			}
		}
	}
}
