package provider_test

import (
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/internal/replies"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// TestSalesforceExplains has every known error of Salesforce's token endpoint.
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
		{
			"invalid_grant", "expired access/refresh token", loginRequired,
			"revoked, replaced by a rotation, unused for too long, or pushed out", "log in again",
		},
		{
			"invalid_grant", "token request is already being processed", temporary,
			"another program is refreshing", "let every program get its token from freshet",
		},
		{"invalid_grant", "expired authorization code", temporary, "another program was refreshing", "try again"},
		{
			"invalid_grant", "inactive user", loginRequired, "deactivated or frozen",
			"administrator to activate the user",
		},
		{
			"invalid_grant", "user is inactive", loginRequired, "deactivated or frozen",
			"administrator to activate the user",
		},
		{"inactive_user", "", loginRequired, "deactivated or frozen", "administrator to activate the user"},
		{
			"invalid_grant", "inactive organization: the org is locked", loginRequired,
			"org is locked, closed or suspended", "Salesforce support",
		},
		{"inactive_org", "", loginRequired, "org is locked, closed or suspended", "Salesforce support"},
		{"invalid_grant", "IP restricted", misconfigured, "does not let this address", "trusted IP ranges"},
		{"invalid_grant", "invalid login hours", temporary, "at this hour", "within the login hours"},
		{"invalid_grant", "authentication failure", loginRequired, "could not authenticate the user", "log in again"},
		{"invalid_grant", "invalid user credentials", loginRequired, "user name and password", "log in with a browser"},
		{"invalid_grant", "invalid password", loginRequired, "user name and password", "log in with a browser"},
		{
			"invalid_grant", "login must use security token", loginRequired, "user name and password",
			"log in with a browser",
		},
		{
			"invalid_grant", "user hasn't approved this consumer", loginRequired, "has not approved this app",
			"pre-authorize",
		},
		{"invalid_grant", "Audience validation failed", misconfigured, "signed assertion", "clock"},
		{"invalid_grant", "invalid assertion", misconfigured, "signed assertion", "certificate"},
		{"invalid_grant", "invalid_app_access", misconfigured, "not installed in this org", "install the app"},
		{"invalid_grant", "no valid scopes defined", misconfigured, "none of the scopes", "add scopes"},
		{"invalid_grant", "something new", loginRequired, "the refresh token was refused", "log in again"},
		{
			"invalid_client_id", "client identifier invalid", misconfigured,
			"does not know this client id on this host", "some minutes",
		},
		{
			"invalid_client", "invalid client credentials", misconfigured,
			"consumer secret: it is wrong or was changed", "Client.Secret",
		},
		{"invalid_client_credentials", "", misconfigured, "consumer secret", "consumer secret"},
		{"invalid_basic_auth_header", "", misconfigured, "Authorization header", "Client.Auth to body"},
		{"invalid_request", "must use HTTP POST", misconfigured, "changed on the way", "proxy"},
		{"invalid_request", "HTTPS required", misconfigured, "changed on the way", "proxy"},
		{
			"invalid_request", "missing required parameter: refresh_token", misconfigured,
			"did not understand the request", "endpoint",
		},
		{
			"invalid_request",
			"refresh_token scope is required and the connected app should be installed and preauthorized",
			misconfigured, "no refresh_token scope", "Perform requests at any time",
		},
		{"invalid_scope", "", misconfigured, "does not have a scope", "add the scope"},
		{
			"unsupported_grant_type", "grant type not supported", misconfigured,
			"does not know the refresh grant", "address",
		},
		{"redirect_uri_missing", "", misconfigured, "no callback URL", "RedirectURI"},
		{"redirect_uri_mismatch", "", misconfigured, "not one of the app's", "letter for letter"},
		{"rate_limit_exceeded", "", temporary, "3,600 times within an hour", "reuse access tokens"},
		{"invalid_grant", "login rate exceeded", temporary, "3,600 times within an hour", "reuse access tokens"},
		{
			"invalid_request", "number of logins exceeded", temporary, "3,600 times within an hour",
			"reuse access tokens",
		},
		{"unknown_error", "retry your request", temporary, "temporary fault", "try again"},
		{"server_error", "", temporary, "temporary fault", "try again"},
		{"service_unavailable", "", temporary, "temporary fault", "try again"},
		{"system_down", "", temporary, "temporary fault", "try again"},
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
		{"slow_down", "", temporary, "longer polling interval", "wait"},
		{"invalid_session_level", "", misconfigured, "a stronger login", "second factor"},
		{"invalid_otp", "", loginRequired, "one-time password", "log in again"},
		{"otp_error", "", loginRequired, "one-time password", "log in again"},
		{"login_error", "", loginRequired, "not completed", "log in again"},
		{"bad_jti_claim", "", misconfigured, "used already", "new assertion"},
		{"invalid_token", "", misconfigured, "does not know this token", "log in again"},
		{"unsupported_token_type", "", misconfigured, "cannot revoke", "Connected Apps OAuth Usage"},
		{"exceeded_registration_limit", "", misconfigured, "reached its limit of registered apps", "remove apps"},
		{"use_dpop_nonce", "", misconfigured, "binds tokens to a key", "Bearer"},
	} {
		r := replies.Explain(p, &oauth.Error{Code: test.code, Description: test.description, Status: 400},
			replies.Request{Secret: true})
		if r.Kind != test.kind || !strings.Contains(r.Cause, test.cause) || !strings.Contains(r.Remedy.String(), test.remedy) {
			t.Errorf("%s: %s: %s: %s; %s", test.code, test.description, r.Kind, r.Cause, r.Remedy)
		}
	}
	for _, description := range []string{"expired authorization code", "invalid authorization code"} {
		r := replies.Explain(p, &oauth.Error{Code: "invalid_grant", Description: description, Status: 400},
			replies.Request{Login: true, Secret: true})
		if r.Kind != loginRequired || !strings.Contains(r.Cause, "the login's code") {
			t.Errorf("a login: %s: %+v", description, r)
		}
	}
}

