package freshet_test

import (
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
		{"refused", 401, `{"error":"invalid_client","error_description":"TOKEN"}`, "does not accept the client's credentials"},
		{"not an answer", 200, `{"hello":"world"}`, "did not say whether the token is active"},
		{"not JSON", 200, `<html>`, "not a JSON object"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := salesforceWorld(t)
				body := strings.ReplaceAll(test.body, "TOKEN", w.first.AccessToken())
				w.HTTP = &http.Client{Transport: &answering{status: test.status, body: body}}
				_, err := w.Introspect(t.Context(), acme)
				if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), w.first.AccessToken()) {
					t.Error(err)
				}
			})
		})
	}
}

func TestIntrospectWithoutAnAccessToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := salesforceWorld(t)
		w.put(parse(t, `{"refresh_token": "r", "id": "http://127.0.0.1:1/id/O/U"}`))
		_, err := w.Introspect(t.Context(), acme)
		var p *freshet.Problem
		if !errors.As(err, &p) || p.Kind != oauth.LoginRequired {
			t.Error(err)
		}
	})
}
