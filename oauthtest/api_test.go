package oauthtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// asBearer sends a request with an access token.
func asBearer(s *Server, method, url, access string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, url, nil)
	r.Header.Set("Authorization", "Bearer "+access)
	return record(s, r)
}

func TestUserinfo(t *testing.T) {
	for _, provider := range providers {
		s := NewHandler(Config{Provider: provider}, local)
		access := saved(t, s)["access_token"].(string)
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			m := object(t, asBearer(s, method, s.UserinfoEndpoint(), access).Body.Bytes())
			if m["sub"] != s.profile.Subject || m["name"] != "Test User" || m["preferred_username"] != username ||
				m["email"] != username {
				t.Errorf("%s: %s: %v", provider, method, m)
			}
		}
	}
}

func TestIdentity(t *testing.T) {
	s := NewHandler(Config{Provider: Salesforce}, local)
	document := saved(t, s)
	id := document["id"].(string)
	w := asBearer(s, http.MethodGet, id, document["access_token"].(string))
	m := object(t, w.Body.Bytes())
	for name, want := range map[string]any{
		"id": id, "user_id": "0050000000FAKE0AAP", "organization_id": "00D0000000FAKE0EAP",
		"username": username, "email": username, "display_name": "Test User", "active": true,
	} {
		if m[name] != want {
			t.Errorf("%s: %v, want %v", name, m[name], want)
		}
	}
	if urls, _ := m["urls"].(map[string]any); urls["rest"] != local+"/services/data/v{version}/" {
		t.Errorf("urls %v", m["urls"])
	}
	if w := asBearer(s, http.MethodGet, id+"x", document["access_token"].(string)); w.Code != http.StatusNotFound {
		t.Errorf("another user: status %d", w.Code)
	}
}

func TestBadBearer(t *testing.T) {
	generic, salesforce := NewHandler(Config{}, local), NewHandler(Config{Provider: Salesforce}, local)
	for _, access := range []string{"", "garbage", refreshToken(t, generic)} {
		w := asBearer(generic, http.MethodGet, generic.UserinfoEndpoint(), access)
		if w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") != `Bearer error="invalid_token"` {
			t.Errorf("status %d, %s", w.Code, w.Header())
		}
		for _, url := range []string{salesforce.UserinfoEndpoint(), salesforce.profile.Subject} {
			if w := asBearer(salesforce, http.MethodGet, url, access); w.Code != http.StatusForbidden ||
				w.Body.String() != "Bad_OAuth_Token" {
				t.Errorf("%s: status %d: %s", url, w.Code, w.Body)
			}
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
		challenge, text = "Token", invalidSession
	}
	if got := response.Header.Get("WWW-Authenticate"); got != challenge || body != text {
		t.Errorf("%s: %q, %s", provider, got, body)
	}
}

// invalidSession is Salesforce's reply to an access token that is not valid.
const invalidSession = `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`

func TestQueryHasTheSameAnswer(t *testing.T) {
	for _, provider := range providers {
		s := NewHandler(Config{Provider: provider}, local)
		access := saved(t, s)["access_token"].(string)
		w := asBearer(s, http.MethodGet, local+"/services/data/v67.0/query?q=SELECT+Name+FROM+Account", access)
		reply := object(t, w.Body.Bytes())
		records, _ := reply["records"].([]any)
		if w.Code != http.StatusOK || reply["done"] != true || reply["totalSize"] != 3.0 || len(records) != 3 {
			t.Fatalf("%s: status %d: %s", provider, w.Code, w.Body)
		}
		if first := records[0].(map[string]any); first["Name"] != "Name 1" || first["attributes"] == nil {
			t.Errorf("%s: record %v", provider, first)
		}
		wantStats(t, s, Stats{ResourceRequests: 1})
	}
}

func TestAPIRefusesRevokedToken(t *testing.T) {
	s := NewHandler(Config{Provider: Salesforce}, local)
	access := saved(t, s)["access_token"].(string)
	s.Revoke(access)
	for _, target := range []string{"/services/data/", "/services/data/v67.0/query?q=SELECT+Id+FROM+Account"} {
		w := asBearer(s, http.MethodGet, local+target, access)
		if w.Code != http.StatusUnauthorized || w.Body.String() != invalidSession {
			t.Errorf("%s: status %d: %s", target, w.Code, w.Body)
		}
	}
	wantStats(t, s, Stats{ResourceRefused: 2})
}

func TestCreateRecord(t *testing.T) {
	s := NewHandler(Config{Provider: Salesforce}, local)
	access := saved(t, s)["access_token"].(string)
	create := func(body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, local+"/services/data/v67.0/sobjects/Account/",
			strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+access)
		return record(s, r)
	}
	w := create(`{"Name":"Acme"}`)
	if reply := object(t, w.Body.Bytes()); w.Code != http.StatusCreated || reply["success"] != true ||
		len(reply["id"].(string)) != 18 {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	for _, cut := range []string{"", `{"Name":"Ac`, "null", `{"Name":"Acme"}{"Name":"Acme"}`} {
		if w := create(cut); w.Code != http.StatusBadRequest ||
			!strings.Contains(w.Body.String(), "JSON_PARSER_ERROR") {
			t.Errorf("%s: status %d: %s", cut, w.Code, w.Body)
		}
	}
}

func TestAPIErrorsByProvider(t *testing.T) {
	for provider, want := range map[string]string{
		"slack": `200 {"ok":false,"error":"token_expired"}`,
		"facebook": `400 {"error":{"message":"Error validating access token: Session has expired.",` +
			`"type":"OAuthException","code":190,"error_subcode":463,"fbtrace_id":"AoauthtestTrace"}}`,
		"xero": `401 {"error":"invalid_token"}`,
	} {
		s := NewHandler(Config{Provider: provider}, local)
		if w := get(s, local+"/services/data/"); fmt.Sprintf("%d %s", w.Code, w.Body) != want {
			t.Errorf("%s: status %d: %s", provider, w.Code, w.Body)
		}
	}
}
