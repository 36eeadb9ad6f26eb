package login_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/login"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/oauthtest"
)

func TestGrant(t *testing.T) {
	a := begin(t, example(), login.Options{Resources: []string{"https://api.example.com"}})
	grant, err := a.Grant(t.Context(), example(), url.Values{
		"code": {"c"}, "state": {a.State}, "iss": {"https://op.example.com/"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{
		"grant_type": {"authorization_code"}, "code": {"c"}, "redirect_uri": {"https://app.example.com/callback"},
		"code_verifier": {string(a.Verifier)}, "resource": {"https://api.example.com"},
	}
	if diff := cmp.Diff(want, grant.Form); diff != "" {
		t.Error(diff)
	}
	registration := example()
	registration.Login.Resources = []string{"https://api.example.com"}
	if diff := cmp.Diff(registration, grant.Registration); diff != "" {
		t.Error(diff)
	}
}

// Each row changes one thing in a valid answer.
func TestGrantRefuses(t *testing.T) {
	with := func(name string, values ...string) func(url.Values) {
		return func(callback url.Values) { callback[name] = values }
	}
	without := func(name string) func(url.Values) {
		return func(callback url.Values) { callback.Del(name) }
	}
	for _, test := range []struct {
		change  func(url.Values)
		kind    oauth.Kind
		foreign bool
		want    string
	}{
		{
			without("state"), oauth.LoginRequired, true,
			"the answer has no state, so it may belong to another login",
		},
		{with("state", ""), oauth.LoginRequired, true, "the answer has no state"},
		{with("state", "other"), oauth.LoginRequired, true, "the answer belongs to another login"},
		{with("state", "S", "other"), oauth.LoginRequired, true, "the parameter state twice"},
		{
			with("iss", "https://evil.example.com"), oauth.LoginRequired, false,
			"from another server: https://evil.example.com instead of https://op.example.com",
		},
		{without("iss"), oauth.LoginRequired, false, "does not name its issuer"},
		{
			with("iss", "https://op.example.com", "https://evil.example.com"), oauth.LoginRequired, false,
			"the parameter iss twice",
		},
		{without("code"), oauth.LoginRequired, false, "neither a code nor an error"},
		{with("code", "c", "d"), oauth.LoginRequired, false, "the parameter code twice"},
		{
			with("error", "access_denied"), oauth.LoginRequired, false,
			"consent was denied (op.example.com answered access_denied)",
		},
		{with("error", "invalid_client"), oauth.Misconfigured, false, "does not know this client id (op.example.com"},
		{with("error", "invalid_scope"), oauth.Misconfigured, false, "does not know a requested scope"},
		{
			with("error", "unauthorized_client"), oauth.Misconfigured, false,
			"this application may not use this kind of login",
		},
		{with("error", "server_error"), oauth.Temporary, false, "the provider failed during the login"},
		{with("error", "interaction_required"), oauth.LoginRequired, false, "ask the user something"},
		{
			with("error", "odd"), oauth.Misconfigured, false,
			"the provider refused the login (op.example.com answered odd)",
		},
		{with("error", ""), oauth.Misconfigured, false, "the provider refused the login"},
	} {
		a := begin(t, example(), login.Options{State: "S", RequireIssuer: true})
		callback := url.Values{"code": {"c"}, "state": {"S"}, "iss": {"https://op.example.com"}}
		test.change(callback)
		_, err := a.Grant(t.Context(), example(), callback)
		wantProblem(t, err, test.kind, test.want)
		if errors.Is(err, login.ErrForeign) != test.foreign {
			t.Errorf("%v: foreign is %t", callback, !test.foreign)
		}
	}
}

// The provider's own explanation of an error takes precedence over the RFCs'.
func TestGrantUsesProviderExplanation(t *testing.T) {
	reg := freshet.Registration{Provider: "salesforce", Client: oauth.Client{ID: "me"}}
	a := begin(t, reg, login.Options{})
	_, err := a.Grant(t.Context(), reg, url.Values{"state": {a.State}, "error": {"redirect_uri_mismatch"}})
	wantProblem(t, err, oauth.Misconfigured, "the callback URL is not one of the app's")
}

func TestGrantErrorIsPrintable(t *testing.T) {
	a := begin(t, example(), login.Options{})
	text := "you said\x1b[31m " + string(a.Verifier) + ", client-secret and code-1234\n" + strings.Repeat("é", 1000)
	_, err := a.Grant(t.Context(), example(), url.Values{
		"state": {a.State}, "error": {"invalid_request"}, "error_description": {text}, "code": {"code-1234"},
	})
	what := problem(t, err).What
	if !strings.Contains(what, "you said[31m [secret], [secret] and [secret]é") || len([]rune(what)) > 500 {
		t.Error(what)
	}
	if shown := fmt.Sprintf("%v %+v %#v", a, a, a); strings.Contains(shown, string(a.Verifier)) {
		t.Error(shown)
	}
}

// An application with several providers may pass the wrong registration.
func TestGrantRefusesOtherRegistration(t *testing.T) {
	a := begin(t, example(), login.Options{})
	callback := url.Values{"code": {"c"}, "state": {a.State}}
	for _, change := range []func(*freshet.Registration){
		func(r *freshet.Registration) { r.Client.ID = "another" },
		func(r *freshet.Registration) { r.Endpoints.Issuer = "https://evil.example.com" },
	} {
		reg := example()
		change(&reg)
		_, err := a.Grant(t.Context(), reg, callback)
		wantProblem(t, err, oauth.Misconfigured, "another client or at another provider")
	}
	_, err := login.Attempt{}.Grant(t.Context(), example(), callback)
	wantProblem(t, err, oauth.LoginRequired, "no login is under way here")
}

func TestGrantKeepsExtraParameters(t *testing.T) {
	a := begin(t, example(), login.Options{})
	callback := url.Values{
		"code": {"c"}, "state": {a.State}, "scope": {"read"}, "session_state": {"x"}, "access_token": {"never"},
		"realmId": {
			"4620816365",
		}, "twice": {"a", "b"}, "long": {strings.Repeat("x", 201)}, "bell": {"\a"}, "empty": {""},
	}
	grant, err := a.Grant(t.Context(), example(), callback)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"realmId": "4620816365"}, grant.Registration.Redirect); diff != "" {
		t.Error(diff)
	}
	for i := range 30 {
		callback.Set(fmt.Sprintf("p%02d", i), "x")
	}
	grant, err = a.Grant(t.Context(), example(), callback)
	if err != nil || len(grant.Registration.Redirect) != 20 {
		t.Error(maps.Keys(grant.Registration.Redirect), err)
	}
}

// Grant never accepts an answer without the state that was sent.
func FuzzGrant(f *testing.F) {
	const state = "the-one-state"
	for _, query := range []string{
		"code=c&state=" + state, "code=c", "code=c&state=", "code=c&state=" + state + "&state=x",
		"state=" + state, "state=" + state + "&error=e",
		"code=c&state=THE-ONE-STATE", "code=c&state=" + state + "%00",
		"code=c&state=" + state + "&iss=https://evil.example", "code=c;state=" + state,
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		a := begin(t, example(), login.Options{State: state})
		callback, _ := url.ParseQuery(query) // the valid part of it
		grant, err := a.Grant(t.Context(), example(), callback)
		states, codes := callback["state"], callback["code"]
		own := len(states) == 1 && states[0] == state
		if err == nil &&
			(!own || callback.Has("error") || len(codes) != 1 || codes[0] == "" || grant.Form.Get("code") != codes[0]) {
			t.Errorf("%q was accepted", query)
		}
		if errors.Is(err, login.ErrForeign) == own {
			t.Errorf("%q: %v", query, err)
		}
	})
}

