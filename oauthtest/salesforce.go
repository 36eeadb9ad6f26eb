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
	id := url + "/id/" + org18 + "/" + user18
	refuse := func(r refusal, basic bool) reply {
		return jsonReply(http.StatusBadRequest, contentType, r.members())
	}
	return dialect{
		tokenPath:      "/services/oauth2/token",
		contentType:    contentType,
		refusesOverlap: true,
		accessToken:    func() string { return org15 + "!AQ" + rand.Text() + "." + rand.Text() + "_" + rand.Text() },
		refreshToken:   func() string { return "5Aep861" + rand.Text() + "." + rand.Text() + "_" + rand.Text() },
		refuse:         refuse,
		wrongMethod:    func() reply { return refuse(mustPost, false) },

		members: func(i issue) members {
			issuedAt := strconv.FormatInt(i.at.UnixMilli(), 10)
			m := members{{"access_token", i.access}}
			if i.refresh != "" {
				m = append(m, member{"refresh_token", i.refresh})
			}
			return append(m,
				member{"signature", sign(clientSecret, id+issuedAt)},
				member{"scope", "refresh_token id"},
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
	}
}

func sign(secret, message string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(message))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
