package oauthtest

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The generic server's replies in shapes that vendors have.
func TestShapesByConfig(t *testing.T) {
	const scope = `"scope":"read"`
	for _, test := range []struct {
		name    string
		config  Config
		reply   string
		refusal string
	}{
		{
			name:    "seconds since 1970",
			config:  Config{ExpiryMember: "expires_on"},
			reply:   `{"access_token":"A1","token_type":"Bearer",` + scope + `,"expires_on":946688400}`,
			refusal: `{"error":"invalid_grant","error_description":"expired access/refresh token"}`,
		},
		{
			name:    "a date",
			config:  Config{ExpiryMember: "expires_at", ExpiryLayout: time.RFC3339},
			reply:   `{"access_token":"A1","token_type":"Bearer",` + scope + `,"expires_at":"2000-01-01T01:00:00Z"}`,
			refusal: `{"error":"invalid_grant","error_description":"expired access/refresh token"}`,
		},
		{
			name: "other names",
			config: Config{Rotate: true, Members: map[string]string{
				"access_token": "accessToken", "refresh_token": "refreshToken", "expires_in": "expiresIn", "error": "code",
			}},
			reply:   `{"accessToken":"A1","refreshToken":"R2","token_type":"Bearer","expiresIn":3600,` + scope + `}`,
			refusal: `{"code":"invalid_grant","error_description":"expired access/refresh token"}`,
		},
		{
			name: "nested",
			config: Config{ExpiryMember: "data.token.ends", Members: map[string]string{
				"access_token": "data.token.value", "error": "error.type", "error_description": "error.message",
			}},
			reply:   `{"data":{"token":{"value":"A1","ends":946688400}},"token_type":"Bearer",` + scope + `}`,
			refusal: `{"error":{"type":"invalid_grant","message":"expired access/refresh token"}}`,
		},
		{
			name:    "the refresh token's life",
			config:  Config{Rotate: true, RefreshTTL: day},
			reply:   `{"access_token":"A1","refresh_token":"R2","token_type":"Bearer","expires_in":3600,` + scope + `,"refresh_token_expires_in":86400}`,
			refusal: `{"error":"invalid_grant","error_description":"expired access/refresh token"}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // whose clock begins with the year 2000
				s := NewHandler(test.config, local)
				seen := new(tokensSeen)
				token := s.ledger.grant().refresh
				seen.in(s, token)
				if got := seen.in(s, record(s, refreshRequest(s, token)).Body.String()); got != test.reply {
					t.Errorf("reply\n got %s\nwant %s", got, test.reply)
				}
				s.Revoke(token)
				if got := record(s, refreshRequest(s, token)).Body.String(); got != test.refusal {
					t.Errorf("refusal\n got %s\nwant %s", got, test.refusal)
				}
				if document := string(s.Document()); strings.Contains(document, `"expires_in"`) != strings.Contains(test.reply, `"expires_in"`) {
					t.Errorf("the document has another shape: %s", document)
				}
			})
		})
	}
}

// A refresh token lives for RefreshTTL from when it was first issued.
func TestRefreshTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewHandler(Config{Rotate: true, RefreshTTL: day}, local)
		first := refreshToken(t, s)
		time.Sleep(day - time.Second)
		_, second := wantSuccess(t, record(s, refreshRequest(s, first)))
		time.Sleep(day - time.Second)
		if !s.ValidRefresh(second) {
			t.Error("the second has ended with the first")
		}
		time.Sleep(time.Second)
		wantRefusal(t, record(s, refreshRequest(s, second)), "invalid_grant", dead)
		if got := s.Stats(); got.Reuses != 0 || got.GrantsRevoked != 0 {
			t.Errorf("expiry is not reuse: %+v", got)
		}

		kept := NewHandler(Config{RefreshTTL: day}, local)
		token := refreshToken(t, kept)
		time.Sleep(day - time.Second)
		wantSuccess(t, record(kept, refreshRequest(kept, token)))
		time.Sleep(time.Second)
		if kept.ValidRefresh(token) {
			t.Error("a refresh has prolonged the refresh token that it kept")
		}
	})
}
