package oauthtest

import (
	"crypto/rand"
	"net/http"
	"strings"
)

const genericAccess = "oauthtest-access-"

// IsTestToken reports whether an access token was issued by a test server, of this process or another.
func IsTestToken(accessToken string) bool {
	return strings.Contains(accessToken, genericAccess) || strings.HasPrefix(accessToken, org15+"!")
}

// generic speaks as RFC 6749 §5.1 and §5.2 do.
func generic() dialect {
	const contentType = "application/json"
	unauthorized := func() reply {
		out := jsonReply(http.StatusUnauthorized, contentType, members{{"error", "invalid_token"}})
		out.header.Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		return out
	}
	return dialect{
		manners: manners{reuseRevokes: true, refreshGrant: "refresh_token"},
		paths: paths{
			authorize:  "/authorize",
			token:      "/token",
			device:     "/device_authorization",
			devicePage: "/device",
			introspect: "/introspect",
			revoke:     "/revoke",
			userinfo:   "/userinfo",
			keys:       "/keys",
		},
		contentType: contentType,
		sendsIssuer: true,
		hybrid:      true,

		scope:         "read",
		subject:       "oauthtest-user",
		deviceGrant:   "urn:ietf:params:oauth:grant-type:device_code",
		deviceCode:    "device_code",
		expiredDevice: refusal{"expired_token", "the device code has expired"},
		accessType:    "Bearer",

		accessPrefix:  genericAccess,
		refreshPrefix: "oauthtest-refresh-",
		tokenTexts:    1,

		code:         func() string { return "oauthtest-code-" + rand.Text() },
		refuse:       refuseGeneric,
		unauthorized: unauthorized,
		badBearer:    unauthorized,

		members: func(i issue) members {
			m := append(make(members, 0, 8), member{"access_token", i.access})
			if i.refresh != "" {
				m = append(m, member{"refresh_token", i.refresh})
			}
			m = append(m,
				member{"token_type", "Bearer"},
				member{"expires_in", i.secondsLeft()},
				member{"scope", i.grant.scope},
			)
			if i.refresh != "" && !i.refreshExpires.IsZero() {
				m = append(m, member{"refresh_token_expires_in", i.refreshSecondsLeft()})
			}
			return m
		},

		userinfo: members{
			{"sub", "oauthtest-user"},
			{"name", userTitle},
			{"preferred_username", username},
			{"email", username},
			{"email_verified", true},
		},

		wrongMethod: func() reply {
			out := jsonReply(http.StatusMethodNotAllowed, contentType, mustPost.members())
			out.header.Set("Allow", http.MethodPost)
			return out
		},
	}
}

func refuseGeneric(r refusal, basic bool) reply {
	switch r.code {
	case unknownClient.code, malformedBasic.code:
		r.code = "invalid_client" // RFC 6749 has one code for all of them
	case wrongRedirect.code:
		r.code = "invalid_grant"
	}
	out := jsonReply(http.StatusBadRequest, "application/json", r.members())
	if r.code == "invalid_client" {
		out.status = http.StatusUnauthorized
		if basic {
			out.header.Set("WWW-Authenticate", `Basic realm="oauthtest"`)
		}
	}
	return out
}
