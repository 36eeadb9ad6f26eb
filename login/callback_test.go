package login_test

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshet-dev/freshet"
	"github.com/freshet-dev/freshet/login"
	"github.com/freshet-dev/freshet/oauth"
)

func TestGrant(t *testing.T) {
	a := begin(t, example(), login.Options{Resources: []string{"https://api.example.com"}})
	grant, err := a.Grant(t.Context(), example(), url.Values{"code": {"c"}, "state": {a.State}, "iss": {"https://op.example.com/"}})
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
	if diff := cmp.Diff(example(), grant.Registration); diff != "" {
		t.Error(diff)
	}
}

// Each answer but the first differs from a good one in one thing.
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
		{without("state"), oauth.LoginRequired, true, "the answer carries no state: it cannot be told whose login it belongs to"},
		{with("state", ""), oauth.LoginRequired, true, "the answer carries no state"},
		{with("state", "other"), oauth.LoginRequired, true, "the answer belongs to another login"},
		{with("state", "S", "other"), oauth.LoginRequired, true, "the parameter state twice"},
		{
			with("iss", "https://evil.example.com"), oauth.LoginRequired, false,
			"from another server than the one that was asked: https://evil.example.com instead of https://op.example.com",
		},
		{without("iss"), oauth.LoginRequired, false, "does not say which server it is from"},
		{with("iss", "https://op.example.com", "https://evil.example.com"), oauth.LoginRequired, false, "the parameter iss twice"},
		{without("code"), oauth.LoginRequired, false, "neither a code nor an error"},
		{with("code", "c", "d"), oauth.LoginRequired, false, "the parameter code twice"},
		{with("error", "access_denied"), oauth.LoginRequired, false, "consent was denied (op.example.com answered access_denied)"},
		{with("error", "invalid_scope"), oauth.Misconfigured, false, "does not know a scope"},
		{with("error", "unauthorized_client"), oauth.Misconfigured, false, "this application may not log people in this way"},
		{with("error", "server_error"), oauth.Temporary, false, "the provider failed during the login"},
		{with("error", "interaction_required"), oauth.LoginRequired, false, "ask the person something first"},
		{with("error", "odd"), oauth.Misconfigured, false, "the provider refused the login (op.example.com answered odd)"},
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

// The vendor's own table outranks what the RFCs say.
func TestGrantExplainsAsTheVendorDoes(t *testing.T) {
	reg := freshet.Registration{Provider: "salesforce", Client: oauth.Client{ID: "me"}}
	a := begin(t, reg, login.Options{})
	_, err := a.Grant(t.Context(), reg, url.Values{"state": {a.State}, "error": {"redirect_uri_mismatch"}})
	wantProblem(t, err, oauth.Misconfigured, "the callback URL is not one of the app's")
}

func TestGrantShowsNoSecretAndNoControlCharacter(t *testing.T) {
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

// The session says which login it was; an application with several providers may look at the wrong one's registration.
func TestGrantOfAnotherRegistration(t *testing.T) {
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

func TestGrantKeepsWhatTheProviderAdds(t *testing.T) {
	a := begin(t, example(), login.Options{})
	callback := url.Values{
		"code": {"c"}, "state": {a.State}, "scope": {"read"}, "session_state": {"x"}, "access_token": {"never"},
		"realmId": {"4620816365"}, "twice": {"a", "b"}, "long": {strings.Repeat("x", 201)}, "bell": {"\a"}, "empty": {""},
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

// Whatever comes, nothing is exchanged without the state that was sent.
func FuzzGrant(f *testing.F) {
	const state = "the-one-state"
	for _, query := range []string{
		"code=c&state=" + state, "code=c", "code=c&state=", "code=c&state=" + state + "&state=x", "state=" + state, "state=" + state + "&error=e",
		"code=c&state=THE-ONE-STATE", "code=c&state=" + state + "%00", "code=c&state=" + state + "&iss=https://evil.example", "code=c;state=" + state,
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		a := begin(t, example(), login.Options{State: state})
		callback, _ := url.ParseQuery(query) // what could be read of it
		grant, err := a.Grant(t.Context(), example(), callback)
		states, codes := callback["state"], callback["code"]
		ours := len(states) == 1 && states[0] == state
		if err == nil && (!ours || len(codes) != 1 || codes[0] == "" || callback.Has("error") || grant.Form.Get("code") != codes[0]) {
			t.Errorf("%q was accepted", query)
		}
		if errors.Is(err, login.ErrForeign) == ours {
			t.Errorf("%q: %v", query, err)
		}
	})
}

// Zoho names the data centre of the account in the redirect; a code is worth nothing in any other, and is sent to no other host.
func TestTheRedirectNamesTheHost(t *testing.T) {
	const usual = "https://accounts.zoho.com/oauth/v2/token"
	for server, want := range map[string]string{
		"https://accounts.zoho.eu":              "https://accounts.zoho.eu/oauth/v2/token",
		"https://accounts.zoho.com.au/":         "https://accounts.zoho.com.au/oauth/v2/token",
		"":                                      usual,
		"http://accounts.zoho.eu":               usual,
		"https://accounts.zoho.eu.evil.example": usual,
		"https://accounts.zoho.eu:8443":         usual,
		"https://evil.example@accounts.zoho.eu": usual,
		"https://accounts.zoho.eu/evil":         usual,
		"accounts.zoho.eu":                      usual,
	} {
		reg := freshet.Registration{Provider: "zoho", Client: oauth.Client{ID: "1000.C", Secret: "s"}}
		a := begin(t, reg, login.Options{})
		grant, err := a.Grant(t.Context(), reg, url.Values{"state": {a.State}, "code": {"1000.code"}, "accounts-server": {server}})
		if err != nil {
			t.Fatal(err)
		}
		if got := (freshet.Connection{Registration: grant.Registration}).Addresses().Token; got != want {
			t.Errorf("%q: the code goes to %s, want %s", server, got, want)
		}
	}
}
