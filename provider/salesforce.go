package provider

import (
	"net/http"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// Salesforce, as of November 2026. Its replies never carry expires_in, its session timeout is sliding and set by the
// org's administrator (15 minutes to 24 hours, 2 hours by default), and reuse of a rotated refresh token revokes the grant
// at once: no grace is documented.
//
// https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_endpoints.htm
// https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_flow_errors.htm
// https://help.salesforce.com/s/articleView?id=005316711 (rotation)
var salesforce = Provider{
	Name:  "salesforce",
	Title: "Salesforce",
	Hosts: []string{"login.salesforce.com", "test.salesforce.com", ".my.salesforce.com", ".my.site.com"},
	Identity: &Identity{
		Member:     "id",
		PathPrefix: "/id/",
	},
	Issuer: "https://login.salesforce.com",
	Endpoints: oauth.Endpoints{
		Authorization: "/services/oauth2/authorize",
		Token:         "/services/oauth2/token",
		Device:        "/services/oauth2/token",
		Revocation:    "/services/oauth2/revoke",
		Introspection: "/services/oauth2/introspect",
		Userinfo:      "/services/oauth2/userinfo",
		JWKS:          "/id/keys",
	},
	Login: Login{
		Scopes:                []string{"api", "id", "refresh_token"},
		RedirectURI:           "http://localhost:8484/callback",
		DeviceAtTokenEndpoint: true,
		Hint: "the app needs the callback URL http://localhost:8484/callback and the scope refresh_token; " +
			"for a sandbox or a My Domain name its address in Endpoints.Issuer",
	},
	API: API{
		Hosts:   []string{".salesforce.com", ".my.site.com", ".force.com"},
		Members: []string{"instance_url", "api_instance_url", "sfdc_community_url", "id"},
		Rejections: []Rejection{
			{http.StatusForbidden, "Bad_OAuth_Token"},              // identity URLs
			{http.StatusInternalServerError, "INVALID_SESSION_ID"}, // SOAP
			{http.StatusBadRequest, "InvalidSessionId"},            // Bulk
		},
	},
	SignsIdentity: true,
	ClientIDHint: "it is the consumer key: in Salesforce Setup open App Manager (or External Client App Manager), choose the app, " +
		"then View, Manage Consumer Details",
	AssumedLifetime: time.Hour,           // not documented: the timeout cannot be known from here
	IdleLimit:       30 * 24 * time.Hour, // mandatory for partner apps since 11 May 2026
	AccessTokenVars: []string{"SF_ACCESS_TOKEN"},
	Harmless:        []string{"id", "instance_url", "api_instance_url", "sfdc_community_url", "sfdc_community_id", "token_format"},
	Refusals: []Refusal{
		{
			Code: "invalid_grant", Text: "already being processed", Kind: oauth.Temporary, Wait: 2 * time.Second,
			Cause:  "another program is refreshing this token at the same moment",
			Remedy: "wait a few seconds; if it happens often, let every program get its token from freshet",
		},
		{
			// What overlapping refreshes were told until Winter '25.
			Code: "invalid_grant", Text: "expired authorization code", Kind: oauth.Temporary, Wait: 2 * time.Second,
			Cause:  "another program was refreshing this token at the same moment",
			Remedy: "wait a few seconds and try again",
		},
		{
			Code: "invalid_grant", Text: "expired access/refresh token", Kind: oauth.LoginRequired,
			Cause: "Salesforce no longer accepts this refresh token: it was revoked, replaced by a rotation, unused for too long, " +
				"or pushed out by a sixth login of the same user to the same app",
			Remedy: "log in again; if the token came from a sandbox or My Domain, first check that the host asked is the one it came from",
		},
		{
			Code: "invalid_grant", Text: "code verifier", Kind: oauth.LoginRequired, Login: true,
			Cause:  "Salesforce did not accept the proof that this login is ours (PKCE)",
			Remedy: "log in again; only one login at a time can use a callback URL",
		},
		{
			Code: "redirect_uri_mismatch", Kind: oauth.Misconfigured,
			Cause:  "the callback URL is not one of the app's",
			Remedy: "add it to the app in Setup, letter for letter, or give one that is there as RedirectURI",
		},
		inactive("invalid_grant", "inactive user"), inactive("invalid_grant", "user is inactive"), inactive("inactive_user", ""),
		{
			Code: "inactive_org", Kind: oauth.LoginRequired,
			Cause:  "the Salesforce org is locked, closed or suspended",
			Remedy: "ask Salesforce support or the org's administrator",
		},
		{
			Code: "invalid_grant", Text: "ip restricted", Kind: oauth.Misconfigured,
			Cause:  "Salesforce does not let this address refresh the token",
			Remedy: "add this machine's address to the app's or the profile's trusted IP ranges, or run the program where it is allowed",
		},
		{
			Code: "invalid_grant", Text: "login hours", Kind: oauth.Temporary, Wait: time.Hour,
			Cause:  "the user's profile does not allow a login at this hour",
			Remedy: "try again within the login hours, or widen them in the profile",
		},
		{
			Code: "invalid_grant", Text: "authentication failure", Kind: oauth.LoginRequired,
			Cause:  "Salesforce could not authenticate the user: deactivated, or the password changed",
			Remedy: "log in again",
		},
		{
			Code: "invalid_grant", Text: "hasn't approved this consumer", Kind: oauth.LoginRequired,
			Cause:  "the user has not approved this app, or the approval was withdrawn",
			Remedy: "log in again, or let the org's administrator pre-authorize the app for the user's profile",
		},
		{
			Code: "invalid_client_id", Kind: oauth.Misconfigured,
			Cause:  "Salesforce does not know this client id on this host",
			Remedy: "check the consumer key, and that the token came from this host; a new app takes some minutes to be known",
		},
		{
			Code: "invalid_client", Kind: oauth.Misconfigured,
			Cause: "Salesforce does not accept the client's credentials: the secret is wrong, missing, or was changed",
			Remedy: "pass the consumer secret in Client.Secret or SecretFrom, or switch off \"Require secret for refresh token flow\" in the app; " +
				"a public client must send none",
		},
		{
			Code: "invalid_client_credentials", Kind: oauth.Misconfigured,
			Cause:  "Salesforce does not accept the consumer secret",
			Remedy: "check the consumer secret of the app",
		},
		{
			Code: "invalid_request", Text: "refresh_token scope is required", Kind: oauth.Misconfigured,
			Cause:  "the app has no refresh_token scope, or is not installed and pre-authorized in this org",
			Remedy: "add the scope \"Perform requests at any time\" to the app, install it in the org, then log in again",
		},
		{
			Code: "unsupported_token_type", Kind: oauth.Misconfigured,
			Cause:  "Salesforce cannot revoke a token of this kind",
			Remedy: "end the grant there: in the user's settings under Connections, or in Setup under Connected Apps OAuth Usage",
		},
		rateLimited("rate_limit_exceeded", ""), rateLimited("", "login rate exceeded"),
		passing("unknown_error"),
		passing("server_error"), passing("service_unavailable"), passing("system_down"),
		blocked("app_blocked"), blocked("client_blocked"), blocked("client_blocked_retry"), blocked("fail_close_app_blocked"),
		{
			Code: "oauth_flow_disabled", Kind: oauth.Misconfigured,
			Cause:  "the org or the app does not allow this OAuth flow",
			Remedy: "let the org's administrator enable the refresh token flow in the app's policies",
		},
		missing("app_not_found"), missing("oauth_policy_not_found"), missing("ecapp_policy_not_found"),
		missing("installation_error"), missing("invalid_distribution_state"), missing("invalid_app_access"),
	},
}

func passing(code string) Refusal {
	return Refusal{
		Code: code, Kind: oauth.Temporary, Wait: 2 * time.Second,
		Cause:  "Salesforce has a passing fault and asks to try again",
		Remedy: "try again in a moment",
	}
}

func blocked(code string) Refusal {
	return Refusal{
		Code: code, Kind: oauth.Misconfigured,
		Cause:  "the org's administrator, or Salesforce, blocked this app",
		Remedy: "let the administrator unblock it under Connected Apps OAuth Usage in Setup",
	}
}

func missing(code string) Refusal {
	return Refusal{
		Code: code, Kind: oauth.Misconfigured,
		Cause:  "the app is not installed in this org, or has no policy there",
		Remedy: "let the administrator install the app in the org and permit the user to use it",
	}
}

func inactive(code, text string) Refusal {
	return Refusal{
		Code: code, Text: text, Kind: oauth.LoginRequired,
		Cause:  "the Salesforce user was deactivated or frozen",
		Remedy: "ask the org's administrator to activate the user, then log in again",
	}
}

func rateLimited(code, text string) Refusal {
	return Refusal{
		Code: code, Text: text, Kind: oauth.Temporary, Wait: time.Hour,
		Cause:  "this user logged in more than 3,600 times within an hour",
		Remedy: "wait up to an hour, and reuse access tokens instead of asking for new ones",
	}
}