// Zoho's redirect names the data centre of the account. The code is sent there, and to no host that
// the provider's file does not list.
func TestRedirectNamesHost(t *testing.T) {
	const standard = "https://accounts.zoho.com/oauth/v2/token"
	for server, want := range map[string]string{
		"https://accounts.zoho.eu":              "https://accounts.zoho.eu/oauth/v2/token",
		"https://accounts.zoho.com.au/":         "https://accounts.zoho.com.au/oauth/v2/token",
		"":                                      standard,
		"http://accounts.zoho.eu":               standard,
		"https://accounts.zoho.eu.evil.example": standard,
		"https://accounts.zoho.eu:8443":         standard,
		"https://evil.example@accounts.zoho.eu": standard,
		"https://accounts.zoho.eu/evil":         standard,
		"accounts.zoho.eu":                      standard,
	} {
		reg := freshet.Registration{Provider: "zoho", Client: oauth.Client{ID: "1000.C", Secret: "s"}}
		a := begin(t, reg, login.Options{})
		grant, err := a.Grant(t.Context(), reg, url.Values{
			"state": {a.State}, "code": {"1000.code"}, "accounts-server": {server},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := (&freshet.Connection{Registration: grant.Registration}).ResolvedEndpoints().Token; got != want {
			t.Errorf("%q: the code goes to %s, want %s", server, got, want)
		}
	}
}

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
			if err != nil || !server.ValidAccess(saved.Token.AccessToken()) ||
				!server.ValidRefresh(string(saved.Token.RefreshToken())) {
				t.Errorf("%+v, %v", saved, err)
			}
			if saved.Redirect["realmId"] != test.config.RedirectParams["realmId"] {
				t.Error(saved.Redirect)
			}
		})
	}
}

