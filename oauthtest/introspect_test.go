package oauthtest

import (
	"net/url"
	"reflect"
	"testing"
	"testing/synctest"
	"time"
)

func introspect(t *testing.T, s *Server, token string) map[string]any {
	t.Helper()
	form := url.Values{"client_id": {s.ClientID()}, "token": {token}}
	return object(t, post(s, s.IntrospectionEndpoint(), form).Body.Bytes())
}

func TestIntrospection(t *testing.T) {
	for provider, kinds := range map[string][2]any{
		Generic: {"Bearer", nil}, Salesforce: {"access_token", "refresh_token"},
	} {
		t.Run(provider, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := NewHandler(Config{Provider: provider, TTL: time.Minute}, local)
				access, refresh := wantSuccess(t, exchange(s, allowedCode(t, s, with("scope", "api"))))
				now := float64(time.Now().Unix())
				for token, want := range map[string]map[string]any{
					access:    {"token_type": kinds[0], "iat": now, "nbf": now, "exp": now + 60},
					refresh:   {"token_type": kinds[1], "exp": nil},
					"garbage": nil,
				} {
					got := introspect(t, s, token)
					if want == nil {
						wantInactive(t, got)
						continue
					}
					for name, value := range map[string]any{
						"active": true, "scope": "api", "client_id": s.ClientID(), "username": username,
						"sub": s.profile.Subject,
					} {
						want[name] = value
					}
					for name, value := range want {
						if got[name] != value {
							t.Errorf("%s: %v, want %v", name, got[name], value)
						}
					}
				}

				time.Sleep(time.Minute)
				wantInactive(t, introspect(t, s, access))
				s.Revoke(refresh)
				wantInactive(t, introspect(t, s, refresh))
			})
		})
	}
}

// RFC 7662 §2.2: the reply says nothing else about a token that is not active.
func wantInactive(t *testing.T, got map[string]any) {
	t.Helper()
	if !reflect.DeepEqual(got, map[string]any{"active": false}) {
		t.Errorf("%v, want active: false and nothing else", got)
	}
}

func TestIntrospectedAudience(t *testing.T) {
	s := NewHandler(Config{}, local)
	access, _ := wantSuccess(t,
		exchange(s, allowedCode(t, s, with("resource", "https://a.example", "https://b.example"))))
	got, want := introspect(t, s, access)["aud"], []any{"https://a.example", "https://b.example"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("aud %v", got)
	}
}

func TestRefusedIntrospections(t *testing.T) {
	s := NewHandler(Config{RequireSecret: true}, local)
	form := url.Values{"client_id": {s.ClientID()}, "token": {refreshToken(t, s)}}
	wantError(t, post(s, s.IntrospectionEndpoint(), form), "invalid_client", "invalid client credentials")
	form.Set("client_secret", s.ClientSecret())
	form.Del("token")
	wantError(t, post(s, s.IntrospectionEndpoint(), form), "invalid_request", "missing required parameter: token")
}
