// Code generated from the JSON files by go generate; DO NOT EDIT.

package provider

import "github.com/freshet-dev/freshet/oauth"

// builtin is what each file says.
func builtin(name string) *Provider {
	switch name {
	case "generic":
		return builtinGeneric()
	case "google":
		return builtinGoogle()
	case "salesforce":
		return builtinSalesforce()
	default:
		return nil
	}
}

var builtinNames = []string{
	"generic",
	"google",
	"salesforce",
}

// builtinHosts are the hosts of all vendors.
var builtinHosts = []hostOf{
	{"accounts.google.com", "google"},
	{"oauth2.googleapis.com", "google"},
	{"openidconnect.googleapis.com", "google"},
	{"www.googleapis.com", "google"},
	{"login.salesforce.com", "salesforce"},
	{"test.salesforce.com", "salesforce"},
	{".my.salesforce.com", "salesforce"},
	{".my.site.com", "salesforce"},
}

// builtinIdentities are the vendors whose tokens say where they came from.
var builtinIdentities = []identityOf{
	{"id", "/id/", "salesforce"},
}

func builtinGeneric() *Provider {
	return &Provider{
		Name:  "generic",
		Title: "the provider",
		Documentation: []string{
			"https://www.rfc-editor.org/rfc/rfc6749",
			"https://www.rfc-editor.org/rfc/rfc8628",
		},
		Unofficial: map[string]string{
			"access_token.lifetime": "a guess: too short costs a refresh, too long a request that is refused",
		},
		Client:      Client{Hint: "it was given out when the application was registered with the provider"},
		AccessToken: AccessToken{Lifetime: 3600000000000},
		Errors: []Refusal{
			Refusal{
				Code:   Texts{"invalid_grant"},
				Kind:   "login_required",
				Cause:  "the refresh token was refused: it expired, was revoked, was already used, or belongs to another client",
				Remedy: "log in again; if another program shares this grant, let only one of them refresh it",
			},
			Refusal{
				Code:   Texts{"invalid_grant"},
				Login:  true,
				Kind:   "login_required",
				Cause:  "the provider did not accept the login's code: it was used already, has expired, or belongs to another client or redirect address",
				Remedy: "log in again; if it happens at once, check the client id and the redirect address",
			},
			Refusal{
				Code:   Texts{"access_denied"},
				Kind:   "login_required",
				Cause:  "consent was denied",
				Remedy: "log in again and allow the access",
			},
			Refusal{
				Code:   Texts{"expired_token"},
				Kind:   "login_required",
				Cause:  "the code was not confirmed in time",
				Remedy: "log in again and confirm the code at once",
			},
			Refusal{
				Code:   Texts{"authorization_pending"},
				Kind:   "temporary",
				Cause:  "the code has not been confirmed yet",
				Remedy: "confirm it in a browser",
			},
			Refusal{
				Code:   Texts{"slow_down"},
				Kind:   "temporary",
				Cause:  "the provider wants to be asked less often",
				Remedy: "wait",
			},
			Refusal{
				Code:   Texts{"invalid_client"},
				Kind:   "misconfigured",
				Cause:  "the server does not accept the client id or the client secret",
				Remedy: "check both; if the server wants the secret in the Authorization header, set Client.Auth to basic, if in the body set Client.Auth to body",
			},
			Refusal{
				Code:   Texts{"unauthorized_client"},
				Kind:   "misconfigured",
				Cause:  "this client may not use refresh tokens",
				Remedy: "allow the refresh grant in the application's registration, or use the client id that the token was issued to",
			},
			Refusal{
				Code:   Texts{"unsupported_grant_type"},
				Kind:   "misconfigured",
				Cause:  "the token endpoint does not know the refresh grant",
				Remedy: "check the token endpoint's address",
			},
			Refusal{
				Code:   Texts{"invalid_scope"},
				Kind:   "misconfigured",
				Cause:  "the scope that was granted is no longer allowed",
				Remedy: "allow it in the application's registration, or log in again with fewer scopes",
			},
			Refusal{
				Code:   Texts{"invalid_request"},
				Kind:   "misconfigured",
				Cause:  "the server did not understand the request",
				Remedy: "check the token endpoint's address and how the client authenticates (Client.Auth)",
			},
			Refusal{
				Code:   Texts{"unsupported_token_type"},
				Kind:   "misconfigured",
				Cause:  "the provider does not revoke tokens of this kind",
				Remedy: "end the grant in the provider's own settings",
			},
			Refusal{
				Status: 429,
				Kind:   "temporary",
				Cause:  "the provider wants fewer requests",
				Remedy: "try again later",
			},
			Refusal{
				Status: 503,
				Kind:   "temporary",
				Cause:  "the provider is not available now",
				Remedy: "try again later",
			},
			Refusal{
				Status: 404,
				Kind:   "misconfigured",
				Cause:  "there is no token endpoint at this address",
				Remedy: "check the token endpoint's address",
			},
		},
	}
}

