package freshet_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// cluster is a network with an authorization server and an API that have no TLS.
type cluster struct {
	auth *oauthtest.Server

	mu   sync.Mutex
	sent []string // "POST http://host/path", and the access token if there is one
}

const (
	clusterAuth = "keycloak.auth.svc.cluster.local:8080"
	clusterAPI  = "orders.shop.svc.cluster.local"
)

func newCluster() *cluster {
	return &cluster{auth: oauthtest.NewHandler(oauthtest.Config{Rotate: true}, "http://"+clusterAuth)}
}

func (c *cluster) RoundTrip(req *http.Request) (*http.Response, error) {
	c.mu.Lock()
	c.sent = append(c.sent, strings.TrimSpace(fmt.Sprintf("%s %s://%s", req.Method, req.URL.Scheme, req.URL.Host)))
	c.mu.Unlock()
	if req.URL.Host == clusterAuth {
		return c.auth.Transport().RoundTrip(req)
	}
	res := &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: req, Header: http.Header{}}
	if to := req.URL.Query().Get("to"); to != "" {
		res.StatusCode = http.StatusTemporaryRedirect
		res.Header.Set("Location", to)
	}
	if req.Header.Get("Authorization") != "" {
		c.mu.Lock()
		c.sent[len(c.sent)-1] += " with token"
		c.mu.Unlock()
	}
	return res, nil
}

// wantSent compares the requests since the last call.
func (c *cluster) wantSent(t *testing.T, what string, want ...string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if got := strings.Join(c.sent, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("%s: sent\n%s\nand not\n%s", what, got, strings.Join(want, "\n"))
	}
	c.sent = nil
}

func (c *cluster) registration(insecure ...string) freshet.Registration {
	return freshet.Registration{
		Client:        oauth.Client{ID: c.auth.ClientID(), Secret: oauth.Secret(c.auth.ClientSecret())},
		InsecureHosts: insecure,
		Endpoints: oauth.Endpoints{
			Issuer: c.auth.URL(), Authorization: c.auth.AuthorizationEndpoint(), Token: c.auth.TokenEndpoint(),
			Device: c.auth.DeviceEndpoint(), Introspection: c.auth.IntrospectionEndpoint(),
			Revocation: c.auth.RevocationEndpoint(), Userinfo: c.auth.UserinfoEndpoint(),
		},
		API: freshet.API{Base: "http://" + clusterAPI + "/v1/"},
	}
}

// The authorization server and the API run without TLS inside a cluster, and the registration says so.
func TestPlainHTTPInsideACluster(t *testing.T) {
	c := newCluster()
	store := new(freshet.MemoryStore)
	reg := c.registration(clusterAuth, clusterAPI)
	store.Put(freshet.Connection{Name: acme, Token: parse(t, string(c.auth.Document())), Registration: reg})
	client := &http.Client{Transport: c}
	keeper := freshet.NewKeeper(freshet.Config{Store: store, HTTP: client})
	defer keeper.Close(t.Context())
	refresher := &freshet.Refresher{Store: store, HTTP: client}
	const toAuth = "POST http://" + clusterAuth

	if _, err := keeper.Refresh(t.Context(), acme, ""); err != nil {
		t.Fatal(err)
	}
	c.wantSent(t, "a refresh", toAuth)
	if _, err := refresher.Introspect(t.Context(), acme); err != nil {
		t.Error(err)
	}
	c.wantSent(t, "an introspection", toAuth)
	saved, err := store.Get(t.Context(), acme)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := refresher.Identify(t.Context(), saved); err != nil {
		t.Error(err)
	}
	c.wantSent(t, "userinfo", "GET http://"+clusterAuth)
	if _, err := oauth.Discover(t.Context(), client, "http://"+clusterAuth, clusterAuth); err != nil {
		t.Error(err)
	}
	c.wantSent(t, "discovery", "GET http://"+clusterAuth)

	api := &http.Client{Transport: &freshet.Transport{Source: keeper.Source(acme), Base: c}}
	for _, address := range []string{"orders", "http://" + clusterAPI + "/orders"} {
		res, err := api.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		c.wantSent(t, address, "GET http://"+clusterAPI+" with token")
	}
	if _, err := refresher.Revoke(t.Context(), acme); err != nil {
		t.Error(err)
	}
	c.wantSent(t, "a revocation", toAuth)
}

