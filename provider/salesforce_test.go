package provider_test

import (
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// Every error of Salesforce's token endpoint that is known, as it is spelled there, with what is said of it.
func TestSalesforceExplains(t *testing.T) {
	const (
		temporary     = oauth.Temporary
		misconfigured = oauth.Misconfigured
		loginRequired = oauth.LoginRequired
	)
	p, err := provider.Lookup("salesforce")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		code, description string
		kind              oauth.Kind
		cause, remedy     string // parts of them
	}{
		{"invalid_grant", "expired access/refresh token", loginRequired, "revoked, replaced by a rotation, unused for too long, or pushed out", "log in again"},
		{"invalid_grant", "token request is already being processed", temporary, "another program is refreshing", "let every program get its token from freshet"},
		{"invalid_grant", "expired authorization code", temporary, "another program was refreshing", "try again"},
		{"invalid_grant", "inactive user", loginRequired, "deactivated or frozen", "administrator to activate the user"},
		{"invalid_grant", "user is inactive", loginRequired, "deactivated or frozen", "administrator to activate the user"},
		{"inactive_user", "", loginRequired, "deactivated or frozen", "administrator to activate the user"},
		{"invalid_grant", "inactive organization: the org is locked", loginRequired, "org is locked, closed or suspended", "Salesforce support"},
		{"inactive_org", "", loginRequired, "org is locked, closed or suspended", "Salesforce support"},
		{"invalid_grant", "IP restricted", misconfigured, "does not let this address", "trusted IP ranges"},
		{"invalid_grant", "invalid login hours", temporary, "at this hour", "within the login hours"},
		{"invalid_grant", "authentication failure", loginRequired, "could not authenticate the user", "log in again"},
		{"invalid_grant", "invalid user credentials", loginRequired, "user name and password", "log in with a browser"},
		{"invalid_grant", "invalid password", loginRequired, "user name and password", "log in with a browser"},
		{"invalid_grant", "login must use security token", loginRequired, "user name and password", "log in with a browser"},
		{"invalid_grant", "user hasn't approved this consumer", loginRequired, "has not approved this app", "pre-authorize"},
		{"invalid_grant", "Audience validation failed", misconfigured, "signed assertion", "clock"},
		{"invalid_grant", "invalid assertion", misconfigured, "signed assertion", "certificate"},
		{"invalid_grant", "invalid_app_access", misconfigured, "not installed in this org", "install the app"},
		{"invalid_grant", "no valid scopes defined", misconfigured, "none of the scopes", "add scopes"},
		{"invalid_grant", "something new", loginRequired, "the refresh token was refused", "log in again"},
		{"invalid_client_id", "client identifier invalid", misconfigured, "does not know this client id on this host", "some minutes"},
		{"invalid_client", "invalid client credentials", misconfigured, "the secret is wrong, missing, or was changed", "Client.Secret"},
		{"invalid_client_credentials", "", misconfigured, "consumer secret", "consumer secret"},
		{"invalid_basic_auth_header", "", misconfigured, "Authorization header", "Client.Auth to body"},
		{"invalid_request", "must use HTTP POST", misconfigured, "something on the way", "proxy"},
		{"invalid_request", "HTTPS required", misconfigured, "something on the way", "proxy"},
		{"invalid_request", "missing required parameter: refresh_token", misconfigured, "did not understand the request", "endpoint"},
		{"invalid_request", "refresh_token scope is required and the connected app should be installed and preauthorized", misconfigured, "no refresh_token scope", "Perform requests at any time"},
		{"invalid_scope", "", misconfigured, "does not have a scope", "add the scope"},
		{"unsupported_grant_type", "grant type not supported", misconfigured, "does not know the refresh grant", "address"},
		{"redirect_uri_missing", "", misconfigured, "no callback URL", "RedirectURI"},
		{"redirect_uri_mismatch", "", misconfigured, "not one of the app's", "letter for letter"},
		{"rate_limit_exceeded", "", temporary, "3,600 times within an hour", "reuse access tokens"},
		{"invalid_grant", "login rate exceeded", temporary, "3,600 times within an hour", "reuse access tokens"},
		{"invalid_request", "number of logins exceeded", temporary, "3,600 times within an hour", "reuse access tokens"},
		{"unknown_error", "retry your request", temporary, "passing fault", "try again"},
		{"server_error", "", temporary, "passing fault", "try again"},
		{"service_unavailable", "", temporary, "passing fault", "try again"},
		{"system_down", "", temporary, "passing fault", "try again"},
		{"app_blocked", "", misconfigured, "blocked this app", "unblock"},
		{"client_blocked", "", misconfigured, "blocked this app", "unblock"},
		{"client_blocked_retry", "", misconfigured, "blocked this app", "unblock"},
		{"fail_close_app_blocked", "", misconfigured, "blocked this app", "unblock"},
		{"oauth_flow_disabled", "", misconfigured, "does not allow this OAuth flow", "app's policies"},
		{"app_not_found", "", misconfigured, "not installed in this org", "install the app"},
		{"oauth_policy_not_found", "", misconfigured, "has no policy there", "install the app"},
		{"ecapp_policy_not_found", "", misconfigured, "has no policy there", "install the app"},
		{"installation_error", "", misconfigured, "not installed in this org", "install the app"},
		{"invalid_distribution_state", "", misconfigured, "not installed in this org", "install the app"},
		{"OAUTH_EC_APP_NOT_FOUND", "", misconfigured, "not installed in this org", "install the app"},
		{"authorization_pending", "", temporary, "not been confirmed yet", "browser"},
		{"slow_down", "", temporary, "asked less often", "wait"},
		{"invalid_session_level", "", misconfigured, "a stronger login", "second factor"},
		{"invalid_otp", "", loginRequired, "one-time password", "log in again"},
		{"otp_error", "", loginRequired, "one-time password", "log in again"},
		{"login_error", "", loginRequired, "not completed", "log in again"},
		{"bad_jti_claim", "", misconfigured, "used already", "new assertion"},
		{"invalid_token", "", misconfigured, "does not know this token", "log in again"},
		{"unsupported_token_type", "", misconfigured, "cannot revoke", "Connected Apps OAuth Usage"},
		{"exceeded_registration_limit", "", misconfigured, "as many registered apps as it may", "remove apps"},
		{"use_dpop_nonce", "", misconfigured, "binds tokens to a key", "Bearer"},
	} {
		r := p.Explain(&oauth.Error{Code: test.code, Description: test.description, Status: 400})
		if r.Kind != test.kind || !strings.Contains(r.Cause, test.cause) || !strings.Contains(r.Remedy, test.remedy) {
			t.Errorf("%s: %s: %s: %s; %s", test.code, test.description, r.Kind, r.Cause, r.Remedy)
		}
	}
	for _, description := range []string{"expired authorization code", "invalid authorization code"} {
		r := p.ExplainLogin(&oauth.Error{Code: "invalid_grant", Description: description, Status: 400})
		if r.Kind != loginRequired || !strings.Contains(r.Cause, "the login's code") {
			t.Errorf("a login: %s: %+v", description, r)
		}
	}
}

