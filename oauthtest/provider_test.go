package oauthtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
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

func TestShapes(t *testing.T) {
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
				if !bytes.HasPrefix(document, []byte("{\n  \"access_token\": \"")) || !bytes.HasSuffix(document, []byte("\n}\n")) {
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
				if bytes.ContainsAny(body, " \n") != (test.provider == Salesforce) || bytes.Contains(body, []byte("\n")) {
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
				if !regexp.MustCompile(test.access).MatchString(access) || !regexp.MustCompile(test.refresh).MatchString(before["refresh_token"].(string)) {
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
			if id != "http://127.0.0.1:8080/id/00D0000000FAKE0EAP/0050000000FAKE0AAP" || m["instance_url"] != s.URL() {
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

// The vector is openssl's: printf %s MESSAGE | openssl dgst -sha256 -hmac KEY -binary | base64
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

func TestResource(t *testing.T) {
	for _, provider := range providers {
		s := start(t, Config{Provider: provider})
		access := saved(t, s)["access_token"].(string)
		for authorization, want := range map[string]int{
			"Bearer " + access: 200, "bearer " + access: 200,
			"Basic " + access: 401, "Bearer garbage": 401, "Bearer": 401, "": 401,
		} {
			r := formRequest(s.URL()+"/services/data/", nil)
			r.Method, r.Body = http.MethodGet, nil
			r.Header.Set("Authorization", authorization)
			response, body := send(t, r)
			if response.StatusCode != want {
				t.Errorf("%s, %q: status %d: %s", provider, authorization, response.StatusCode, body)
			}
			var list []map[string]string
			if err := json.Unmarshal(body, &list); want == 200 && (err != nil || list[0]["version"] == "") {
				t.Errorf("%s: %s, %v", provider, body, err)
			}
			if want == 401 {
				wantUnauthorized(t, provider, response, string(body))
			}
		}
	}
}

func wantUnauthorized(t *testing.T, provider string, response *http.Response, body string) {
	t.Helper()
	challenge, text := `Bearer error="invalid_token"`, `{"error":"invalid_token"}`
	if provider == Salesforce {
		challenge, text = "Token", `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`
	}
	if got := response.Header.Get("WWW-Authenticate"); got != challenge || body != text {
		t.Errorf("%s: %q, %s", provider, got, body)
	}
}
