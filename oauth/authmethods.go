package oauth

import (
	"net/url"
	"slices"
)

// AuthMethods are the methods by which clients can authenticate at the endpoints of an authorization
// server, under the names of RFC 8414 §2. [Discover] fills in what the RFC says of metadata that list
// none for the token endpoint. An empty list of another endpoint means that it is like the token
// endpoint.
type AuthMethods struct {
	AtToken         []string `json:"token_endpoint_auth_methods_supported,omitempty"`
	AtRevocation    []string `json:"revocation_endpoint_auth_methods_supported,omitempty"`
	AtIntrospection []string `json:"introspection_endpoint_auth_methods_supported,omitempty"`
}

// The methods by which a client sends its secret (RFC 7591 §2). Those of a JWT are styles of their own.
const (
	clientSecretBasic = "client_secret_basic"
	clientSecretPost  = "client_secret_post"
)

// StyleFor returns how the client authenticates at an endpoint that has one of the listed methods: as
// preferred, if that is listed. A client with a key uses it. Where both HTTP Basic and the body are
// listed, it returns AuthBasic, unless the id or the secret would have to be encoded for that, which
// some servers do not decode. A JWT that is signed with the secret is the last choice. It returns "" if
// the client can use no listed method.
func (c Client) StyleFor(listed []string, preferred AuthStyle) AuthStyle {
	lists := func(style AuthStyle) bool {
		switch style {
		case AuthBasic:
			return slices.Contains(listed, clientSecretBasic)
		case AuthBody:
			return slices.Contains(listed, clientSecretPost)
		case AuthSecretJWT, AuthPrivateKeyJWT:
			return slices.Contains(listed, string(style))
		}
		return false
	}
	basic, body := lists(AuthBasic), lists(AuthBody)
	switch {
	case lists(preferred):
		return preferred
	case c.Key != nil && lists(AuthPrivateKeyJWT):
		return AuthPrivateKeyJWT
	case c.Key != nil && c.Secret == "":
		return ""
	case basic && (!body || !c.needsEncoding()):
		return AuthBasic
	case body:
		return AuthBody
	case lists(AuthSecretJWT):
		return AuthSecretJWT
	default:
		return ""
	}
}

// needsEncoding reports whether HTTP Basic has to encode the id or the secret (RFC 6749 §2.3.1).
func (c Client) needsEncoding() bool {
	id, secret := c.ID, string(c.Secret)
	return url.QueryEscape(id) != id || url.QueryEscape(secret) != secret
}
