package oauthtest

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
)

// Salesforce's record identifiers, in their 15 character form where the suffix is left off.
const (
	org15  = "00D0000000FAKE0"
	org18  = org15 + "EAP"
	user18 = "0050000000FAKE0AAP"
)

// salesforce speaks as login.salesforce.com does, for an org that lives at url too.
func salesforce(url, clientSecret string) dialect {
	const contentType = "application/json;charset=UTF-8"
	id := url + identityPath
	refuse := func(r refusal, basic bool) reply {
		return jsonReply(http.StatusBadRequest, contentType, r.members())
	}
	return dialect{
		manners: manners{reuseRevokes: true, refreshGrant: "refresh_token"},
		paths: paths{
			authorize:  "/services/oauth2/authorize",
			token:      "/services/oauth2/token",
			devicePage: "/setup/connect",
			introspect: "/services/oauth2/introspect",
			revoke:     "/services/oauth2/revoke",
			userinfo:   "/services/oauth2/userinfo",
			keys:       "/id/keys",
		},
		contentType:    contentType,
		refusesOverlap: true,
		strictRevoke:   true,

		scope:         "refresh_token id",
		subject:       id,
		deviceGrant:   "device",
		deviceCode:    "code",
		expiredDevice: expiredCode,
		accessType:    "access_token",
		refreshType:   "refresh_token",

		accessPrefix:  org15 + "!AQ",
		refreshPrefix: "5Aep861",
		tokenTexts:    3,

		code:        func() string { return "aPrx" + rand.Text() + rand.Text() + "==" },
		userinfo:    salesforceUserinfo(url),
		refuse:      refuse,
		wrongMethod: func() reply { return refuse(mustPost, false) },

		members: func(i issue) members {
			issuedAt := strconv.FormatInt(i.at.UnixMilli(), 10)
			m := append(make(members, 0, 8), member{"access_token", i.access})
			if i.refresh != "" {
				m = append(m, member{"refresh_token", i.refresh})
			}
			return append(m,
				member{"signature", sign(clientSecret, id+issuedAt)},
				member{"scope", i.grant.scope},
				member{"instance_url", url},
				member{"id", id},
				member{"token_type", "Bearer"},
				member{"issued_at", issuedAt},
			)
		},

		unauthorized: func() reply {
			return reply{
				status:      http.StatusUnauthorized,
				contentType: contentType,
				header:      http.Header{"Www-Authenticate": {"Token"}},
				body:        []byte(`[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`),
			}
		},

		badBearer: func() reply {
			return reply{status: http.StatusForbidden, contentType: "text/html;charset=UTF-8", body: []byte("Bad_OAuth_Token")}
		},
	}
}

func sign(secret, message string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(message))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
