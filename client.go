package freshet

import (
	"cmp"
	"net/url"

	"github.com/freshet-dev/freshet/internal/endpoints"
	"github.com/freshet-dev/freshet/oauth"
	"github.com/freshet-dev/freshet/provider"
)

// How the connection's client authenticates is decided here. The first that is known counts, and no
// other is tried:
//
//	Client.Auth                  what the user said
//	ProvenAuth                   how a token was last received
//	the provider's file          its client.auth
//	AuthMethods                  what the server's metadata list (RFC 8414)
//	                             a key, or else the body of the request
//
// What was proven and what the file says count only for a client that has what it takes: a key or a
// secret.

// ResolvedClient returns the client with what the registration lacks: the id and the secret that are
// in the document, and how it authenticates at the token endpoint. A secret in the document counts only
// for an endpoint that the user named, or for a known provider.
func (c *Connection) ResolvedClient() oauth.Client {
	endpoint, _ := c.endpoint() // if it is unknown, a secret in the document does not count
	return c.client(endpoint)
}

// client is ResolvedClient for a token endpoint.
func (c *Connection) client(endpoint string) oauth.Client {
	client, id := c.Client, c.Token.Member("client_id")
	client.ID = cmp.Or(client.ID, id)
	isConfigured := client.Secret != "" || c.SecretFrom != "" || client.Auth == oauth.AuthNone
	if secret := c.Token.Member("client_secret"); secret != "" && !isConfigured && client.ID == id {
		if u, err := url.Parse(endpoint); err == nil && c.trustsDocument(u) {
			client.Secret = oauth.Secret(secret)
		}
	}
	switch usesKey := client.Auth == "" && c.authenticatesByKey() || client.Auth == oauth.AuthPrivateKeyJWT; {
	case !usesKey:
		client.Key = nil
	case client.Key == nil && c.Key.From != "":
		client.Key = unreadKey{}
	}
	// A secret with a source may not have been read yet.
	if client.Auth == "" && (client.Secret != "" || c.SecretFrom != "" || client.Key != nil) {
		client.Auth = c.usualAuth(client)
	}
	if client.Auth.IsAssertion() {
		client.Audience = c.assertionAudience(client, endpoint)
	}
	return client
}

// trustsDocument reports whether a client secret in the document may be sent to the endpoint.
func (c *Connection) trustsDocument(endpoint *url.URL) bool {
	return c.Endpoints.Token != "" || c.Endpoints.Issuer != "" ||
		endpoints.Owns(c.ProviderInfo(), endpoint.Hostname())
}

// usualAuth returns how a client with a secret or a key authenticates at the token endpoint, if the user
// did not say it.
func (c *Connection) usualAuth(client oauth.Client) oauth.AuthStyle {
	hasSecret := client.Secret != "" || c.SecretFrom != ""
	canUse := func(style oauth.AuthStyle) bool {
		if client.Key != nil {
			return style == oauth.AuthPrivateKeyJWT
		}
		return style.UsesSecret() && hasSecret
	}
	if canUse(c.ProvenAuth) {
		return c.ProvenAuth
	}
	if style := c.ProviderInfo().Client.Auth; canUse(style) {
		return style
	}
	if client.Key != nil {
		return oauth.AuthPrivateKeyJWT
	}
	return cmp.Or(client.StyleFor(c.AuthMethods.AtToken, ""), oauth.AuthBody)
}

// assertionAudience returns the audience of the JWT by which the client authenticates: what the user or
// the provider's file says, else the issuer, else the token endpoint. It is the same at the other
// endpoints of the server.
func (c *Connection) assertionAudience(client oauth.Client, endpoint string) string {
	token, err := c.endpoint()
	if err != nil {
		token = endpoint
	}
	p := c.ProviderInfo()
	if client.Audience == "" && p.Client.AssertionAudience == provider.AudienceToken {
		return token
	}
	return cmp.Or(client.Audience, c.ResolvedEndpoints().Issuer, token)
}

// atEndpoint returns the client as it authenticates at another endpoint, whose methods are listed. If
// none are, it is like at the token endpoint.
func (c *Connection) atEndpoint(client oauth.Client, listed []string) oauth.Client {
	if c.Client.Auth == "" && client.Style() != oauth.AuthNone {
		client.Auth = cmp.Or(client.StyleFor(listed, client.Auth), client.Auth)
	}
	return client
}
