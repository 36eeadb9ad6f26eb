package freshet

import (
	"cmp"
	"net/url"

	"github.com/freshet-dev/freshet/internal/endpoints"
	"github.com/freshet-dev/freshet/oauth"
)

// How the connection's client authenticates is decided here. The first that is known counts, and no
// other is tried:
//
//	Client.Auth                  what the user said
//	ProvenAuth                   how a token was last received
//	the provider's file          its client.auth
//	AuthMethods                  what the server's metadata list (RFC 8414)
//	                             the body of the request

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
	if u, err := url.Parse(endpoint); !isConfigured && client.ID == id && err == nil && c.trustsDocument(u) {
		client.Secret = oauth.Secret(c.Token.Member("client_secret"))
	}
	// A secret with a source may not have been read yet.
	if client.Auth == "" && (client.Secret != "" || c.SecretFrom != "") {
		client.Auth = c.usualAuth(client)
	}
	return client
}

// trustsDocument reports whether a client secret in the document may be sent to the endpoint.
func (c *Connection) trustsDocument(endpoint *url.URL) bool {
	return c.Endpoints.Token != "" || c.Endpoints.Issuer != "" ||
		endpoints.Owns(c.ProviderInfo(), endpoint.Hostname())
}

// usualAuth returns how a client with a secret authenticates at the token endpoint, if the user did
// not say it.
func (c *Connection) usualAuth(client oauth.Client) oauth.AuthStyle {
	return cmp.Or(c.ProvenAuth, c.ProviderInfo().Client.Auth, client.StyleFor(c.AuthMethods.AtToken, ""), oauth.AuthBody)
}

// atEndpoint returns the client as it authenticates at another endpoint, whose methods are listed. If
// none are, it is like at the token endpoint.
func (c *Connection) atEndpoint(client oauth.Client, listed []string) oauth.Client {
	if c.Client.Auth == "" && client.Style() != oauth.AuthNone {
		client.Auth = cmp.Or(client.StyleFor(listed, client.Auth), client.Auth)
	}
	return client
}
