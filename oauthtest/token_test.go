package oauthtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// names returns the member names of a JSON object in the order they are written.
func names(t *testing.T, body []byte) string {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(body))
	var out []string
	if _, err := decoder.Token(); err != nil {
		t.Fatal(err)
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decoder.Token(); err != nil {
			t.Fatal(err)
		}
		out = append(out, name.(string))
	}
	return strings.Join(out, " ")
}

func TestReplyShapes(t *testing.T) {
	for _, test := range []struct {
		provider, contentType string
		document, kept        string // the members with a refresh token and without
		access, refresh       string // patterns
	}{
		{
			Generic, "application/json",
			"access_token refresh_token token_type expires_in scope",
			"access_token token_type expires_in scope",
			`^oauthtest-access-\w{26}$`, `^oauthtest-refresh-\w{26}$`,
		},
		{
			Salesforce, "application/json;charset=UTF-8",
			"access_token refresh_token signature scope instance_url id token_type issued_at",
			"access_token signature scope instance_url id token_type issued_at",
			`^00D\w{12}![\w.]{50,}$`, `^5Aep[\w.]{50,}$`,
		},
	} {
		for _, rotate := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/rotate=%t", test.provider, rotate), func(t *testing.T) {
				s := start(t, Config{Provider: test.provider, Rotate: rotate})
				document := s.Document()
				if got := names(t, document); got != test.document {
					t.Errorf("document: %s", got)
				}
				if !bytes.HasPrefix(document, []byte("{\n  \"access_token\": \"")) ||
					!bytes.HasSuffix(document, []byte("\n}\n")) {
					t.Errorf("document is not indented:\n%s", document)
				}
				before := object(t, document)
				response, body := send(t, refreshRequest(s, before["refresh_token"].(string)))
				want := test.kept
				if rotate {
					want = test.document
				}
				if got := names(t, body); got != want {
					t.Errorf("reply: %s", got)
				}
				if bytes.ContainsAny(body, " \n") != (test.provider == Salesforce) ||
					bytes.Contains(body, []byte("\n")) {
					// the only space is the one in Salesforce's scope
					t.Errorf("reply is not compact: %s", body)
				}
				if got := response.Header.Get("Content-Type"); got != test.contentType {
					t.Errorf("Content-Type %q", got)
				}
				if got := response.Header.Get("Cache-Control"); got != "no-store" {
					t.Errorf("Cache-Control %q", got)
				}
				access := object(t, body)["access_token"].(string)
				if !regexp.MustCompile(test.access).MatchString(access) ||
					!regexp.MustCompile(test.refresh).MatchString(before["refresh_token"].(string)) {
					t.Errorf("tokens %q, %q", access, before["refresh_token"])
				}
			})
		}
	}
}

func TestSalesforceMembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewHandler(Config{Provider: Salesforce, ClientSecret: "key"}, "http://127.0.0.1:8080")
		first := saved(t, s)
		time.Sleep(time.Second)
		second := object(t, record(s, refreshRequest(s, first["refresh_token"].(string))).Body.Bytes())
		for _, m := range []map[string]any{first, second} {
			id, issuedAt := m["id"].(string), m["issued_at"].(string)
			if id != "http://127.0.0.1:8080/id/00D0000000FAKE0EAP/0050000000FAKE0AAP" ||
				m["instance_url"] != s.URL() {
				t.Errorf("id %s, instance_url %v", id, m["instance_url"])
			}
			if m["signature"] != sign("key", id+issuedAt) {
				t.Error("the signature does not verify")
			}
			if m["scope"] != "refresh_token id" || m["token_type"] != "Bearer" {
				t.Errorf("scope %v, token_type %v", m["scope"], m["token_type"])
			}
		}
		if want := strconv.FormatInt(time.Now().UnixMilli(), 10); second["issued_at"] != want {
			t.Errorf("issued_at %v, want %s", second["issued_at"], want)
		}
	})
}

// The expected value is openssl's: printf %s MESSAGE | openssl dgst -sha256 -hmac KEY -binary | base64
func TestSign(t *testing.T) {
	const want = "97yD9DBThCSxMpjmqm+xQ+9NWaFJRhdZl0edvC0aPNg="
	if got := sign("key", "The quick brown fox jumps over the lazy dog"); got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
}

func TestGenericExpiry(t *testing.T) {
	for ttl, want := range map[time.Duration]any{0: 3600.0, 90 * time.Second: 90.0} {
		s := NewHandler(Config{TTL: ttl}, local)
		if got := saved(t, s)["expires_in"]; got != want {
			t.Errorf("TTL %v: expires_in %v", ttl, got)
		}
	}
}

func TestExpiryMemberAndMembers(t *testing.T) {
	const scope = `"scope":"read"`
	for _, test := range []struct {
		name    string
		config  Config
		reply   string
		refused string
	}{
		{
			name:    "seconds since 1970",
			config:  Config{ExpiryMember: "expires_on"},
			reply:   `{"access_token":"A1","token_type":"Bearer",` + scope + `,"expires_on":946688400}`,
			refused: `{"error":"invalid_grant","error_description":"expired access/refresh token"}`,
		},
		{
			name:    "a date",
			config:  Config{ExpiryMember: "expires_at", ExpiryLayout: time.RFC3339},
			reply:   `{"access_token":"A1","token_type":"Bearer",` + scope + `,"expires_at":"2000-01-01T01:00:00Z"}`,
			refused: `{"error":"invalid_grant","error_description":"expired access/refresh token"}`,
		},
		{
			name: "other names",
			config: Config{Rotate: true, Members: map[string]string{
				"access_token": "accessToken", "refresh_token": "refreshToken", "expires_in": "expiresIn",
				"error": "code",
			}},
			reply:   `{"accessToken":"A1","refreshToken":"R2","token_type":"Bearer","expiresIn":3600,` + scope + `}`,
			refused: `{"code":"invalid_grant","error_description":"expired access/refresh token"}`,
		},
		{
			name: "nested",
			config: Config{ExpiryMember: "data.token.ends", Members: map[string]string{
				"access_token": "data.token.value", "error": "error.type", "error_description": "error.message",
			}},
			reply:   `{"data":{"token":{"value":"A1","ends":946688400}},"token_type":"Bearer",` + scope + `}`,
			refused: `{"error":{"type":"invalid_grant","message":"expired access/refresh token"}}`,
		},
		{
			name:   "the refresh token's lifetime",
			config: Config{Rotate: true, RefreshTTL: day},
			reply: `{"access_token":"A1","refresh_token":"R2","token_type":"Bearer","expires_in":3600,` +
				scope + `,"refresh_token_expires_in":86400}`,
			refused: `{"error":"invalid_grant","error_description":"expired access/refresh token"}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // whose clock begins with the year 2000
				s := NewHandler(test.config, local)
				seen := new(seenTokens)
				token := s.ledger.grant().refresh
				seen.normalize(s, token)
				if got := seen.normalize(s, record(s, refreshRequest(s, token)).Body.String()); got != test.reply {
					t.Errorf("reply\n got %s\nwant %s", got, test.reply)
				}
				s.Revoke(token)
				if got := record(s, refreshRequest(s, token)).Body.String(); got != test.refused {
					t.Errorf("refused\n got %s\nwant %s", got, test.refused)
				}
				document, expiresIn := string(s.Document()), `"expires_in"`
				if strings.Contains(document, expiresIn) != strings.Contains(test.reply, expiresIn) {
					t.Errorf("the document differs: %s", document)
				}
			})
		})
	}
}
