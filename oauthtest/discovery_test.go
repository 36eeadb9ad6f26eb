package oauthtest

import (
	"net/http"
	"strings"
	"testing"
)

func TestMetadata(t *testing.T) {
	for provider, paths := range map[string]map[string]string{
		Generic: {
			"authorization_endpoint": "/authorize", "token_endpoint": "/token", "userinfo_endpoint": "/userinfo",
			"introspection_endpoint": "/introspect", "revocation_endpoint": "/revoke", "jwks_uri": "/keys",
			"device_authorization_endpoint": "/device_authorization",
		},
		Salesforce: {
			"authorization_endpoint": "/services/oauth2/authorize", "token_endpoint": "/services/oauth2/token",
			"userinfo_endpoint": "/services/oauth2/userinfo", "introspection_endpoint": "/services/oauth2/introspect",
			"revocation_endpoint": "/services/oauth2/revoke", "jwks_uri": "/id/keys",
		},
	} {
		s := NewHandler(Config{Provider: provider}, local)
		for _, name := range []string{"openid-configuration", "oauth-authorization-server"} {
			w := get(s, local+"/.well-known/"+name)
			m := object(t, w.Body.Bytes())
			if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" ||
				m["issuer"] != s.URL() {
				t.Fatalf("%s: %s: status %d: %s", provider, name, w.Code, w.Body)
			}
			for endpoint, path := range paths {
				if m[endpoint] != local+path {
					t.Errorf("%s: %s is %v", provider, endpoint, m[endpoint])
				}
				if w := get(s, local+path); w.Code == http.StatusNotFound {
					t.Errorf("%s: nothing is at %s", provider, path)
				}
			}
			if device, present := m["device_authorization_endpoint"]; present != (provider == Generic) {
				t.Errorf("%s: device_authorization_endpoint %v", provider, device)
			}
			if iss := m["authorization_response_iss_parameter_supported"]; (iss == true) != (provider == Generic) {
				t.Errorf("%s: iss parameter: %v", provider, iss)
			}
			for _, scope := range m["scopes_supported"].([]any) {
				if strings.Contains(scope.(string), " ") {
					t.Errorf("%s: scope %q", provider, scope)
				}
			}
		}
	}
}

func TestEndpoints(t *testing.T) {
	for provider, want := range map[string]string{
		Generic: "/authorize /token /device_authorization /introspect /revoke /userinfo",
		Salesforce: "/services/oauth2/authorize /services/oauth2/token /services/oauth2/token " +
			"/services/oauth2/introspect /services/oauth2/revoke /services/oauth2/userinfo",
	} {
		s := NewHandler(Config{Provider: provider}, local)
		got := strings.ReplaceAll(strings.Join([]string{
			s.AuthorizationEndpoint(), s.TokenEndpoint(), s.DeviceEndpoint(),
			s.IntrospectionEndpoint(), s.RevocationEndpoint(), s.UserinfoEndpoint(),
		}, " "), local, "")
		if got != want {
			t.Errorf("%s: %s", provider, got)
		}
	}
}
