package oauthtest

import "time"

// These providers differ from the generic server by values alone. Their replies are in the order that they send.

func google(string) vendor {
	return vendor{
		manners: manners{
			defaults: Config{TTL: 3599 * time.Second, RequireSecret: true},
			offline:  "access_type=offline",
			formOnly: true,
		},
		paths: paths{
			authorize: "/o/oauth2/v2/auth", token: "/token", device: "/device/code", revoke: "/revoke",
			userinfo: "/v1/userinfo", keys: "/oauth2/v3/certs",
		},
		contentType: "application/json; charset=utf-8",
		scope:       "openid email",
		access:      "ya29.",
		refresh:     "1//",
		login:       "access_token expires_in refresh_token refresh_token_expires_in scope token_type",
		refreshed:   "access_token expires_in scope token_type",
		fixed:       members{{"token_type", "Bearer"}},
		answers: answers{
			token:  says(400, "invalid_grant", "Token has been expired or revoked."),
			code:   says(400, "invalid_grant", "Malformed auth code."),
			client: says(401, "invalid_client", "The OAuth client was not found."),
			secret: says(401, "invalid_client", "Unauthorized"),
		},
	}
}

func okta(string) vendor {
	return vendor{
		manners: manners{
			defaults:     Config{Grace: 30 * time.Second},
			parts:        map[string]string{"server": "default"},
			offline:      "offline_access",
			formOnly:     true,
			rotation:     repeated,
			reuseRevokes: true,
		},
		paths: paths{
			authorize: "/oauth2/{server}/v1/authorize", token: "/oauth2/{server}/v1/token", device: "/oauth2/{server}/v1/device/authorize",
			revoke: "/oauth2/{server}/v1/revoke", introspect: "/oauth2/{server}/v1/introspect",
			userinfo: "/oauth2/{server}/v1/userinfo", keys: "/oauth2/{server}/v1/keys",
		},
		contentType: "application/json",
		scope:       "openid offline_access",
		login:       "token_type expires_in access_token scope refresh_token",
		fixed:       members{{"token_type", "Bearer"}},
		answers: answers{
			token:  says(400, "invalid_grant", "The refresh token is invalid or expired."),
			code:   says(400, "invalid_grant", "The authorization code is invalid or has expired."),
			client: says(401, "invalid_client", "Invalid value for 'client_id' parameter."),
			secret: says(401, "invalid_client", "The client secret supplied for a confidential client is invalid."),
		},
	}
}

func auth0(string) vendor {
	return vendor{
		manners: manners{
			defaults:     Config{TTL: day},
			offline:      "offline_access",
			reuseRevokes: true,
		},
		paths: paths{
			authorize: "/authorize", token: "/oauth/token", device: "/oauth/device/code", revoke: "/oauth/revoke",
			keys: "/.well-known/jwks.json",
		},
		contentType: "application/json",
		scope:       "openid offline_access",
		refresh:     "v1.",
		login:       "access_token refresh_token scope expires_in token_type",
		fixed:       members{{"token_type", "Bearer"}},
		answers: answers{
			token:  says(403, "invalid_grant", "Unknown or invalid refresh token."),
			code:   says(403, "invalid_grant", "Invalid authorization code"),
			client: says(401, "access_denied", "Unauthorized"),
			secret: says(401, "access_denied", "Unauthorized"),
		},
	}
}

func xero(string) vendor {
	return vendor{
		manners: manners{
			defaults: Config{TTL: 30 * time.Minute, IdleLimit: 60 * day, Grace: 30 * time.Minute},
			offline:  "offline_access",
			formOnly: true,
			rotation: replaced,
		},
		paths: paths{
			authorize: "/identity/connect/authorize", token: "/connect/token", revoke: "/connect/revocation",
			userinfo: "/connect/userinfo", keys: "/.well-known/openid-configuration/jwks",
		},
		contentType: "application/json; charset=UTF-8",
		scope:       "openid profile email offline_access",
		login:       "access_token expires_in token_type refresh_token scope",
		fixed:       members{{"token_type", "Bearer"}},
		answers: answers{
			token:  says(400, "invalid_grant", ""),
			code:   says(400, "invalid_grant", ""),
			client: says(400, "invalid_client", ""),
			secret: says(400, "invalid_client", ""),
		},
	}
}

