package provider_test

import (
	"strings"
	"testing"

	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// What a vendor says of the user, the app or itself is so at a login, too; and a fault of its own is nobody's configuration.
func TestVendorsOwnWordsCount(t *testing.T) {
	for _, test := range []struct {
		vendor      string
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
		{"facebook", "OAuthException", "An unknown error occurred", false, oauth.Temporary, "passes"},
		{"facebook", "OAuthException", "Service temporarily unavailable", false, oauth.Temporary, "passes"},
		{"facebook", "OAuthException", "Error validating application. Cannot get application info due to a system error.", false, oauth.Temporary, "passes"},
		{"google", "invalid_grant", "reauth related error (invalid_rapt)", false, oauth.LoginRequired, "session control"},
		{"google", "invalid_grant", "Bad Request", false, oauth.LoginRequired, "another client's"},
		{"google", "invalid_grant", "Bad Request", true, oauth.LoginRequired, "login's code"},
		{"google", "invalid_grant", "Malformed auth code.", true, oauth.LoginRequired, "login's code"},
		{"google", "deleted_client", "The OAuth client was deleted.", false, oauth.Misconfigured, "was deleted"},
		{"google", "admin_policy_enforced", "", true, oauth.Misconfigured, "administrator"},
		{"salesforce", "OAUTH_APP_BLOCKED", "this app is blocked by admin", true, oauth.Misconfigured, "blocked this app"},
		{"salesforce", "OAUTH_APP_ACCESS_DENIED", "user is not admin approved to access this app", true, oauth.Misconfigured, "not permitted this user"},
	} {
		p, err := provider.Lookup(test.vendor)
		if err != nil {
			t.Fatal(err)
		}
		explain := p.Explain
		if test.login {
			explain = p.ExplainLogin
		}
		r := explain(&oauth.Error{Status: 400, Code: test.code, Description: test.text})
		if r.Kind != test.kind || !strings.Contains(r.Cause, test.partOfCause) {
			t.Errorf("%s, %s: %s, %s", test.vendor, test.text, r.Kind, r.Cause)
		}
	}
}
