package oauthtest

import (
	"encoding/json"
	"time"
)

// slack is an app with token rotation; with NoRefreshToken, one without. Its tokens are those of a bot, or of a user.
func slack(string) vendor {
	return vendor{
		manners: manners{
			defaults:   Config{TTL: 12 * time.Hour, RequireSecret: true},
			publicPKCE: true,
			codeAlone:  true,
			formOnly:   true,
			permanent:  true,
			userScopes: true,
			rotation:   replaced,
		},
		paths:       paths{authorize: "/oauth/v2/authorize", token: "/api/oauth.v2.access"},
		contentType: "application/json; charset=utf-8",
		scope:       "commands,incoming-webhook",
		commas:      true,
		access:      "xoxe.",
		refresh:     "xoxe-1-",
		login: "ok access_token token_type scope bot_user_id app_id expires_in refresh_token team enterprise authed_user" +
			" is_enterprise_install",
		fixed: members{
			{"ok", true},
			{"token_type", "bot"},
			{"bot_user_id", "U0OAUTHBOT"},
			{"app_id", "A0OAUTHTEST"},
			{"team", members{{"name", "oauthtest"}, {"id", "T0OAUTHTEST"}}},
			{"enterprise", json.RawMessage("null")},
			{"authed_user", members{{"id", slackUser}}},
			{"is_enterprise_install", false},
		},
		wrap: forUser,
		answers: answers{
			token:  slackSays("invalid_refresh_token"),
			code:   slackSays("invalid_code"),
			client: slackSays("invalid_client_id"),
			secret: slackSays("bad_client_secret"),
			access: slackSays("token_expired"),
			rest:   func(r refusal) answer { return slackSays(r.code) },
		},
	}
}

const slackUser = "U0OAUTHTEST"

// forUser makes m the reply about a user's token: nested after a login, at the top after a refresh.
func forUser(m members, i issue) members {
	if !i.grant.user {
		return m
	}
	m = m.without("bot_user_id").with("token_type", "user")
	if i.presented != "" {
		return m.without("authed_user").with("user_id", slackUser)
	}
	return m.without("authed_user").moved(map[string]string{
		"access_token":  "authed_user.access_token",
		"token_type":    "authed_user.token_type",
		"scope":         "authed_user.scope",
		"expires_in":    "authed_user.expires_in",
		"refresh_token": "authed_user.refresh_token",
	}).at("authed_user.id", slackUser)
}

func slackSays(code string) answer { return answer{200, members{{"ok", false}, {"error", code}}} }