func quickBooks(string) vendor {
	return vendor{
		manners: manners{
			defaults: Config{RefreshTTL: 8726400 * time.Second, Grace: day, RequireSecret: true},
			redirect: map[string]string{"realmId": "4620816365000000000"},
			auth:     inBasic,
			formOnly: true,
			rotation: replacedDaily,
		},
		paths: paths{
			authorize: "/connect/oauth2", token: "/oauth2/v1/tokens/bearer", revoke: "/v2/oauth2/tokens/revoke",
			userinfo: "/v1/openid_connect/userinfo", keys: "/op/v1/jwks",
		},
		contentType: "application/json;charset=utf-8",
		scope:       "com.intuit.quickbooks.accounting",
		refresh:     "RT1-",
		login:       "x_refresh_token_expires_in refresh_token access_token token_type expires_in",
		fixed:       members{{"token_type", "bearer"}},
		answers: answers{
			token:  says(400, "invalid_grant", "Incorrect or invalid refresh token"),
			code:   says(400, "invalid_grant", ""),
			client: says(401, "invalid_client", ""),
			secret: says(401, "invalid_client", ""),
		},
	}
}

func hubSpot(string) vendor {
	return vendor{
		manners: manners{
			defaults: Config{TTL: 30 * time.Minute, RequireSecret: true},
			parts:    map[string]string{"version": "2026-03"},
			auth:     inBody,
			formOnly: true,
			rotation: repeated,
		},
		paths: paths{
			authorize: "/oauth/authorize", token: "/oauth/{version}/token", revoke: "/oauth/{version}/token/revoke",
			introspect: "/oauth/{version}/token/introspect",
		},
		contentType: "application/json;charset=utf-8",
		scope:       "oauth",
		login:       "token_type refresh_token access_token hub_id scopes expires_in user_id token_use",
		fixed:       members{{"token_type", "bearer"}, {"hub_id", 1234567}, {"user_id", 293199}, {"token_use", "access_token"}},
		answers: answers{
			token:  hubSpotSays("BAD_REFRESH_TOKEN", "invalid_grant", "refresh token is invalid, expired or revoked"),
			code:   hubSpotSays("BAD_AUTH_CODE", "invalid_grant", "missing or unknown auth code"),
			client: hubSpotSays("BAD_CLIENT_ID", "invalid_request", "missing or unknown client id"),
			secret: hubSpotSays("BAD_CLIENT_SECRET", "invalid_client", "missing or invalid client secret"),
		},
	}
}

// hubSpotSays says it twice: as the RFC does, and as HubSpot's older endpoint did.
func hubSpotSays(status, code, message string) answer {
	return answer{400, members{{"status", status}, {"message", message}, {"error", code}, {"error_description", message}}}
}

func dropbox(string) vendor {
	return vendor{
		manners: manners{
			defaults: Config{TTL: 4 * time.Hour},
			offline:  "token_access_type=offline",
			formOnly: true,
		},
		paths:       paths{authorize: "/oauth2/authorize", token: "/oauth2/token", revoke: "/2/auth/token/revoke"},
		contentType: "application/json",
		scope:       "account_info.read",
		access:      "sl.",
		login:       "access_token token_type expires_in refresh_token scope uid account_id",
		refreshed:   "access_token token_type expires_in",
		fixed:       members{{"token_type", "bearer"}, {"uid", "1234567"}, {"account_id", "dbid:AAoauthtest"}},
		answers: answers{
			token:  says(400, "invalid_grant", "refresh token is invalid or revoked"),
			code:   says(400, "invalid_grant", "code doesn't exist or has expired"),
			client: says(400, "invalid_client", "Invalid client_id or client_secret"),
			secret: says(400, "invalid_client", "Invalid client_id or client_secret"),
		},
	}
}

func box(string) vendor {
	return vendor{
		manners: manners{
			defaults: Config{TTL: 4169 * time.Second, IdleLimit: 60 * day, RequireSecret: true},
			auth:     inBody,
			formOnly: true,
			rotation: replaced,
		},
		paths:       paths{authorize: "/api/oauth2/authorize", token: "/oauth2/token", revoke: "/oauth2/revoke"},
		contentType: "application/json",
		scope:       "root_readwrite",
		login:       "access_token expires_in restricted_to refresh_token token_type",
		fixed:       members{{"restricted_to", []string{}}, {"token_type", "bearer"}},
		answers: answers{
			token:  says(400, "invalid_grant", "Invalid refresh token"),
			code:   says(400, "invalid_grant", "Auth code doesn't exist or is invalid for the client"),
			client: says(400, "invalid_client", "The client credentials are invalid"),
			secret: says(400, "invalid_client", "The client credentials are invalid"),
		},
	}
}

func zoom(url string) vendor {
	return vendor{
		manners: manners{
			defaults:   Config{TTL: 3599 * time.Second, IdleLimit: 90 * day, RequireSecret: true},
			auth:       inBasic,
			publicPKCE: true,
			formOnly:   true,
			rotation:   replaced,
		},
		paths:       paths{authorize: "/oauth/authorize", token: "/oauth/token", device: "/oauth/devicecode", revoke: "/oauth/revoke"},
		contentType: "application/json",
		scope:       "meeting:read:meeting user:read:user",
		login:       "access_token token_type refresh_token expires_in scope api_url",
		fixed:       members{{"token_type", "bearer"}, {"api_url", url}},
		answers: answers{
			token:  zoomSays("invalid_grant", "Invalid Token!"),
			code:   zoomSays("invalid_grant", "Invalid authorization code"),
			client: zoomSays("invalid_client", "Invalid client_id or client_secret"),
			secret: zoomSays("invalid_client", "Invalid client_id or client_secret"),
			rest:   func(r refusal) answer { return zoomSays(r.code, r.description) },
		},
	}
}