func builtinGoogle() *Provider {
	return &Provider{
		Name:  "google",
		Title: "Google",
		Documentation: []string{
			"https://developers.google.com/identity/protocols/oauth2/native-app",
			"https://developers.google.com/identity/protocols/oauth2#expiration",
			"https://developers.google.com/identity/openid-connect/openid-connect",
		},
		Notes: []string{
			"A login brings a refresh token only with access_type=offline, and to a user who has consented before only with prompt=consent.",
			"A grant of an app whose publishing status is Testing lives seven days.",
			"A change of the user's password ends grants with Gmail scopes.",
		},
		Unofficial: map[string]string{
			"access_token.lifetime": "seen: 3599 seconds in every reply, which says so itself",
			"errors.0.text":         "as integrators quote it",
		},
		Hosts: []string{
			"accounts.google.com",
			"oauth2.googleapis.com",
			"openidconnect.googleapis.com",
			"www.googleapis.com",
		},
		Issuer: "https://accounts.google.com",
		Endpoints: oauth.Endpoints{
			Authorization: "https://accounts.google.com/o/oauth2/v2/auth",
			Token:         "https://oauth2.googleapis.com/token",
			Device:        "https://oauth2.googleapis.com/device/code",
			Revocation:    "https://oauth2.googleapis.com/revoke",
			Userinfo:      "https://openidconnect.googleapis.com/v1/userinfo",
			JWKS:          "https://www.googleapis.com/oauth2/v3/certs",
		},
		Client: Client{
			IDPattern: "\\.apps\\.googleusercontent\\.com$",
			Hint:      "it ends in .apps.googleusercontent.com and stands in the Google Cloud console under APIs & Services, Credentials",
		},
		Login: Login{
			Scopes:   []string{"openid", "email"},
			Params:   map[string]string{"access_type": "offline", "prompt": "consent"},
			Redirect: "any_port",
			Hint:     "the client is of the type \"Desktop app\"; its secret is not confidential, but Google wants it",
		},
		AccessToken:  AccessToken{Lifetime: 3600000000000},
		RefreshToken: RefreshToken{Rotation: "never", Idle: 15552000000000000, Limit: 100},
		API:          API{Hosts: []string{".googleapis.com"}},
		Errors: []Refusal{
			Refusal{
				Code:   Texts{"invalid_grant"},
				Text:   Texts{"expired or revoked"},
				Kind:   "login_required",
				Cause:  "Google no longer accepts this refresh token: access was withdrawn, it was unused for six months, the password changed, newer logins of the same client pushed it out, or the app is in testing, where a grant lives seven days",
				Remedy: "log in again; publish the app if it is still in testing",
			},
			Refusal{
				Code:   Texts{"redirect_uri_mismatch"},
				Kind:   "misconfigured",
				Cause:  "the client may not be used with this redirect address",
				Remedy: "use a client of the type \"Desktop app\", or register the address",
			},
		},
	}
}

