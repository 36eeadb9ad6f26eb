package oauthtest

import (
	"cmp"
	"net/http"
	"strings"
)

// The one user, who allows and denies.
const (
	userTitle = "Test User"
	username  = "user@example.com" // an email address too
)

// identityPath is where Salesforce tells who a user is: the path of the member id of its token responses.
const identityPath = "/id/" + org18 + "/" + user18

// userinfo is OpenID Connect Core §5.3, whatever the scope.
func (s *Server) userinfo(*http.Request) reply {
	return jsonReply(http.StatusOK, s.dialect.contentType, s.dialect.userinfo)
}

// identity is Salesforce's identity URL.
func (s *Server) identity(*http.Request) reply {
	return jsonReply(http.StatusOK, s.dialect.contentType, members{
		{"id", s.url + identityPath},
		{"asserted_user", true},
		{"user_id", user18},
		{"organization_id", org18},
		{"username", username},
		{"nick_name", "user"},
		{"display_name", userTitle},
		{"email", username},
		{"email_verified", true},
		{"first_name", "Test"},
		{"last_name", "User"},
		{"timezone", "Europe/Berlin"},
		{"urls", salesforceURLs(s.url)},
		{"active", true},
		{"user_type", "STANDARD"},
		{"language", "en_US"},
		{"locale", "en_US"},
	})
}

func salesforceUserinfo(url string) members {
	return members{
		{"sub", url + identityPath},
		{"user_id", user18},
		{"organization_id", org18},
		{"preferred_username", username},
		{"nickname", "user"},
		{"name", userTitle},
		{"email", username},
		{"email_verified", true},
		{"given_name", "Test"},
		{"family_name", "User"},
		{"zoneinfo", "Europe/Berlin"},
		{"urls", salesforceURLs(url)},
		{"active", true},
		{"user_type", "STANDARD"},
		{"locale", "en_US"},
	}
}

func salesforceURLs(url string) members {
	return members{
		{"rest", url + "/services/data/v{version}/"},
		{"sobjects", url + "/services/data/v{version}/sobjects/"},
		{"query", url + "/services/data/v{version}/query/"},
		{"profile", url + "/" + user18},
	}
}

// bearer returns the access token that r presents, as RFC 6750 §2.1 says or the provider wants it, or "".
func (s *Server) bearer(r *http.Request) string {
	if s.dialect.tokenHeader != "" {
		return r.Header.Get(s.dialect.tokenHeader)
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") && scheme != cmp.Or(s.dialect.scheme, "Bearer") {
		return ""
	}
	return token
}
