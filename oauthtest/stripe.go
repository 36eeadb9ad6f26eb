package oauthtest

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// stripe is that of Stripe Apps. A secret key is the user name of HTTP Basic, and no client id is asked for.
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
		access:      "rk_test_",
		refresh:     "rt_",
		login:       "access_token livemode refresh_token scope stripe_publishable_key stripe_user_id token_type",
		refreshed:   "access_token livemode refresh_token scope stripe_publishable_key account_id token_type",
		fixed: members{
			{"livemode", false},
			{"stripe_publishable_key", "pk_test_oauthtest"},
			{"stripe_user_id", "acct_oauthtest"},
			{"account_id", "acct_oauthtest"},
			{"token_type", "bearer"},
		},
		answers: answers{
			token:  says(400, "invalid_grant", "Refresh token does not exist: {refresh_token}"),
			code:   says(400, "invalid_grant", "Authorization code does not exist: {code}"),
			client: says(400, "invalid_client", "No such application: {client_id}"),
			secret: stripeSays("Invalid API Key provided"),
		},
		echo: stripeEcho,
	}
}

// stripeConnect is a platform's: its access tokens do not expire, and a refresh is for when one got out.
func stripeConnect(url string) vendor {
	v := stripe(url)
	v.defaults = Config{TTL: 100 * 365 * day, RequireSecret: true}
	v.rotation = repeated
	v.paths = paths{authorize: "/oauth/authorize", token: "/oauth/token", revoke: "/oauth/deauthorize"}
	v.scope = "read_write"
	v.access = "sk_test_"
	v.login = "access_token livemode refresh_token token_type stripe_publishable_key stripe_user_id scope"
	v.refreshed = ""
	return v
}

// stripeSays is an error of Stripe's API, before a request comes as far as the token endpoint.
func stripeSays(message string) answer {
	return answer{401, members{{"error", members{{"message", message}, {"type", "invalid_request_error"}}}}}
}

// stripeEcho puts what the client sent where a description has its name in braces, secret or not.
func stripeEcho(m members, form url.Values) members {
	out := slices.Clone(m)
	for i, each := range out {
		if text, ok := each.value.(string); ok {
			for name := range form {
				text = strings.ReplaceAll(text, "{"+name+"}", form.Get(name))
			}
			out[i].value = text
		}
	}
	return out
}
