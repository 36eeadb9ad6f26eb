package login_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/login"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

// hybridAnswer returns the answer to a login with the response type "code id_token": a form that
// the browser would post.
func hybridAnswer(t *testing.T, server *oauthtest.Server) (login.Attempt, freshet.Registration, url.Values) {
	t.Helper()
	reg := registered(server)
	reg.Scopes = []string{"openid"}
	a := begin(t, reg, login.Options{ResponseType: "code id_token"})
	return a, reg, posted(t, a.URL)
}

func TestIDTokenWithCode(t *testing.T) {
	server := newServer(t, oauthtest.Config{Consent: oauthtest.Allow})
	a, reg, callback := hybridAnswer(t, server)
	r := &freshet.Refresher{Store: new(freshet.MemoryStore)}
	if _, err := login.Exchange(t.Context(), r, acme, reg, a, callback); err != nil {
		t.Error(err)
	}
}

func TestGrantRefusesIDToken(t *testing.T) {
	server := newServer(t, oauthtest.Config{Consent: oauthtest.Allow})
	other := newServer(t, oauthtest.Config{Consent: oauthtest.Allow})
	for want, change := range map[string]func(*login.Attempt, *freshet.Registration, url.Values){
		"has no id_token": func(_ *login.Attempt, _ *freshet.Registration, c url.Values) { c.Del("id_token") },
		"the parameter id_token": func(_ *login.Attempt, _ *freshet.Registration, c url.Values) {
			c.Add("id_token", "x")
		},
		"belongs to another code": func(_ *login.Attempt, _ *freshet.Registration, c url.Values) {
			c.Set("code", "stolen")
		},
		"it belongs to another login": func(a *login.Attempt, _ *freshet.Registration, _ url.Values) {
			a.Nonce = "the nonce of another login"
		},
		"not signed by the provider's keys": func(_ *login.Attempt, r *freshet.Registration, _ url.Values) {
			r.Endpoints.JWKS = other.URL() + "/keys"
		},
		"is not a JWT": func(_ *login.Attempt, _ *freshet.Registration, c url.Values) { c.Set("id_token", "x") },
		"cannot be fetched": func(_ *login.Attempt, r *freshet.Registration, _ url.Values) {
			r.Endpoints.JWKS = server.URL() + "/nothing"
		},
	} {
		a, reg, callback := hybridAnswer(t, server)
		change(&a, &reg, callback)
		_, err := a.Grant(t.Context(), reg, callback)
		if p := problem(t, err); !strings.Contains(p.What, want) {
			t.Errorf("got %s\nwant %s", p.What, want)
		}
	}
}

// Without a c_hash, the code may be another login's (OpenID Connect Core §3.3.2.11).
func TestIDTokenWithoutCodeHash(t *testing.T) {
	server := newServer(t, oauthtest.Config{Consent: oauthtest.Allow})
	a, reg, callback := hybridAnswer(t, server)
	grant, err := a.Grant(t.Context(), reg, callback)
	if err != nil {
		t.Fatal(err)
	}
	form := maps.Clone(grant.Form)
	form.Set("client_id", server.ClientID())
	response, err := http.PostForm(server.TokenEndpoint(), form)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var reply struct { // a signed token for this client with this nonce
		IDToken string `json:"id_token"`
	}
	if err := json.NewDecoder(response.Body).Decode(&reply); err != nil || reply.IDToken == "" {
		t.Fatal(err)
	}
	callback.Set("id_token", reply.IDToken)
	_, err = a.Grant(t.Context(), reg, callback)
	wantProblem(t, err, oauth.LoginRequired, "it has no c_hash")
}

// A token that needs no signature, or one with a shared secret, is refused.
func TestIDTokenWithoutSignature(t *testing.T) {
	server := newServer(t, oauthtest.Config{Consent: oauthtest.Allow})
	// {"alg":"none"} and {"alg":"HS256"}
	for _, header := range []string{`eyJhbGciOiJub25lIn0`, `eyJhbGciOiJIUzI1NiJ9`} {
		a, reg, callback := hybridAnswer(t, server)
		parts := strings.Split(callback.Get("id_token"), ".")
		callback.Set("id_token", header+"."+parts[1]+".")
		_, err := a.Grant(t.Context(), reg, callback)
		wantProblem(t, err, oauth.LoginRequired, "not signed by the provider's keys")
	}
}