func builtinSalesforce() *Provider {
	return &Provider{
		Name:  "salesforce",
		Title: "Salesforce",
		Documentation: []string{
			"https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_endpoints.htm",
			"https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_flow_errors.htm",
			"https://help.salesforce.com/s/articleView?id=005316711",
			"https://help.salesforce.com/s/articleView?id=xcloud.connected_app_limit_idle_ttl.htm",
			"https://help.salesforce.com/s/articleView?id=platform.remoteaccess_request_approve.htm",
			"https://help.salesforce.com/s/articleView?id=000381578",
			"https://developer.salesforce.com/docs/atlas.en-us.packagingGuide.meta/packagingGuide/secure_code_ac_eca.htm",
			"https://github.com/forcedotcom/SalesforceMobileSDK-Android/blob/dev/libs/SalesforceSDK/src/com/salesforce/androidsdk/auth/OAuthErrorCode.kt",
		},
		Notes: []string{
			"Replies carry no expires_in: the session timeout is the org's (two hours unless an administrator changed it), and use prolongs it.",
			"Tokens are refreshed at the host where the login was, not at instance_url: an org can move to another instance.",
			"Applying a new consumer key or secret ends every token of the app.",
		},
		Unofficial: map[string]string{
			"access_token.lifetime": "a careful guess: the org's session timeout cannot be known from a reply",
			"api.rejections":        "seen by integrators: 403 of identity addresses, 500 of SOAP, 400 of Bulk",
			"errors.10.cause":       "reported for a deactivated user and for a changed password",
			"errors.24.text":        "as administrators see it in the login history",
			"errors.4.text":         "the wording of the error that the documentation describes",
			"errors.6.text":         "the wording varies; these were seen",
			"errors.7.text":         "the wording varies; these were seen",
			"errors.8.text":         "the documented meaning; the exact wording was not seen",
			"errors.9.text":         "the documented meaning; the exact wording was not seen",
		},
		Hosts: []string{
			"login.salesforce.com",
			"test.salesforce.com",
			".my.salesforce.com",
			".my.site.com",
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
		Identity: &Identity{
			Member:     "id",
			PathPrefix: "/id/",
			Orgs: []Orgs{
				Orgs{
					Login: "test.salesforce.com",
					Hosts: []string{".sandbox.my.salesforce.com", ".sandbox.my.site.com"},
				},
				Orgs{
					Login: "login.salesforce.com",
					Hosts: []string{".my.salesforce.com", ".my.site.com"},
				},
			},
		},
		Client: Client{
			IDPattern: "^(3MVG[A-Za-z0-9._]{20,}|Platform[A-Za-z]+)$",
			Hint:      "it is the consumer key: in Salesforce Setup open App Manager (or External Client App Manager), choose the app, then View, Manage Consumer Details",
		},
		Login: Login{
			Scopes:                []string{"api", "id", "refresh_token"},
			RefreshScope:          "refresh_token",
			Redirect:              "exact",
			RedirectURI:           "http://localhost:8484/callback",
			DeviceAtTokenEndpoint: true,
			Hint:                  "the app needs the callback URL http://localhost:8484/callback and the scope refresh_token; for a sandbox or a My Domain name its address in Endpoints.Issuer",
		},
		AccessToken:  AccessToken{Lifetime: 3600000000000, Variables: []string{"SF_ACCESS_TOKEN"}},
		RefreshToken: RefreshToken{Rotation: "setting", ReuseRevokes: true, Idle: 2592000000000000, Limit: 5},
		Reply: Reply{
			Harmless: []string{
				"id",
				"instance_url",
				"api_instance_url",
				"sfdc_community_url",
				"sfdc_community_id",
				"token_format",
			},
			SignsIdentity: true,
		},
		API: API{
			Hosts:   []string{".salesforce.com", ".my.site.com", ".force.com"},
			Members: []string{"instance_url", "api_instance_url", "sfdc_community_url", "id"},
			Rejections: []Rejection{
				Rejection{Status: 403, Text: "Bad_OAuth_Token"},
				Rejection{Status: 500, Text: "INVALID_SESSION_ID"},
				Rejection{Status: 400, Text: "InvalidSessionId"},
			},
		},
		Errors: []Refusal{
			Refusal{
				Code:   Texts{"invalid_grant"},
				Text:   Texts{"already being processed"},
				Kind:   "temporary",
				Cause:  "another program is refreshing this token at the same moment",
				Remedy: "wait a few seconds; if it happens often, let every program get its token from freshet",
				Wait:   2000000000,
			},
			Refusal{
				Code:   Texts{"invalid_grant"},
				Text:   Texts{"expired authorization code", "invalid authorization code"},
				Login:  true,
				Kind:   "login_required",
				Cause:  "Salesforce did not accept the login's code: it was used already, is older than fifteen minutes, or belongs to another app",
				Remedy: "log in again; if it happens at once, check the consumer key and the callback URL",
			},
			Refusal{
				Code:   Texts{"invalid_grant"},
				Text:   Texts{"expired authorization code"},
				Kind:   "temporary",
				Cause:  "another program was refreshing this token at the same moment",
				Remedy: "wait a few seconds and try again",
				Wait:   2000000000,
			},
			Refusal{
				Code:   Texts{"invalid_grant"},
				Text:   Texts{"expired access/refresh token"},
				Astray: true,
				Kind:   "login_required",
				Cause:  "the token was sent to the wrong host: it is of {org}, and {asked} does not know it",
				Remedy: "refresh it at {home}: pass that host's address in Endpoints.Token; if that is refused too, log in again there",
			},
			Refusal{
				Code:   Texts{"invalid_grant"},
				Text:   Texts{"expired access/refresh token"},
				Kind:   "login_required",
				Cause:  "Salesforce no longer accepts this refresh token: it was revoked, replaced by a rotation, unused for too long, or pushed out by a sixth login of the same user to the same app",
				Remedy: "log in again; if the token came from a sandbox or My Domain, first check that the host asked is the one it came from",
			},
			Refusal{
				Code:   Texts{"invalid_grant"},
				Text:   Texts{"code verifier"},
				Login:  true,
				Kind:   "login_required",
				Cause:  "Salesforce did not accept the proof that this login is ours (PKCE)",
				Remedy: "log in again; only one login at a time can use a callback URL",
			},
			Refusal{
				Code:   Texts{"invalid_grant"},
				Text:   Texts{"inactive user", "user is inactive", "frozen"},
				Kind:   "login_required",
				Cause:  "the Salesforce user was deactivated or frozen",
				Remedy: "ask the org's administrator to activate the user, then log in again",
			},
			Refusal{
				Code:   Texts{"invalid_grant"},
				Text:   Texts{"inactive org", "org is locked", "organization is locked", "suspended"},
				Kind:   "login_required",
				Cause:  "the Salesforce org is locked, closed or suspended",
				Remedy: "ask Salesforce support or the org's administrator",
			},
			Refusal{
				Code:   Texts{"invalid_grant"},
				Text:   Texts{"ip restricted"},
				Kind:   "misconfigured",
				Cause:  "Salesforce does not let this address refresh the token",
				Remedy: "add this machine's address to the app's or the profile's trusted IP ranges, or run the program where it is allowed",
			},
			Refusal{
				Code:   Texts{"invalid_grant"},
				Text:   Texts{"login hours"},
				Kind:   "temporary",
				Cause:  "the user's profile does not allow a login at this hour",
				Remedy: "try again within the login hours, or widen them in the profile",
				Wait:   3600000000000,
			},
			Refusal{
				Code:   Texts{"invalid_grant"},
				Text:   Texts{"authentication failure"},
				Kind:   "login_required",
				Cause:  "Salesforce could not authenticate the user: deactivated, or the password changed",
				Remedy: "log in again",
			},
			Refusal{
				Code:   Texts{"invalid_grant"},
				Text:   Texts{"invalid user credentials", "invalid password", "security token"},
				Kind:   "login_required",
				Cause:  "Salesforce did not accept a user name and password, or does not allow logins with them",
				Remedy: "log in with a browser: the password flow brings no refresh token and is being withdrawn",
			},
			Refusal{
				Code:   Texts{"invalid_grant"},
				Text:   Texts{"hasn't approved this consumer"},
				Kind:   "login_required",
				Cause:  "the user has not approved this app, or the approval was withdrawn",
				Remedy: "log in again, or let the org's administrator pre-authorize the app for the user's profile",
			},
			Refusal{
				Code:   Texts{"invalid_grant"},
				Text:   Texts{"audience validation failed", "invalid assertion"},
				Kind:   "misconfigured",
				Cause:  "Salesforce did not accept the signed assertion: its audience, issuer, subject, time or signature is wrong",
				Remedy: "check the login host in the audience, the certificate of the app, the user name and this machine's clock",
			},
			Refusal{
				Code:   Texts{"invalid_grant"},
				Text:   Texts{"no valid scopes"},
				Kind:   "misconfigured",
				Cause:  "the app grants none of the scopes that are needed",
				Remedy: "add scopes to the app in Setup, among them \"Perform requests at any time\", then log in again",
			},
			Refusal{
				Code:   Texts{"inactive_user"},
				Kind:   "login_required",
				Cause:  "the Salesforce user was deactivated or frozen",
				Remedy: "ask the org's administrator to activate the user, then log in again",
			},
			Refusal{
				Code:   Texts{"inactive_org"},
				Kind:   "login_required",
				Cause:  "the Salesforce org is locked, closed or suspended",
				Remedy: "ask Salesforce support or the org's administrator",
			},
			Refusal{
				Code:   Texts{"invalid_client_id"},
				Kind:   "misconfigured",
				Cause:  "Salesforce does not know this client id on this host",
				Remedy: "check the consumer key, and that the token came from this host; a new app takes some minutes to be known",
			},
			Refusal{
				Code:   Texts{"invalid_client"},
				Kind:   "misconfigured",
				Cause:  "Salesforce does not accept the client's credentials: the secret is wrong, missing, or was changed",
				Remedy: "pass the consumer secret in Client.Secret or SecretFrom, or switch off \"Require secret for refresh token flow\" in the app; a public client must send none",
			},
			Refusal{
				Code:   Texts{"invalid_client_credentials"},
				Kind:   "misconfigured",
				Cause:  "Salesforce does not accept the consumer secret",
				Remedy: "check the consumer secret of the app",
			},
			Refusal{
				Code:   Texts{"invalid_basic_auth_header"},
				Kind:   "misconfigured",
				Cause:  "Salesforce could not read the client's credentials in the Authorization header",
				Remedy: "set Client.Auth to body",
			},
			Refusal{
				Code:   Texts{"invalid_request"},
				Text:   Texts{"refresh_token scope is required"},
				Kind:   "misconfigured",
				Cause:  "the app has no refresh_token scope, or is not installed and pre-authorized in this org",
				Remedy: "add the scope \"Perform requests at any time\" to the app, install it in the org, then log in again",
			},
			Refusal{
				Code:   Texts{"invalid_request"},
				Text:   Texts{"must use http post", "https required"},
				Kind:   "misconfigured",
				Cause:  "the request did not arrive as it was sent: something on the way made a GET or an unprotected request of it",
				Remedy: "check the token endpoint's address, and the proxy",
			},
			Refusal{
				Code:   Texts{"rate_limit_exceeded"},
				Kind:   "temporary",
				Cause:  "this user logged in more than 3,600 times within an hour",
				Remedy: "wait up to an hour, and reuse access tokens instead of asking for new ones",
				Wait:   3600000000000,
			},
			Refusal{
				Text:   Texts{"login rate exceeded", "number of logins exceeded"},
				Kind:   "temporary",
				Cause:  "this user logged in more than 3,600 times within an hour",
				Remedy: "wait up to an hour, and reuse access tokens instead of asking for new ones",
				Wait:   3600000000000,
			},
			Refusal{
				Code:   Texts{"invalid_scope"},
				Kind:   "misconfigured",
				Cause:  "the app in Salesforce does not have a scope that was asked for",
				Remedy: "add the scope to the app in Setup, or log in again with fewer scopes",
			},
			Refusal{
				Code:   Texts{"redirect_uri_mismatch"},
				Kind:   "misconfigured",
				Cause:  "the callback URL is not one of the app's",
				Remedy: "add it to the app in Setup, letter for letter, or give one that is there as RedirectURI",
			},
			Refusal{
				Code:   Texts{"redirect_uri_missing"},
				Kind:   "misconfigured",
				Cause:  "the request named no callback URL",
				Remedy: "give one of the app's as RedirectURI",
			},
			Refusal{
				Code:   Texts{"unknown_error", "server_error", "service_unavailable", "system_down"},
				Kind:   "temporary",
				Cause:  "Salesforce has a passing fault and asks to try again",
				Remedy: "try again in a moment",
				Wait:   2000000000,
			},
			Refusal{
				Code: Texts{
					"app_blocked",
					"client_blocked",
					"client_blocked_retry",
					"fail_close_app_blocked",
				},
				Kind:   "misconfigured",
				Cause:  "the org's administrator, or Salesforce, blocked this app",
				Remedy: "let the administrator unblock it under Connected Apps OAuth Usage in Setup",
			},
			Refusal{
				Code:   Texts{"oauth_flow_disabled"},
				Kind:   "misconfigured",
				Cause:  "the org or the app does not allow this OAuth flow",
				Remedy: "let the org's administrator enable the refresh token flow in the app's policies",
			},
			Refusal{
				Code: Texts{
					"app_not_found",
					"oauth_policy_not_found",
					"ecapp_policy_not_found",
					"installation_error",
					"invalid_distribution_state",
					"invalid_app_access",
					"OAUTH_EC_APP_NOT_FOUND",
				},
				Kind:   "misconfigured",
				Cause:  "the app is not installed in this org, or has no policy there",
				Remedy: "let the administrator install the app in the org and permit the user to use it",
			},
			Refusal{
				Code:   Texts{"invalid_grant"},
				Text:   Texts{"invalid_app_access"},
				Kind:   "misconfigured",
				Cause:  "the app is not installed in this org, or has no policy there",
				Remedy: "let the administrator install the app in the org and permit the user to use it",
			},
			Refusal{
				Code:   Texts{"invalid_session_level"},
				Kind:   "misconfigured",
				Cause:  "the org asks for a stronger login than this one was",
				Remedy: "log in again with the second factor, or let the administrator change the app's session level policy",
			},
			Refusal{
				Code:   Texts{"invalid_otp", "otp_error", "login_error"},
				Kind:   "login_required",
				Cause:  "the login was not completed: its one-time password or its answer was not accepted",
				Remedy: "log in again",
			},
			Refusal{
				Code:   Texts{"bad_jti_claim"},
				Kind:   "misconfigured",
				Cause:  "the signed assertion was used already",
				Remedy: "make a new assertion, with an id of its own",
			},
			Refusal{
				Code:   Texts{"invalid_token"},
				Kind:   "misconfigured",
				Cause:  "Salesforce does not know this token, or takes none of its kind here",
				Remedy: "check which token is meant; if it is the saved one, log in again",
			},
			Refusal{
				Code:   Texts{"exceeded_registration_limit"},
				Kind:   "misconfigured",
				Cause:  "the org has as many registered apps as it may",
				Remedy: "let the administrator remove apps that are not used",
			},
			Refusal{
				Code:   Texts{"use_dpop_nonce"},
				Kind:   "misconfigured",
				Cause:  "the app binds tokens to a key (DPoP), which this program does not hold",
				Remedy: "log in with an app that issues Bearer tokens",
			},
			Refusal{
				Code:   Texts{"unsupported_token_type"},
				Kind:   "misconfigured",
				Cause:  "Salesforce cannot revoke a token of this kind",
				Remedy: "end the grant there: in the user's settings under Connections, or in Setup under Connected Apps OAuth Usage",
			},
		},
	}
}