// Errors about the user, the app or the provider have the same explanation in a login as in a
// refresh, and the provider's own faults are temporary.
func TestProviderErrorsExplainLogin(t *testing.T) {
	for _, test := range []struct {
		provider    string
		code, text  string
		login       bool
		kind        oauth.Kind
		partOfCause string
	}{
		{"salesforce", "invalid_grant", "ip restricted", true, oauth.Misconfigured, "this address"},
		{"salesforce", "invalid_grant", "inactive user", true, oauth.LoginRequired, "deactivated"},
		{"salesforce", "invalid_grant", "expired authorization code", true, oauth.LoginRequired, "login's code"},
		{"quickbooks", "invalid_grant", "Incorrect Token type or clientID", true, oauth.Misconfigured, "client id"},
		{"xero", "invalid_grant", "", true, oauth.LoginRequired, "login's code"},
		{"facebook", "OAuthException", "An unknown error occurred", false, oauth.Temporary, "temporary fault"},
		{"facebook", "OAuthException", "Service temporarily unavailable", false, oauth.Temporary, "temporary fault"},
		{
			"facebook", "OAuthException",
			"Error validating application. Cannot get application info due to a system error.", false,
			oauth.Temporary, "temporary fault",
		},
		{
			"google", "invalid_grant", "reauth related error (invalid_rapt)", false, oauth.LoginRequired,
			"session control",
		},
		{"google", "invalid_grant", "Bad Request", false, oauth.LoginRequired, "another client's"},
		{"google", "invalid_grant", "Bad Request", true, oauth.LoginRequired, "login's code"},
		{"google", "invalid_grant", "Malformed auth code.", true, oauth.LoginRequired, "login's code"},
		{"google", "deleted_client", "The OAuth client was deleted.", false, oauth.Misconfigured, "was deleted"},
		{"google", "admin_policy_enforced", "", true, oauth.Misconfigured, "administrator"},
		{
			"salesforce", "OAUTH_APP_BLOCKED", "this app is blocked by admin", true, oauth.Misconfigured,
			"blocked this app",
		},
		{
			"salesforce", "OAUTH_APP_ACCESS_DENIED", "user is not admin approved to access this app", true,
			oauth.Misconfigured, "not permitted this user",
		},
	} {
		p, err := provider.Lookup(test.provider)
		if err != nil {
			t.Fatal(err)
		}
		refused := &oauth.Error{Status: 400, Code: test.code, Description: test.text}
		r := replies.Explain(p, refused, replies.Request{Login: test.login, Secret: true})
		if r.Kind != test.kind || !strings.Contains(r.Cause, test.partOfCause) {
			t.Errorf("%s, %s: %s, %s", test.provider, test.text, r.Kind, r.Cause)
		}
	}
}

// After a 5xx the server may have spent the token, whatever the error code says. With Retry-After
// it has not.
func TestStatusTakesPrecedence(t *testing.T) {
	p, err := provider.Lookup("salesforce")
	if err != nil {
		t.Fatal(err)
	}
	r := replies.Explain(p, &oauth.Error{Status: 500, Code: "server_error"}, replies.Request{})
	if r.Kind != oauth.Unknown {
		t.Errorf("500 with a known code: %+v", r)
	}
	refused := &oauth.Error{Status: 503, Code: "invalid_grant", RetryAfter: 1}
	if r := replies.Explain(provider.Generic(), refused, replies.Request{}); r.Kind != oauth.Temporary {
		t.Errorf("503 with Retry-After and a code: %+v", r)
	}
	if r := replies.Explain(p, &oauth.Error{Status: 503, RetryAfter: 1}, replies.Request{}); r.Kind != oauth.Temporary {
		t.Errorf("503 with Retry-After: %+v", r)
	}
	for status, want := range map[int]oauth.Kind{
		429: oauth.Temporary, 503: oauth.Unknown, 500: oauth.Unknown,
		404: oauth.Misconfigured, 307: oauth.Misconfigured,
	} {
		r := replies.Explain(p, &oauth.Error{Status: status}, replies.Request{})
		if r.Kind != want || r.Cause == "" || r.Remedy == "" {
			t.Errorf("%d: %+v", status, r)
		}
	}
}

// A busy server may use the code of a dead grant. A provider's row for the code alone does not count then.
func TestBusyServerEndsNoLogin(t *testing.T) {
	for _, name := range provider.Names() {
		p, err := provider.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		e := &oauth.Error{Status: 400, Code: "invalid_grant", Description: "Too many requests, retry later"}
		if got := replies.Explain(p, e, replies.Request{}); got.Kind != oauth.Temporary {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
