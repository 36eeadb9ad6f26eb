package endpoints_test

import (
	"testing"

	"github.com/freshet-dev/freshet/internal/endpoints"
	"github.com/freshet-dev/freshet/provider"
)

// TestCustomersHaveTheirOwnHosts fills in the placeholders of built-in providers. Without a value for a
// placeholder, there is no token endpoint.
func TestCustomersHaveTheirOwnHosts(t *testing.T) {
	for _, test := range []struct {
		provider, part, value string
		issuer                string
		token, revoke, base   string
		needsPart             bool
	}{
		{
			provider: "cognito", part: "domain", value: "acme.auth.eu-west-1.amazoncognito.com",
			token:  "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token",
			revoke: "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/revoke",
			base:   "https://acme.auth.eu-west-1.amazoncognito.com/", needsPart: true,
		},
		{
			provider: "cognito", part: "domain", value: "login.acme.example",
			token: "https://login.acme.example/oauth2/token", revoke: "https://login.acme.example/oauth2/revoke",
			base: "https://login.acme.example/", needsPart: true,
		},
		{
			provider: "databricks", part: "host", value: "adb-1.2.azuredatabricks.net",
			token: "https://adb-1.2.azuredatabricks.net/oidc/v1/token", base: "https://adb-1.2.azuredatabricks.net/",
			needsPart: true,
		},
		{ // its metadata have the endpoints
			provider: "databricks", issuer: "https://accounts.cloud.databricks.com/oidc/accounts/a1", needsPart: true,
		},
		{
			provider: "exact-online", part: "host", value: "start.exactonline.be",
			token: "https://start.exactonline.be/api/oauth2/token", base: "https://start.exactonline.be/", needsPart: true,
		},
		{provider: "exact-online", part: "host", value: "start.exactonline.example", needsPart: true},
		{
			provider: "intercom", part: "host", value: "api.eu.intercom.io",
			token: "https://api.eu.intercom.io/auth/eagle/token", base: "https://api.eu.intercom.io/",
		},
		{
			provider: "keycloak", part: "host", value: "sso.acme.example",
			token:  "https://sso.acme.example/realms/master/protocol/openid-connect/token",
			revoke: "https://sso.acme.example/realms/master/protocol/openid-connect/revoke",
			base:   "https://sso.acme.example/", needsPart: true,
		},
		{
			provider: "keycloak", issuer: "https://sso.acme.example:8443/realms/staff",
			token:  "https://sso.acme.example:8443/realms/staff/protocol/openid-connect/token",
			revoke: "https://sso.acme.example:8443/realms/staff/protocol/openid-connect/revoke", needsPart: true,
		},
		{
			provider: "servicenow", part: "instance", value: "acme",
			token:  "https://acme.service-now.com/oauth_token.do",
			revoke: "https://acme.service-now.com/oauth_revoke_token.do",
			base:   "https://acme.service-now.com/", needsPart: true,
		},
		{
			provider: "snowflake", part: "account", value: "acme-test",
			token: "https://acme-test.snowflakecomputing.com/oauth/token-request",
			base:  "https://acme-test.snowflakecomputing.com/", needsPart: true,
		},
		{
			provider: "zendesk", part: "subdomain", value: "acme",
			token: "https://acme.zendesk.com/oauth/tokens", base: "https://acme.zendesk.com/", needsPart: true,
		},
		{provider: "zendesk", part: "subdomain", value: "acme.evil.example/", needsPart: true},
	} {
		p, err := provider.Lookup(test.provider)
		if err != nil {
			t.Fatal(err)
		}
		parts := map[string]string{}
		if test.part != "" {
			parts[test.part] = test.value
		}
		got := endpoints.At(p, test.issuer, parts)
		if got.Token != test.token || got.Revocation != test.revoke {
			t.Errorf("%s, %v %s: %+v", test.provider, parts, test.issuer, got)
		}
		if base := endpoints.APIBase(p, parts); base != test.base {
			t.Errorf("%s, %v: the base is %q, want %q", test.provider, parts, base, test.base)
		}
		if without := endpoints.At(p, "", nil).Token; (without == "") != test.needsPart {
			t.Errorf("%s: without its part the token endpoint is %q", test.provider, without)
		}
	}
}
