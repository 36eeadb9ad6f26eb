package login_test

import (
	"encoding/json"
	"errors"
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

func TestExchange(t *testing.T) {
	for name, test := range map[string]struct {
		config  oauthtest.Config
		scopes  []string
		options login.Options
	}{
		"S256":     {config: oauthtest.Config{RequirePKCE: true}},
		"plain":    {config: oauthtest.Config{RequirePKCE: true}, options: login.Options{Challenge: "plain"}},
		"none":     {options: login.Options{Challenge: "none"}},
		"id_token": {scopes: []string{"openid"}},
		"resource": {options: login.Options{Resources: []string{"https://api.example.com"}}},
		"realmId":  {config: oauthtest.Config{RedirectParams: map[string]string{"realmId": "42"}}},
	} {
		t.Run(name, func(t *testing.T) {
			test.config.Consent = oauthtest.Allow
			server := newServer(t, test.config)
			reg := registered(server)
			reg.Scopes = append(reg.Scopes, test.scopes...)
			r := &freshet.Refresher{Store: new(freshet.MemoryStore)}
			a := begin(t, reg, test.options)
			if _, err := login.Exchange(t.Context(), r, acme, reg, a, decide(t, a)); err != nil {
				t.Fatal(err)
			}
			saved, err := r.Store.Get(t.Context(), acme)
			if err != nil || !server.ValidAccess(saved.Token.AccessToken()) || !server.ValidRefresh(string(saved.Token.RefreshToken())) {
				t.Errorf("%+v, %v", saved, err)
			}
			if saved.Redirect["realmId"] != test.config.RedirectParams["realmId"] {
				t.Error(saved.Redirect)
			}
		})
	}
}

func TestExchangeAtSalesforce(t *testing.T) {
	server := newServer(t, oauthtest.Config{Provider: oauthtest.Salesforce, Consent: oauthtest.Allow, RequirePKCE: true})
	reg := freshet.Registration{
		Provider: "salesforce", Client: oauth.Client{ID: server.ClientID()}, Endpoints: oauth.Endpoints{Issuer: server.URL()},
	}
	r := &freshet.Refresher{Store: new(freshet.MemoryStore)}
	a := begin(t, reg, login.Options{RedirectURI: "http://localhost:8484/callback"})
	answer, err := login.Exchange(t.Context(), r, acme, reg, a, decide(t, a))
	if err != nil || !server.ValidRefresh(string(answer.Connection.Token.RefreshToken())) {
		t.Errorf("%+v, %v", answer, err)
	}
}

// Nothing reaches the token endpoint, and nothing is created, when the answer is not a good one.
func TestExchangeOfBadAnswers(t *testing.T) {
	for fault, want := range map[string]string{
		"state-wrong":   "belongs to another login",
		"state-missing": "carries no state",
		"iss-wrong":     "from another server",
		"iss-missing":   "does not say which server",
		"code-missing":  "neither a code nor an error",
		"authorize-error=temporarily_unavailable": "cannot log anybody in now",
	} {
		server := newServer(t, oauthtest.Config{Consent: oauthtest.Allow, Faults: []oauthtest.Fault{{Name: fault}}})
		reg := registered(server)
		r := &freshet.Refresher{Store: new(freshet.MemoryStore)}
		a := begin(t, reg, login.Options{RequireIssuer: true})
		_, err := login.Exchange(t.Context(), r, acme, reg, a, decide(t, a))
		if p := problem(t, err); !strings.Contains(p.What, want) {
			t.Errorf("%s: %s", fault, p.What)
		}
		if _, err := r.Store.Get(t.Context(), acme); !errors.Is(err, freshet.ErrNotFound) || server.Stats().Requests != 0 {
			t.Errorf("%s: %v, %+v", fault, err, server.Stats())
		}
	}
}

func TestExchangeWhenDenied(t *testing.T) {
	server := newServer(t, oauthtest.Config{Consent: oauthtest.Deny})
	reg := registered(server)
	a := begin(t, reg, login.Options{})
	_, err := login.Exchange(t.Context(), &freshet.Refresher{Store: new(freshet.MemoryStore)}, acme, reg, a, decide(t, a))
	wantProblem(t, err, oauth.LoginRequired, "consent was denied")
	if !errors.Is(err, freshet.ErrLoginRequired) {
		t.Error(err)
	}
}

// hybridAnswer logs in for "code id_token", which comes as a form that the browser would post.
func hybridAnswer(t *testing.T, server *oauthtest.Server) (login.Attempt, freshet.Registration, url.Values) {
	t.Helper()
	reg := registered(server)
	reg.Scopes = []string{"openid"}
	a := begin(t, reg, login.Options{ResponseType: "code id_token"})
	return a, reg, posted(t, a.URL)
}

func TestIDTokenWithTheCode(t *testing.T) {
	server := newServer(t, oauthtest.Config{Consent: oauthtest.Allow})
	a, reg, callback := hybridAnswer(t, server)
	r := &freshet.Refresher{Store: new(freshet.MemoryStore)}
	if _, err := login.Exchange(t.Context(), r, acme, reg, a, callback); err != nil {
		t.Error(err)
	}
}

func TestIDTokenWithTheCodeRefuses(t *testing.T) {
	server := newServer(t, oauthtest.Config{Consent: oauthtest.Allow})
	other := newServer(t, oauthtest.Config{Consent: oauthtest.Allow})
	for want, change := range map[string]func(*login.Attempt, *freshet.Registration, url.Values){
		"lacks the id_token":     func(_ *login.Attempt, _ *freshet.Registration, c url.Values) { c.Del("id_token") },
		"the parameter id_token": func(_ *login.Attempt, _ *freshet.Registration, c url.Values) { c.Add("id_token", "x") },
		"with another code":      func(_ *login.Attempt, _ *freshet.Registration, c url.Values) { c.Set("code", "stolen") },
		"not the one that was sent: it belongs to another login": func(a *login.Attempt, _ *freshet.Registration, _ url.Values) {
			a.Nonce = "the nonce of a stranger"
		},
		"not signed by the provider's keys": func(_ *login.Attempt, r *freshet.Registration, _ url.Values) {
			r.Endpoints.JWKS = other.URL() + "/keys"
		},
		"is not a JWT": func(_ *login.Attempt, _ *freshet.Registration, c url.Values) { c.Set("id_token", "x") },
		"cannot be read": func(_ *login.Attempt, r *freshet.Registration, _ url.Values) {
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

// Such a token says nothing of the code, which may be another's that was put in its place (OpenID Connect Core §3.3.2.11).
func TestIDTokenWithoutACodeHash(t *testing.T) {
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
	var reply struct { // signed, for this client, with this nonce; it came with no code
		IDToken string `json:"id_token"`
	}
	if err := json.NewDecoder(response.Body).Decode(&reply); err != nil || reply.IDToken == "" {
		t.Fatal(err)
	}
	callback.Set("id_token", reply.IDToken)
	_, err = a.Grant(t.Context(), reg, callback)
	wantProblem(t, err, oauth.LoginRequired, "it has no c_hash")
}

// A token that claims to need no signature, or one by a secret, has none.
func TestIDTokenWithoutASignature(t *testing.T) {
	server := newServer(t, oauthtest.Config{Consent: oauthtest.Allow})
	for _, header := range []string{`eyJhbGciOiJub25lIn0`, `eyJhbGciOiJIUzI1NiJ9`} { // {"alg":"none"} and {"alg":"HS256"}
		a, reg, callback := hybridAnswer(t, server)
		parts := strings.Split(callback.Get("id_token"), ".")
		callback.Set("id_token", header+"."+parts[1]+".")
		_, err := a.Grant(t.Context(), reg, callback)
		wantProblem(t, err, oauth.LoginRequired, "not signed by the provider's keys")
	}
}
