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

// The methods by which a client sends its secret (RFC 7591 §2).
const (
	clientSecretBasic = "client_secret_basic"
	clientSecretPost  = "client_secret_post"
)

// StyleFor returns how a client with a secret authenticates at an endpoint that has one of the listed
// methods: as preferred, if that is listed. Where both HTTP Basic and the body are listed, it returns
// AuthBasic, unless the id or the secret would have to be encoded for that, which some servers do not
// decode. It returns "" if no listed method sends a secret.
func (c Client) StyleFor(listed []string, preferred AuthStyle) AuthStyle {
	basic, body := slices.Contains(listed, clientSecretBasic), slices.Contains(listed, clientSecretPost)
	switch {
	case basic && preferred == AuthBasic, body && preferred == AuthBody:
		return preferred
	case basic && (!body || !c.needsEncoding()):
		return AuthBasic
	case body:
		return AuthBody
	default:
		return ""
	}
}

// needsEncoding reports whether HTTP Basic has to encode the id or the secret (RFC 6749 §2.3.1).
func (c Client) needsEncoding() bool {
	id, secret := c.ID, string(c.Secret)
	return url.QueryEscape(id) != id || url.QueryEscape(secret) != secret
}
