package oauthtest

import (
	"net/http"
	"strings"
)

// serveMetadata is OpenID Connect Discovery §4.2 and RFC 8414 §3.2 in one document.
func (s *Server) serveMetadata(w http.ResponseWriter, r *http.Request) {
	d := s.dialect
	m := members{
		{"issuer", s.url},
		{"authorization_endpoint", s.AuthorizationEndpoint()},
		{"token_endpoint", s.TokenEndpoint()},
		{"userinfo_endpoint", s.UserinfoEndpoint()},
		{"introspection_endpoint", s.IntrospectionEndpoint()},
		{"revocation_endpoint", s.RevocationEndpoint()},
		{"jwks_uri", s.at(d.paths.keys)},
		{"scopes_supported", append(strings.Fields(d.scope), "openid", "profile", "email", "offline_access")},
		{"response_types_supported", []string{"code"}},
		{"response_modes_supported", []string{"query", "form_post"}},
		{"grant_types_supported", []string{"authorization_code", "refresh_token", d.deviceGrant}},
		{"subject_types_supported", []string{"public"}},
		{"id_token_signing_alg_values_supported", []string{"RS256"}},
		{"token_endpoint_auth_methods_supported", d.auth.methods()},
		{"code_challenge_methods_supported", []string{"S256", "plain"}},
	}
	if d.hybrid {
		m = m.with("response_types_supported", []string{"code", "code id_token"})
		m = m.with("response_modes_supported", []string{"query", "fragment", "form_post"})
	}
	if d.paths.device != "" {
		m = m.with("device_authorization_endpoint", s.DeviceEndpoint())
	}
	if d.sendsIssuer {
		m = m.with("authorization_response_iss_parameter_supported", true)
	}
	jsonReply(http.StatusOK, "application/json", m).send(w)
}

// AuthorizationEndpoint returns the URL of the page on which the user allows or denies (RFC 6749 §3.1).
func (s *Server) AuthorizationEndpoint() string { return s.at(s.dialect.paths.authorize) }

// TokenEndpoint returns the URL that takes codes, refresh tokens and device codes (RFC 6749 §3.2).
func (s *Server) TokenEndpoint() string { return s.at(s.dialect.paths.token) }

// DeviceEndpoint returns the URL that gives out device codes (RFC 8628 §3.1): with Salesforce, the token endpoint.
func (s *Server) DeviceEndpoint() string {
	if s.dialect.paths.device == "" {
		return s.TokenEndpoint()
	}
	return s.at(s.dialect.paths.device)
}

// IntrospectionEndpoint returns the URL that tells whether a token is alive (RFC 7662).
func (s *Server) IntrospectionEndpoint() string { return s.at(s.dialect.paths.introspect) }

// RevocationEndpoint returns the URL that ends a token (RFC 7009).
func (s *Server) RevocationEndpoint() string { return s.at(s.dialect.paths.revoke) }

// UserinfoEndpoint returns the URL that tells whose access token it is (OpenID Connect Core §5.3).
func (s *Server) UserinfoEndpoint() string { return s.at(s.dialect.paths.userinfo) }

// at is the address of an endpoint.
func (s *Server) at(path string) string {
	for name, value := range s.dialect.parts {
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	return s.url + path
}