// Whoever refuses with a 5xx may have acted before; whoever says when to come back has not.
func TestStatusOutranksTheCode(t *testing.T) {
	p, err := provider.Lookup("salesforce")
	if err != nil {
		t.Fatal(err)
	}
	if r := p.Explain(&oauth.Error{Status: 500, Code: "server_error"}); r.Kind != oauth.Unknown {
		t.Errorf("500 with a known code: %+v", r)
	}
	if r := provider.Generic().Explain(&oauth.Error{Status: 503, Code: "invalid_grant", RetryAfter: 1}); r.Kind != oauth.Temporary {
		t.Errorf("503 with Retry-After and a code: %+v", r)
	}
	if r := p.Explain(&oauth.Error{Status: 503, RetryAfter: 1}); r.Kind != oauth.Temporary {
		t.Errorf("503 with Retry-After: %+v", r)
	}
	for status, want := range map[int]oauth.Kind{429: oauth.Temporary, 503: oauth.Unknown, 500: oauth.Unknown, 404: oauth.Misconfigured, 307: oauth.Misconfigured} {
		if r := p.Explain(&oauth.Error{Status: status}); r.Kind != want || r.Cause == "" || r.Remedy == "" {
			t.Errorf("%d: %+v", status, r)
		}
	}
}

func TestAstray(t *testing.T) {
	p, err := provider.Lookup("salesforce")
	if err != nil {
		t.Fatal(err)
	}
	const (
		acme    = "https://acme.my.salesforce.com"
		sandbox = "https://acme--dev.sandbox.my.salesforce.com"
		login   = "https://login.salesforce.com/id/O/U"
		test    = "https://test.salesforce.com/id/O/U"
	)
	for _, c := range []struct{ id, instance, asked, home string }{
		{login, acme, "login.salesforce.com", ""},
		{login, acme, "acme.my.salesforce.com", ""},
		{login, acme, "acme.my.site.com", ""},
		{test, sandbox, "test.salesforce.com", ""},
		{test, sandbox, "acme--dev.sandbox.my.salesforce.com", ""},
		{login, "https://na139.salesforce.com", "login.salesforce.com", ""}, // of an old host nothing is known
		{login, acme, "127.0.0.1", ""},
		{"", "", "login.salesforce.com", ""},
		{test, "https://acme-dev-ed.scratch.my.salesforce.com", "test.salesforce.com", ""}, // scratch orgs are made on sandbox instances
		{"", "https://acme-dev-ed.scratch.my.salesforce.com", "test.salesforce.com", ""},
		{test, "https://acme--dev.my.salesforce.com", "test.salesforce.com", ""}, // a sandbox from before enhanced domains: its id says where it logs in

		{test, sandbox, "login.salesforce.com", "test.salesforce.com"},
		{"", sandbox, "login.salesforce.com", "test.salesforce.com or acme--dev.sandbox.my.salesforce.com"},
		{login, acme, "test.salesforce.com", "login.salesforce.com"},
		{"", acme, "other.my.salesforce.com", "login.salesforce.com or acme.my.salesforce.com"},
		{"", "https://acme-dev-ed.scratch.my.salesforce.com", "login.salesforce.com", "test.salesforce.com or acme-dev-ed.scratch.my.salesforce.com"},
		{"", sandbox, "acme.my.salesforce.com", "test.salesforce.com or acme--dev.sandbox.my.salesforce.com"},
	} {
		astray, ok := p.Astray(member(map[string]string{"id": c.id, "instance_url": c.instance}), c.asked)
		if ok != (c.home != "") {
			t.Errorf("%+v: %+v", c, astray)
		}
		if !ok {
			continue
		}
		r := p.ExplainAstray(&oauth.Error{Code: "invalid_grant", Description: "expired access/refresh token", Status: 400}, astray)
		if r.Kind != oauth.LoginRequired || !strings.Contains(r.Cause, c.asked+" does not know it") || !strings.Contains(r.Remedy, "refresh it at "+c.home+":") {
			t.Errorf("%+v: %s; %s", c, r.Cause, r.Remedy)
		}
	}
}

