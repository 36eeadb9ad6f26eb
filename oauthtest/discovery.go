package oauthtest

import (
	"net/http"
	"strings"
)

// serveMetadata sends the metadata of OpenID Connect Discovery §4.2 and RFC 8414 §3.2.
func (s *Server) serveMetadata(w http.ResponseWriter, r *http.Request) {
	p := s.profile
	m := members{
		{"issuer", s.url},
		{"authorization_endpoint", s.AuthorizationEndpoint()},
		{"token_endpoint", s.TokenEndpoint()},
		{"userinfo_endpoint", s.UserinfoEndpoint()},
		{"introspection_endpoint", s.IntrospectionEndpoint()},
		{"revocation_endpoint", s.RevocationEndpoint()},
		{"jwks_uri", s.endpoint(p.Endpoints.Keys)},
		{"scopes_supported", append(strings.Fields(p.Scope), "openid", "profile", "email", "offline_access")},
		{"response_types_supported", []string{"code"}},
		{"response_modes_supported", []string{"query", "form_post"}},
		{"grant_types_supported", []string{"authorization_code", "refresh_token", clientCredentials, jwtBearer, p.DeviceGrant}},
		{"subject_types_supported", []string{"public"}},
		{"id_token_signing_alg_values_supported", []string{"RS256"}},
		{"token_endpoint_auth_methods_supported", p.Auth.methods()},
		{"code_challenge_methods_supported", []string{"S256", "plain"}},
	}
	if p.Hybrid {
		m = m.with("response_types_supported", []string{"code", "code id_token"})
		m = m.with("response_modes_supported", []string{"query", "fragment", "form_post"})
	}
	if len(s.clientKeys) > 0 {
		m = m.with("token_endpoint_auth_methods_supported", append([]string{"private_key_jwt"}, p.Auth.methods()...))
	}
	if p.Endpoints.Device != "" {
		m = m.with("device_authorization_endpoint", s.DeviceEndpoint())
	}
	if types := s.expirationTypes(); types != nil {
		m = m.with("refresh_token_expiration_types_supported", types)
	}
	if p.SendsIssuer {
		m = m.with("authorization_response_iss_parameter_supported", true)
	}
	jsonReply(http.StatusOK, "application/json", m).send(w)
}

// expirationTypes returns what ends a refresh token, as draft-ietf-oauth-refresh-token-expiration names
// it, if token responses say so.
func (s *Server) expirationTypes() (types []string) {
	if s.cfg.GrantTTL > 0 && s.profile.Login.value("authorization_expires_in") != nil {
		types = append(types, "authorization")
	}
	if s.cfg.IdleLimit > 0 && s.profile.Login.value("refresh_token_timeout") != nil {
		types = append(types, "token_timeout")
	}
	return types
}

// AuthorizationEndpoint returns the URL of the page on which the user allows or denies (RFC 6749 §3.1).
func (s *Server) AuthorizationEndpoint() string { return s.endpoint(s.profile.Endpoints.Authorization) }

// TokenEndpoint returns the URL that takes codes, refresh tokens and device codes (RFC 6749 §3.2).
func (s *Server) TokenEndpoint() string { return s.endpoint(s.profile.Endpoints.Token) }

// DeviceEndpoint returns the URL that issues device codes (RFC 8628 §3.1). For Salesforce it is the
// token endpoint.
func (s *Server) DeviceEndpoint() string {
	if s.profile.Endpoints.Device == "" {
		return s.TokenEndpoint()
	}
	return s.endpoint(s.profile.Endpoints.Device)
}

// IntrospectionEndpoint returns the URL that reports whether a token is valid (RFC 7662).
func (s *Server) IntrospectionEndpoint() string { return s.endpoint(s.profile.Endpoints.Introspection) }

// RevocationEndpoint returns the URL that ends a token (RFC 7009).
func (s *Server) RevocationEndpoint() string { return s.endpoint(s.profile.Endpoints.Revocation) }

// UserinfoEndpoint returns the URL that describes the user of an access token (OpenID Connect Core
// §5.3).
func (s *Server) UserinfoEndpoint() string { return s.endpoint(s.profile.Endpoints.Userinfo) }

// endpoint returns the URL of an endpoint.
func (s *Server) endpoint(path string) string {
	for name, value := range s.profile.Parts {
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	return s.url + path
}

// methods returns the names of the client authentication methods in the metadata (RFC 8414 §2).
func (auth clientAuth) methods() []string {
	switch auth {
	case authBody:
		return []string{"client_secret_post", "none"}
	case authBasic:
		return []string{"client_secret_basic", "none"}
	case authKey:
		return []string{"client_secret_basic"}
	default:
		return []string{"client_secret_basic", "client_secret_post", "none"}
	}
}
