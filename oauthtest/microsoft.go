package oauthtest

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// microsoft is Entra for work accounts. Its refresh tokens are not ended by those that replace them.
func microsoft(string) vendor {
	return vendor{
		manners: manners{
			defaults: Config{IdleLimit: 90 * day},
			parts:    map[string]string{"tenant": "common"},
			offline:  "offline_access",
			formOnly: true,
			rotation: joined,
		},
		paths: paths{
			authorize: "/{tenant}/oauth2/v2.0/authorize", token: "/{tenant}/oauth2/v2.0/token", device: "/{tenant}/oauth2/v2.0/devicecode",
			userinfo: "/oidc/userinfo", keys: "/{tenant}/discovery/v2.0/keys",
		},
		contentType: "application/json; charset=utf-8",
		scope:       "openid profile offline_access",
		refresh:     "1.",
		login:       "token_type scope expires_in ext_expires_in access_token refresh_token",
		fixed:       members{{"token_type", "Bearer"}},
		wrap: func(m members, i issue) members {
			return m.with("scope", strings.Join(slices.DeleteFunc(strings.Fields(i.grant.scope), isOffline), " "))
		},
		answers: answers{
			token: says(400, "invalid_grant",
				"AADSTS70000: The provided value for the input parameter 'refresh_token' or 'assertion' is not valid."),
			code:   says(400, "invalid_grant", "AADSTS70008: The provided authorization code or refresh token has expired."),
			client: says(400, "unauthorized_client", "AADSTS700016: Application with identifier '00000000' was not found in the directory."),
			secret: says(401, "invalid_client", "AADSTS7000215: Invalid client secret provided."),
			rest:   microsoftSays,
		},
		adorn: traced,
	}
}

// isOffline picks the scope that Microsoft grants without saying so.
func isOffline(scope string) bool { return scope == "offline_access" }

func microsoftSays(r refusal) answer {
	number := map[string]int{
		pending.code:          70016,
		denied.code:           70017,
		slowDown.code:         70018,
		unsupportedGrant.code: 70003,
	}[r.code]
	if number == 0 {
		number = 900144
	}
	return says(400, r.code, fmt.Sprintf("AADSTS%d: %s.", number, r.description))
}

// traced adds to a refusal by which Microsoft's support finds it. The description begins with its number.
func traced(m members) members {
	const code, description = 0, 1 // as says puts them
	text := m[description].value.(string)
	number, _, _ := strings.Cut(strings.TrimPrefix(text, "AADSTS"), ":")
	trace, correlation, at := uuid(), uuid(), time.Now().UTC().Format("2006-01-02 15:04:05Z")
	return members{
		m[code],
		{"error_description", fmt.Sprintf("%s Trace ID: %s Correlation ID: %s Timestamp: %s", text, trace, correlation, at)},
		{"error_codes", []json.Number{json.Number(number)}},
		{"timestamp", at},
		{"trace_id", trace},
		{"correlation_id", correlation},
		{"error_uri", "https://login.microsoftonline.com/error?code=" + number},
	}
}

// uuid is one of RFC 9562 §5.4.
func uuid() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
