package oauthtest

import "time"

// gitHub is a GitHub App. With NoRefreshToken it is an OAuth App, or one that has opted out of tokens that expire.
func gitHub(string) vendor {
	return vendor{
		manners: manners{
			defaults:       Config{TTL: 8 * time.Hour, RefreshTTL: 183 * day, RequireSecret: true, OneAccessToken: true},
			auth:           inBody,
			publicDevices:  true,
			codeAlone:      true,
			formUnlessJSON: true,
			permanent:      true,
			rotation:       replaced,
		},
		paths: paths{
			authorize: "/login/oauth/authorize", token: "/login/oauth/access_token", device: "/login/device/code", devicePage: "/login/device",
		},
		contentType: "application/json; charset=utf-8",
		commas:      true,
		access:      "ghu_",
		refresh:     "ghr_",
		login:       "access_token expires_in refresh_token refresh_token_expires_in token_type scope",
		fixed:       members{{"token_type", "bearer"}},
		wrap: func(m members, i issue) members {
			if i.permanent {
				return m
			}
			return m.with("scope", "") // an app has permissions instead
		},
		answers: answers{
			token:  gitHubSays("bad_refresh_token", "The refresh token passed is incorrect or expired."),
			code:   gitHubSays("bad_verification_code", "The code passed is incorrect or expired."),
			client: gitHubSays("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect."),
			secret: gitHubSays("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect."),
			rest:   func(r refusal) answer { return gitHubSays(r.code, r.description) },
		},
	}
}

// gitHubSays is an error, which comes with status 200.
func gitHubSays(code, description string) answer {
	a := says(200, code, description)
	a.members = a.members.with("error_uri", "https://docs.github.com")
	return a
}
