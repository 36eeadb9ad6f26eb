package oauthtest

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// asBearer asks with an access token.
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
			if m["sub"] != s.dialect.subject || m["name"] != userTitle || m["preferred_username"] != username || m["email"] != username {
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
		"id": id, "user_id": user18, "organization_id": org18, "username": username, "email": username, "display_name": userTitle, "active": true,
	} {
		if m[name] != want {
			t.Errorf("%s: %v, want %v", name, m[name], want)
		}
	}
	if urls, _ := m["urls"].(map[string]any); urls["rest"] != local+"/services/data/v{version}/" {
		t.Errorf("urls %v", m["urls"])
	}
	if w := asBearer(s, http.MethodGet, id+"x", document["access_token"].(string)); w.Code != http.StatusNotFound {
		t.Errorf("somebody else: status %d", w.Code)
	}
}

func TestBadBearer(t *testing.T) {
	generic, salesforce := NewHandler(Config{}, local), NewHandler(Config{Provider: Salesforce}, local)
	for _, access := range []string{"", "garbage", refreshToken(t, generic)} {
		w := asBearer(generic, http.MethodGet, generic.UserinfoEndpoint(), access)
		if w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") != `Bearer error="invalid_token"` {
			t.Errorf("status %d, %s", w.Code, w.Header())
		}
		for _, url := range []string{salesforce.UserinfoEndpoint(), local + identityPath} {
			if w := asBearer(salesforce, http.MethodGet, url, access); w.Code != http.StatusForbidden || w.Body.String() != "Bad_OAuth_Token" {
				t.Errorf("%s: status %d: %s", url, w.Code, w.Body)
			}
		}
	}
}