func TestExchangeAtSalesforce(t *testing.T) {
	server := newServer(t, oauthtest.Config{
		Provider: oauthtest.Salesforce, Consent: oauthtest.Allow, RequirePKCE: true,
	})
	reg := freshet.Registration{
		Provider: "salesforce", Client: oauth.Client{ID: server.ClientID()},
		Endpoints: oauth.Endpoints{Issuer: server.URL()},
	}
	r := &freshet.Refresher{Store: new(freshet.MemoryStore)}
	a := begin(t, reg, login.Options{RedirectURI: "http://localhost:8484/callback"})
	result, err := login.Exchange(t.Context(), r, acme, reg, a, decide(t, a))
	if err != nil || !server.ValidRefresh(string(result.Connection.Token.RefreshToken())) {
		t.Errorf("%+v, %v", result, err)
	}
}

// A bad answer sends nothing to the token endpoint and creates no connection.
func TestExchangeRefusesBadAnswers(t *testing.T) {
	for fault, want := range map[string]string{
		"state-wrong":   "belongs to another login",
		"state-missing": "has no state",
		"iss-wrong":     "from another server",
		"iss-missing":   "does not name its issuer",
		"code-missing":  "neither a code nor an error",
		"authorize-error=temporarily_unavailable": "cannot log in users now",
	} {
		server := newServer(t, oauthtest.Config{Consent: oauthtest.Allow, Faults: []oauthtest.Fault{{Name: fault}}})
		reg := registered(server)
		r := &freshet.Refresher{Store: new(freshet.MemoryStore)}
		a := begin(t, reg, login.Options{RequireIssuer: true})
		_, err := login.Exchange(t.Context(), r, acme, reg, a, decide(t, a))
		if p := problem(t, err); !strings.Contains(p.What, want) {
			t.Errorf("%s: %s", fault, p.What)
		}
		if _, err := r.Store.Get(t.Context(), acme); !errors.Is(err, freshet.ErrNotFound) ||
			server.Stats().Requests != 0 {
			t.Errorf("%s: %v, %+v", fault, err, server.Stats())
		}
	}
}

func TestExchangeDenied(t *testing.T) {
	server := newServer(t, oauthtest.Config{Consent: oauthtest.Deny})
	reg := registered(server)
	a := begin(t, reg, login.Options{})
	r := &freshet.Refresher{Store: new(freshet.MemoryStore)}
	_, err := login.Exchange(t.Context(), r, acme, reg, a, decide(t, a))
	wantProblem(t, err, oauth.LoginRequired, "consent was denied")
	if !errors.Is(err, freshet.ErrLoginRequired) {
		t.Error(err)
	}
}

// Another program may have the port by the time the browser comes back, and get the code. It is
// worth nothing without the verifier, which never leaves this process.
func TestStolenCode(t *testing.T) {
	server := newServer(t, oauthtest.Config{Consent: oauthtest.Allow})
	reg := registered(server)
	a := begin(t, reg, login.Options{})
	code := decide(t, a).Get("code")
	if strings.Contains(a.URL, string(a.Verifier)) {
		t.Error("the browser is shown the verifier")
	}
	for _, verifier := range []string{"", strings.Repeat("x", 43)} {
		form := url.Values{
			"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {a.RedirectURI},
			"client_id": {server.ClientID()},
		}
		if verifier != "" {
			form.Set("code_verifier", verifier)
		}
		response, err := http.PostForm(server.TokenEndpoint(), form)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode == http.StatusOK {
			t.Errorf("the code brings a token with the verifier %q", verifier)
		}
	}
	if got := server.Stats().Logins; got != 0 {
		t.Errorf("%d grants were made", got)
	}
}
