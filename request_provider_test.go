package freshet_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// TestProviderShapesRequests sends each request at a provider whose file says how it differs from the
// RFCs.
func TestProviderShapesRequests(t *testing.T) {
	const endpoints = `"hosts": ["acme.example"], "endpoints": {
		"token_endpoint": "https://acme.example/oauth/token", "revocation_endpoint": "https://acme.example/revoke" }`
	refresh := func(r *freshet.Refresher) error {
		_, err := r.Refresh(context.Background(), acme, freshet.Options{Forced: true})
		return err
	}
	revoke := func(r *freshet.Refresher) error {
		_, err := r.Revoke(context.Background(), acme)
		return err
	}
	for name, test := range map[string]struct {
		file, document           string
		secret                   oauth.Secret
		send                     func(*freshet.Refresher) error
		url, body, authorization string
	}{
		"RFC 6749 §6": {
			send: refresh, url: "https://acme.example/oauth/token", body: "client_id=c&grant_type=refresh_token&refresh_token=r",
		},
		"RFC 7009 §2.1": {send: revoke, url: "https://acme.example/revoke", body: "client_id=c&token=r"},
		"a secret in the body, for a revocation in the header": {
			file: `"client": {"auth": "body"}, "revocation": {"auth": "basic"}`, secret: "s",
			send: revoke, url: "https://acme.example/revoke", body: "token=r", authorization: "Basic Yzpz",
		},
		"a secret in the header, for a revocation in the body": {
			file: `"client": {"auth": "basic"}, "revocation": {"auth": "body"}`, secret: "s",
			send: revoke, url: "https://acme.example/revoke", body: "client_id=c&client_secret=s&token=r",
		},
		"a refresh token by type": {
			file: `"revocation": {"by_type": true}`,
			send: revoke, url: "https://acme.example/revoke", body: "client_id=c&refresh_token=r",
		},
		"an access token by type": {
			file: `"revocation": {"by_type": true}`, document: `{"access_token":"a"}`,
			send: revoke, url: "https://acme.example/revoke", body: "access_token=a&client_id=c",
		},
		"RFC 6749 §4.1.3": {
			send: login, url: "https://acme.example/oauth/token", body: "client_id=c&code=x&grant_type=authorization_code",
		},
		"a code as JSON": {
			file: `"exchange": {"format": "json"}`,
			send: login, url: "https://acme.example/oauth/token",
			body: `{"client_id":"c","code":"x","grant_type":"authorization_code"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			file := strings.TrimSuffix(endpoints+", "+test.file, ", ")
			p, err := provider.Parse([]byte(`{"name": "acme", "title": "Acme", ` + file + "}"))
			if err != nil {
				t.Fatal(err)
			}
			document := test.document
			if document == "" {
				document = `{"access_token":"a","refresh_token":"r"}`
			}
			var store freshet.MemoryStore
			store.Put(freshet.Connection{
				Name: acme, Token: parse(t, document),
				Registration: freshet.Registration{
					Definition: p, Client: oauth.Client{ID: "c", Secret: test.secret},
				},
			})
			var sentTo, body, authorization string
			capture := roundTrip(func(req *http.Request) (*http.Response, error) {
				sent, err := io.ReadAll(req.Body)
				sentTo, body, authorization = req.URL.String(), string(sent), req.Header.Get("Authorization")
				return &http.Response{
					StatusCode: http.StatusOK, Request: req, Header: http.Header{"Content-Type": {"application/json"}},
					Body: io.NopCloser(strings.NewReader(`{"access_token":"a2","refresh_token":"r2","expires_in":3600}`)),
				}, err
			})
			r := &freshet.Refresher{Store: &store, HTTP: &http.Client{Transport: capture}}
			if err := test.send(r); err != nil {
				t.Fatal(err)
			}
			if sentTo != test.url || body != test.body || authorization != test.authorization {
				t.Errorf("sent %s to %s as %q, want %s to %s as %q",
					body, sentTo, authorization, test.body, test.url, test.authorization)
			}
		})
	}
}

// login exchanges a code for the token of the connection acme.
func login(r *freshet.Refresher) error {
	c, err := r.Store.Get(context.Background(), acme)
	if err != nil {
		return err
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {"x"}}
	_, err = r.Login(context.Background(), acme, freshet.CodeExchange{Registration: c.Registration, Form: form})
	return err
}
