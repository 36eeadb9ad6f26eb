package oauthtest

import "time"

// shopify is one shop's. A login whose exchange of the code has expiring=1 gets tokens that expire; any other gets one that
// does not, without a refresh token.
func shopify(string) vendor {
	return vendor{
		manners: manners{
			defaults:    Config{TTL: time.Hour, RefreshTTL: 90 * day, Grace: 30 * day, RequireSecret: true},
			redirect:    map[string]string{"shop": "oauthtest.myshopify.com"},
			auth:        inBody,
			tokenHeader: "X-Shopify-Access-Token",
			codeAlone:   true,
			offline:     "expiring=1",
			permanent:   true,
			rotation:    replaced,
		},
		paths:       paths{authorize: "/admin/oauth/authorize", token: "/admin/oauth/access_token"},
		contentType: "application/json; charset=utf-8",
		scope:       "read_orders,write_products",
		commas:      true,
		access:      "shpat_",
		refresh:     "shprt_",
		login:       "access_token scope expires_in refresh_token refresh_token_expires_in",
		answers: answers{
			token:  says(401, "invalid_request", "This request requires an active refresh_token"),
			code:   says(400, "invalid_request", "The authorization code was not found or was already used"),
			client: says(400, "application_cannot_be_found", "No app has this client id"),
			secret: says(401, "invalid_client", "Client authentication failed due to unknown client, no client authentication included, "+
				"or unsupported authentication method."),
		},
	}
}