func zoomSays(code, reason string) answer {
	return answer{400, members{{"reason", reason}, {"error", code}}}
}

func atlassian(string) vendor {
	return vendor{
		manners: manners{
			defaults:      Config{IdleLimit: 90 * day, Grace: 10 * time.Minute, RequireSecret: true, OneAccessToken: true},
			offline:       "offline_access",
			auth:          inBody,
			rotation:      replaced,
			reuseRevokes:  true,
			accessInGrace: true,
		},
		paths:       paths{authorize: "/authorize", token: "/oauth/token"},
		contentType: "application/json",
		scope:       "read:me offline_access",
		login:       "access_token expires_in token_type refresh_token scope",
		fixed:       members{{"token_type", "Bearer"}},
		answers: answers{
			token:  says(403, "unauthorized_client", "refresh_token is invalid"),
			code:   says(403, "invalid_grant", "Invalid authorization code"),
			client: says(401, "access_denied", "Unauthorized"),
			secret: says(401, "access_denied", "Unauthorized"),
		},
	}
}

func linkedIn(string) vendor {
	return vendor{
		manners: manners{
			defaults: Config{TTL: 60 * day, RefreshTTL: 365 * day, RequireSecret: true},
			auth:     inBody,
			formOnly: true,
			rotation: repeated,
		},
		paths: paths{
			authorize: "/oauth/v2/authorization", token: "/oauth/v2/accessToken", introspect: "/oauth/v2/introspectToken",
			userinfo: "/v2/userinfo", keys: "/oauth/openid/jwks",
		},
		contentType: "application/json",
		scope:       "openid profile",
		commas:      true,
		access:      "AQX",
		refresh:     "AQW",
		login:       "access_token expires_in refresh_token refresh_token_expires_in scope",
		answers: answers{
			token:  says(400, "invalid_grant", "The provided authorization grant or refresh token is invalid, expired or revoked."),
			code:   says(400, "invalid_request", "Unable to retrieve access token: authorization code not found"),
			client: says(401, "invalid_client", "Client authentication failed"),
			secret: says(401, "invalid_client", "Client authentication failed"),
		},
	}
}

func x(string) vendor {
	return vendor{
		manners: manners{
			defaults: Config{TTL: 2 * time.Hour, RequirePKCE: true},
			offline:  "offline.access",
			auth:     inBasic,
			formOnly: true,
			rotation: replaced,
		},
		paths:       paths{authorize: "/i/oauth2/authorize", token: "/2/oauth2/token", revoke: "/2/oauth2/revoke"},
		contentType: "application/json;charset=utf-8",
		scope:       "tweet.read users.read offline.access",
		login:       "token_type expires_in access_token scope refresh_token",
		fixed:       members{{"token_type", "bearer"}},
		answers: answers{
			token:  says(400, "invalid_request", "Value passed for the token was invalid."),
			code:   says(400, "invalid_request", "Value passed for the authorization code was invalid."),
			client: says(400, "invalid_request", "Value passed for the client id was invalid."),
			secret: says(401, "unauthorized_client", "Missing valid authorization header"),
		},
	}
}

func zoho(url string) vendor {
	says := func(code string) answer { return answer{200, members{{"error", code}}} }
	return vendor{
		manners: manners{
			defaults:    Config{RequireSecret: true},
			redirect:    map[string]string{"location": "us", "accounts-server": url},
			auth:        inBody,
			formOnly:    true,
			fromAddress: true,
			scheme:      "Zoho-oauthtoken",
			offline:     "access_type=offline",
		},
		paths:       paths{authorize: "/oauth/v2/auth", token: "/oauth/v2/token", revoke: "/oauth/v2/token/revoke"},
		contentType: "application/json;charset=UTF-8",
		scope:       "ZohoCRM.modules.READ",
		access:      "1000.",
		refresh:     "1000.",
		login:       "access_token refresh_token scope api_domain token_type expires_in",
		fixed:       members{{"api_domain", url}, {"token_type", "Bearer"}},
		answers: answers{
			token:  says("invalid_code"),
			code:   says("invalid_code"),
			client: says("invalid_client"),
			secret: says("invalid_client_secret"),
			rest:   func(r refusal) answer { return says(r.code) },
		},
	}
}