// No other way leads to a request without TLS: not to a host that is not in the list, and not by the
// word of a token document.
func TestPlainHTTPIsRefusedUnlessTheHostIsNamed(t *testing.T) {
	for name, test := range map[string]struct {
		insecure []string
		change   func(*freshet.Registration)
		document string
	}{
		"by default":   {},
		"another host": {insecure: []string{"other.svc:8080", clusterAPI}},
		"another port": {insecure: []string{"keycloak.auth.svc.cluster.local"}},
		"a domain":     {insecure: []string{".auth.svc.cluster.local:8080", "*.auth.svc.cluster.local:8080", "*"}},
		"a URL":        {insecure: []string{"http://" + clusterAuth}},
		"an API's host": {change: func(r *freshet.Registration) {
			r.API.Hosts = []string{clusterAuth, "http://" + clusterAuth}
		}},
		"a document that allows it": {document: `{"access_token":"a","refresh_token":"r",
			"insecure_hosts":["` + clusterAuth + `"],"InsecureHosts":["` + clusterAuth + `"]}`},
		"a document that names the endpoint": {
			insecure: []string{clusterAuth},
			change:   func(r *freshet.Registration) { r.Endpoints = oauth.Endpoints{} },
			document: `{"access_token":"a","refresh_token":"r","token_uri":"http://` + clusterAuth + `/token"}`,
		},
		"a document with an http address of a provider": {
			insecure: []string{"acme.my.salesforce.com"},
			change: func(r *freshet.Registration) {
				r.Endpoints, r.Provider = oauth.Endpoints{}, "salesforce"
			},
			document: `{"access_token":"a","refresh_token":"r","id":"http://acme.my.salesforce.com/id/00D/005"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCluster()
			store := new(freshet.MemoryStore)
			reg := c.registration(test.insecure...)
			if test.change != nil {
				test.change(&reg)
			}
			document := string(c.auth.Document())
			if test.document != "" {
				document = test.document
			}
			saved := freshet.Connection{Name: acme, Token: parse(t, document), Registration: reg}
			store.Put(saved)
			client := &http.Client{Transport: c}
			r := &freshet.Refresher{Store: store, HTTP: client}
			result, err := r.Refresh(t.Context(), acme, freshet.Options{
				Rejected: oauth.Secret(saved.Token.AccessToken()),
			})
			if err == nil && result.Warning == nil {
				t.Error("a refresh is not refused")
			}
			_, _ = r.Introspect(t.Context(), acme)
			_, _ = r.Identify(t.Context(), saved)
			_, _ = r.Revoke(t.Context(), acme)
			_, _ = oauth.Discover(t.Context(), client, reg.Endpoints.Issuer, test.insecure...)
			for _, sent := range c.sent {
				if strings.Contains(sent, "http://") {
					t.Errorf("sent %s", sent)
				}
			}
		})
	}
}

// InsecureHosts allows http, but does not make a host the connection's own. A redirect does not lead
// a token from https to http.
func TestTransportOverPlainHTTP(t *testing.T) {
	for name, test := range map[string]struct {
		insecure []string
		address  string
		sent     []string // nil if it is refused
	}{
		"a host that is not in the list": {nil, "http://" + clusterAPI + "/", nil},
		"another port":                   {[]string{clusterAPI}, "http://" + clusterAPI + ":8080/", nil},
		"a host that is not the API's":   {[]string{"other.svc"}, "http://other.svc/", nil},
		"https": {
			[]string{clusterAPI}, "https://" + clusterAPI + "/", []string{"GET https://" + clusterAPI + " with token"},
		},
		"a redirect to http": {
			[]string{clusterAPI},
			"https://" + clusterAPI + "/?to=http://" + clusterAPI + "/",
			[]string{"GET https://" + clusterAPI + " with token", "GET http://" + clusterAPI},
		},
		"a redirect on the host": {
			[]string{clusterAPI},
			"http://" + clusterAPI + "/?to=/other",
			[]string{"GET http://" + clusterAPI + " with token", "GET http://" + clusterAPI + " with token"},
		},
		"a redirect to another host in the list": {
			[]string{clusterAPI, "other.svc"},
			"http://" + clusterAPI + "/?to=http://other.svc/",
			[]string{"GET http://" + clusterAPI + " with token", "GET http://other.svc"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCluster()
			store := new(freshet.MemoryStore)
			store.Put(freshet.Connection{
				Name: acme, Token: parse(t, string(c.auth.Document())), Registration: c.registration(test.insecure...),
			})
			keeper := freshet.NewKeeper(freshet.Config{Store: store, HTTP: &http.Client{Transport: c}})
			defer keeper.Close(t.Context())
			client := &http.Client{Transport: &freshet.Transport{Source: keeper.Source(acme), Base: c}}
			res, err := client.Get(test.address)
			if err == nil {
				_ = res.Body.Close()
			}
			if (err == nil) != (test.sent != nil) {
				t.Error(err)
			}
			c.wantSent(t, name, test.sent...)
		})
	}
}
