package oauthtest

// facebook has no refresh tokens: an access token is exchanged for one that lives as long again. Its requests are GETs, and its
// errors objects.
func facebook(string) vendor {
	return vendor{
		manners: manners{
			defaults:     Config{TTL: 60 * day, RequireSecret: true},
			parts:        map[string]string{"version": "v23.0"},
			auth:         inBody,
			refreshGrant: "fb_exchange_token",
			codeAlone:    true,
			formOnly:     true,
			fromAddress:  true,
			takesGet:     true,
			prolongs:     true,
		},
		paths: paths{
			authorize: "/{version}/dialog/oauth", token: "/{version}/oauth/access_token", userinfo: "/{version}/me",
		},
		contentType: "application/json; charset=UTF-8",
		scope:       "public_profile",
		access:      "EAA",
		login:       "access_token token_type expires_in",
		fixed:       members{{"token_type", "bearer"}},
		answers: answers{
			token:  facebookExpired(),
			code:   facebookSays("This authorization code has expired.", 100, member{"error_subcode", 36007}),
			client: facebookSays("Error validating application. Invalid application ID.", 101),
			secret: facebookSays("Error validating client secret.", 1),
			access: facebookExpired(),
			rest:   func(r refusal) answer { return facebookSays(r.description, 100) },
		},
	}
}

func facebookExpired() answer {
	return facebookSays("Error validating access token: Session has expired.", 190, member{"error_subcode", 463})
}

func facebookSays(message string, code int, subcode ...member) answer {
	m := members{{"message", message}, {"type", "OAuthException"}, {"code", code}}
	m = append(append(m, subcode...), member{"fbtrace_id", "AoauthtestTrace"})
	return answer{400, members{{"error", m}}}
}