func TestSalesforceTokenEndpoint(t *testing.T) {
	p, _ := provider.Lookup("salesforce")
	const path = "/services/oauth2/token"
	for id, want := range map[string]string{
		"https://login.salesforce.com/id/O/U":                 "https://login.salesforce.com" + path,
		"https://LOGIN.Salesforce.com/id/O/U":                 "https://login.salesforce.com" + path,
		"https://test.salesforce.com/id/O/U":                  "https://test.salesforce.com" + path,
		"https://acme.my.salesforce.com/id/O/U":               "https://acme.my.salesforce.com" + path,
		"https://acme--uat.sandbox.my.salesforce.com/id/O/U":  "https://acme--uat.sandbox.my.salesforce.com" + path,
		"https://acme.my.site.com/id/O/U":                     "https://acme.my.site.com" + path,
		"http://127.0.0.1:4711/id/O/U":                        "http://127.0.0.1:4711" + path,
		"http://[::1]:4711/id/O/U":                            "http://[::1]:4711" + path,
		"https://login.salesforce.com.evil.example/id/O/U":    "",
		"https://login.salesforce.com@evil.example/id/O/U":    "",
		"https://user@login.salesforce.com/id/O/U":            "",
		"https://evillogin.salesforce.com/id/O/U":             "",
		"https://evilmy.salesforce.com/id/O/U":                "",
		"https://.my.salesforce.com/id/O/U":                   "",
		"https://my.salesforce.com/id/O/U":                    "",
		"https://login.salesforce.com:8443/id/O/U":            "",
		"https://login.salesforce.com:443/id/O/U":             "",
		"https://login.salesforce.com./id/O/U":                "",
		"https://xn--lgin-5qa.my.salesforce.com/id/O/U":       "",
		"https://lоgin.salesforce.com/id/O/U":                 "", // a Cyrillic o
		"https://136.147.0.1/id/O/U":                          "",
		"http://login.salesforce.com/id/O/U":                  "",
		"ftp://127.0.0.1/id/O/U":                              "",
		"https://127.0.0.1.evil.example/id/O/U":               "",
		"https://login.salesforce.com%2f.evil.example/id/O/U": "",
		"https://login.salesforce.com\\.evil.example/id/O/U":  "",
		"//login.salesforce.com/id/O/U":                       "",
		"":                                                    "",
	} {
		got, err := p.TokenEndpoint(member(map[string]string{"id": id}))
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v, want %q", id, got, err, want)
		}
	}
}
