package oauthtest

import "time"

// stripe is that of Stripe Apps. A secret key is the user name of HTTP Basic; no client id is asked for.
func stripe(string) vendor {
	return vendor{
		manners: manners{
			defaults: Config{TTL: time.Hour, RefreshTTL: 365 * day, RequireSecret: true},
			auth:     secretAsUser,
			formOnly: true,
			rotation: replaced,
		},
		paths:       paths{authorize: "/oauth/v2/authorize", token: "/v1/oauth/token", revoke: "/v1/oauth/deauthorize"},
		contentType: "application/json",
		scope:       "stripe_apps",
		login:       "access_token livemode refresh_token scope stripe_publishable_key stripe_user_id token_type",
		fixed: members{
			{"livemode", false},
			{"stripe_publishable_key", "pk_test_oauthtest"},
			{"stripe_user_id", "acct_oauthtest"},
			{"token_type", "bearer"},
		},
		answers: answers{
			token:  says(400, "invalid_grant", "This refresh token does not exist or has been used already"),
			code:   says(400, "invalid_grant", "This authorization code does not exist, has expired or has been used already"),
			client: says(400, "invalid_client", "No such application"),
			secret: stripeSays("Invalid API Key provided"),
		},
	}
}

// stripeSays is an error of Stripe's API, before a request comes as far as the token endpoint.
func stripeSays(message string) answer {
	return answer{401, members{{"error", members{{"message", message}, {"type", "invalid_request_error"}}}}}
}
