package freshet_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
)

func TestIntrospect(t *testing.T) {
	for name, make := range map[string]func(*testing.T) *world{"Salesforce": salesforceWorld, "RFC 7662": genericWorld} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := make(t)
				for _, active := range []bool{true, false} {
					object, err := w.Introspect(t.Context(), acme)
					if err != nil {
						t.Fatal(err)
					}
					var got struct{ Active bool }
					if json.Unmarshal(object, &got) != nil || got.Active != active {
						t.Errorf("%s", object)
					}
					w.server.Revoke(string(w.first.RefreshToken()))
				}
				w.wantRequests(t, 0)
			})
		})
	}
}

func TestIntrospectFails(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		body   string
		says   string
	}{
		{
			"refused", 401, `{"error":"invalid_client","error_description":"TOKEN"}`,
			"this app requires the consumer secret, and none was sent",
		},
		{"not an answer", 200, `{"hello":"world"}`, "did not say whether the token is active"},
		{"not JSON", 200, `<html>`, "not a JSON object"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := salesforceWorld(t)
				body := strings.ReplaceAll(test.body, "TOKEN", w.first.AccessToken())
				w.HTTP = &http.Client{Transport: &answering{status: test.status, body: body}}
				_, err := w.Introspect(t.Context(), acme)
				if err == nil || !strings.Contains(err.Error(), test.says) ||
					strings.Contains(err.Error(), w.first.AccessToken()) {
					t.Error(err)
				}
			})
		})
	}
}

func TestIntrospectWithoutAccessToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := salesforceWorld(t)
		w.put(parse(t, `{"refresh_token": "r", "id": "http://127.0.0.1:1/id/O/U"}`))
		_, err := w.Introspect(t.Context(), acme)
		var p *freshet.SetupError
		if !errors.As(err, &p) || p.Kind != oauth.LoginRequired {
			t.Error(err)
		}
	})
}

func TestIdentify(t *testing.T) {
	for name, make := range map[string]func(*testing.T) *world{"Salesforce": salesforceWorld, "OpenID Connect": genericWorld} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := make(t)
				got, err := w.Identify(t.Context(), w.connection(t))
				if err != nil || got.Host != "127.0.0.1:1" || !strings.Contains(string(got.Members), `"email":`) {
					t.Errorf("%s, %v", got.Members, err)
				}
				w.server.Revoke(string(w.first.RefreshToken()))
				_, err = w.Identify(t.Context(), w.connection(t))
				if failed := refreshError(t, err); failed.Code != freshet.CodeTokenRefused {
					t.Errorf("%+v", failed)
				}
			})
		})
	}
}

// The access token goes neither to a host that only the document names, nor to the target of a
// redirect.
func TestIdentifySendsTokenOnlyToProvider(t *testing.T) {
	for _, id := range []string{
		"https://evil.example/id/O/U", "http://127.0.0.1:2/id/O/U", "https://login.salesforce.com@evil.example/id/O/U",
		"http://login.salesforce.com/id/O/U", "https://login.salesforce.com:8443/id/O/U", "https://login.salesforce.com/services/id/",
		"https://login.salesforce.com.evil.example/id/", "//127.0.0.1:1/id/O/U", "https://user@login.salesforce.com/id/O/U", "",
	} {
		synctest.Test(t, func(t *testing.T) {
			w := salesforceWorld(t)
			c := w.connection(t)
			c.Provider, c.Endpoints.Userinfo = "salesforce", w.server.URL()+"/services/oauth2/userinfo"
			c.Token = parse(t, `{"access_token": "secret", "id": "`+id+`"}`)
			asked := &recording{}
			w.HTTP = &http.Client{Transport: asked}
			_, _ = w.Identify(t.Context(), c)
			if len(asked.urls) != 1 || asked.urls[0] != c.Endpoints.Userinfo {
				t.Errorf("%q: asked %q", id, asked.urls)
			}
		})
	}
}

// The identity URL may be on another host of the provider.
func TestIdentifyAsksOtherHostOfProvider(t *testing.T) {
	c := freshet.Connection{
		Registration: freshet.Registration{
			Endpoints: oauth.Endpoints{Token: "https://acme.my.salesforce.com/services/oauth2/token"},
		},
		Token: parse(t, `{"access_token": "secret", "id": "https://login.salesforce.com/id/O/U"}`),
	}
	asked := &recording{}
	r := freshet.Refresher{Store: new(freshet.MemoryStore), HTTP: &http.Client{Transport: asked}}
	_, err := r.Identify(t.Context(), c)
	if len(asked.urls) != 1 || asked.urls[0] != "https://login.salesforce.com/id/O/U" {
		t.Errorf("asked %q: %v", asked.urls, err)
	}
}

// recording is a transport that records the URLs of requests and answers none.
type recording struct{ urls []string }

func (r *recording) RoundTrip(req *http.Request) (*http.Response, error) {
	r.urls = append(r.urls, req.URL.String())
	return nil, errors.New("no route to host")
}

func TestAccount(t *testing.T) {
	idToken := func(claims string) string { return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + "." }
	for _, test := range []struct{ token, want string }{
		{
			`{"access_token": "a", "id_token": "` + idToken(`{"sub": "7", "email": "user@example.com"}`) + `"}`,
			"user@example.com",
		},
		{`{"access_token": "a", "id_token": "` + idToken(`{"sub": "7"}`) + `"}`, "7"},
		{`{"access_token": "a", "id": "https://login.salesforce.com/id/00D/005"}`, "005"},
		{`{"access_token": "a", "id": "https://login.salesforce.com/id/00D/%1b[31m"}`, "%1b[31m"},
		{`{"access_token": "a", "id_token": "garbage"}`, ""},
		{`{"access_token": "a", "id": "42"}`, ""},
	} {
		if got := (&freshet.Connection{Token: parse(t, test.token)}).Account(); got != test.want {
			t.Errorf("%s: %q, want %q", test.token, got, test.want)
		}
	}
}
