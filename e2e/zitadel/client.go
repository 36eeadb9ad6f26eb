package zitadel

import (
	"net/url"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const loginPath = "/login"

// client is a registered client. It implements op.Client.
type client struct {
	id        string
	secret    string // none for a public client
	kind      op.ApplicationType
	auth      oidc.AuthMethod
	redirects []string
}

// publicClient returns a native application (RFC 8252). op ignores the port of its redirects.
func publicClient(id string) *client {
	return &client{
		id: id, kind: op.ApplicationTypeNative, auth: oidc.AuthMethodNone,
		redirects: []string{"http://127.0.0.1/callback", "http://127.0.0.1/"},
	}
}

func confidentialClient(id, secret string) *client {
	return &client{id: id, secret: secret, kind: op.ApplicationTypeWeb, auth: oidc.AuthMethodBasic}
}

func (c *client) GetID() string                       { return c.id }
func (c *client) RedirectURIs() []string              { return c.redirects }
func (c *client) PostLogoutRedirectURIs() []string    { return nil }
func (c *client) ApplicationType() op.ApplicationType { return c.kind }
func (c *client) AuthMethod() oidc.AuthMethod         { return c.auth }
func (c *client) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}
func (c *client) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeBearer }
func (c *client) IDTokenLifetime() time.Duration      { return lifetime }
func (c *client) ClockSkew() time.Duration            { return 0 }
func (c *client) DevMode() bool                       { return false }
func (c *client) IsScopeAllowed(string) bool          { return false } // beyond those of OpenID Connect
func (c *client) LoginURL(id string) string           { return loginPath + "?id=" + url.QueryEscape(id) }

func (c *client) GrantTypes() []oidc.GrantType {
	return []oidc.GrantType{
		oidc.GrantTypeCode, oidc.GrantTypeRefreshToken, oidc.GrantTypeDeviceCode, oidc.GrantTypeClientCredentials,
	}
}

// IDTokenUserinfoClaimsAssertion puts the e-mail address into the id_token.
func (c *client) IDTokenUserinfoClaimsAssertion() bool { return true }

//nolint:staticcheck // the name is op's
func (c *client) RestrictAdditionalIdTokenScopes() func([]string) []string { return unchanged }

func (c *client) RestrictAdditionalAccessTokenScopes() func([]string) []string { return unchanged }

func unchanged(scopes []string) []string { return scopes }
