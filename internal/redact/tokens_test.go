package redact_test

import (
	"testing"

	"github.com/freshet-dev/freshet/internal/redact"
)

func TestTokens(t *testing.T) {
	for text, want := range map[string]string{
		"token dGhpcyBpcyBub3QgYSBzZWNyZXQ1 is old":           "token [secret] is old",
		"token q8Jz/4kXbP2mVt7/Rw9LsYc3/HnD5g== is old":       "token [secret] is old",
		"token 'q8Jz/4kXbP2m+t7/Rw9LsYc3/HnD5g=='.":           "token '[secret]'.",
		"token aQbWcErTdYfUgIhOjPkAlSmDnFoGpHqJrKsL":          "token [secret]",
		"token qwertyuiopasdfghjklzxcvbnmqwertyuiop":          "token [secret]",
		"code INVALIDREFRESHTOKEN":                            "code INVALIDREFRESHTOKEN",
		"InvalidRefreshTokenGrantConfigurationException":      "InvalidRefreshTokenGrantConfigurationException",
		"REFRESH_TOKEN_WAS_ALREADY_EXPIRED_AND_REMOVED":       "REFRESH_TOKEN_WAS_ALREADY_EXPIRED_AND_REMOVED",
		"see https://dev.example.com/docs/OAuth2/V1/Token":    "see https://dev.example.com/docs/OAuth2/V1/Token",
		"see op.example.com/oauth2/v1/tokenEndpoints/Errors":  "see op.example.com/oauth2/v1/tokenEndpoints/Errors",
		"POST /services/oauth2/v2/customerAccounts/refresh":   "POST /services/oauth2/v2/customerAccounts/refresh",
		"api/v2/customerAccounts/refreshTokens":               "api/v2/customerAccounts/refreshTokens",
		"https://abcdefghijklmnopqrstuvwxyzabcdefgh.example/": "https://abcdefghijklmnopqrstuvwxyzabcdefgh.example/",
		"request 11111111-2222-3333-4444-555555555555":        "request 11111111-2222-3333-4444-555555555555",
	} {
		if got := redact.Tokens(text); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", text, got, want)
		}
	}
}
