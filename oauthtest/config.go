package oauthtest

import (
	"cmp"
	"time"
)

// Two of the providers that a [Server] can imitate. [Providers] returns all.
const (
	Generic    = "generic"    // RFC 6749 and nothing else
	Salesforce = "salesforce" // Salesforce's replies, errors and rule for overlapping refreshes
)

// Values of [Config.Consent].
const (
	Allow = "allow"
	Deny  = "deny"
)

// Config configures a [Server]. The zero value is a generic server without rotation. Some providers
// have other defaults than those named here. A switch that a provider has on cannot be turned off.
type Config struct {
	// Provider is one of Providers. Defaults to Generic.
	Provider string

	// Addr is the TCP address to listen on. Defaults to "127.0.0.1:0", a free loopback port.
	Addr string

	// ClientID is the only client that the server knows. Defaults to "oauthtest-client".
	ClientID string

	// ClientSecret is the client's secret. It is also the key of Salesforce's signatures. Defaults to
	// "oauthtest-not-a-secret".
	ClientSecret string

	// RequireSecret refuses a client that sends no secret. Defaults to false: a public client is
	// accepted. A wrong secret is always refused.
	RequireSecret bool

	// ClientKeys are the public keys by which the client signs (RFC 7523): keys or certificates as PEM, or
	// a JWK set. Defaults to none: the client signs with its secret (HS256).
	ClientKeys []byte

	// Audiences are what a signed JWT may be for, besides the issuer and the token endpoint. Defaults to
	// none.
	Audiences []string

	// ClockSkew is how far the server's clock is ahead, for what the client signs and for the Date of the
	// replies. Defaults to 0.
	ClockSkew time.Duration

	// RedirectURIs are those that the client has registered (RFC 6749 §3.1.2.2). They are compared
	// exactly (RFC 9700 §2.1). One that is a name, as at eBay, is for a page that shows the code.
	// Defaults to none: any redirect URI is accepted that is on the loopback interface, has https, or
	// is urn:ietf:wg:oauth:2.0:oob, for which a page shows the code.
	RedirectURIs []string

	// RequirePKCE refuses an authorization request without a code challenge (RFC 7636 §4.4.1).
	// Defaults to false: a challenge is checked if there is one.
	RequirePKCE bool

	// Consent is Allow or Deny for a server that decides by itself: about a code at once, about a
	// device at its second poll. Defaults to "": a page asks, or the test calls ApproveDevice.
	Consent string

	// RedirectParams are added to each redirect with a code. Defaults to none.
	RedirectParams map[string]string

	// DeviceInterval is how long a device waits between two polls: interval in RFC 8628 §3.2, which
	// the reply rounds up to seconds. A device that polls earlier gets slow_down and has to wait
	// 5 seconds longer from then on (§3.5). Defaults to 5 seconds.
	DeviceInterval time.Duration

	// DeviceLife is the lifetime of a device code (expires_in in RFC 8628 §3.2). Defaults to 10
	// minutes.
	DeviceLife time.Duration

	// NoRefreshToken leaves refresh_token out of the reply to a login. If the provider has access
	// tokens that do not expire, the login gets one. Defaults to false: a login gets a refresh token
	// if it asks for one as the provider requires.
	NoRefreshToken bool

	// JSONOnly makes the token endpoint refuse forms. Defaults to false: it accepts a form and a JSON
	// object.
	JSONOnly bool

	// Rotate replaces the refresh token at every refresh and detects reuse. Defaults to false.
	Rotate bool

	// Grace is how long after a rotation the previous refresh token is still accepted. A negative
	// value is none, whatever the provider does. Defaults to 0, none.
	Grace time.Duration

	// IdleLimit ends a grant whose refresh token was not used for that long. The generic server sends
	// it as refresh_token_timeout (draft-ietf-oauth-refresh-token-expiration) with each refresh token.
	// Defaults to 0, never.
	IdleLimit time.Duration

	// GrantTTL is the lifetime of a grant, however much it is used. No token outlives it. The generic
	// server sends the rest of it as authorization_expires_in (of the same draft) with each refresh
	// token. Defaults to 0: a grant lives until it is revoked.
	GrantTTL time.Duration

	// MaxGrants is how many logins keep their refresh tokens. One more login ends the grant of the
	// oldest. Salesforce keeps 5 of a user and a client. A negative value is no limit, whatever the
	// provider does. A grant that [Server.Document] starts does not count. Defaults to 0, no limit.
	MaxGrants int

	// TTL is the lifetime of an access token. All providers but Salesforce and Stripe send it as
	// expires_in. Defaults to 1 hour.
	TTL time.Duration

	// RefreshTTL is the lifetime of a refresh token, counted from when it was first issued. The
	// generic server sends the rest of it as refresh_token_expires_in. Defaults to 0: a refresh token
	// lives as long as its grant.
	RefreshTTL time.Duration

	// ExpiryMember is a member with the time at which the access token expires, such as expires_on.
	// It replaces expires_in. Defaults to "": expires_in.
	ExpiryMember string

	// ExpiryLayout is the format of ExpiryMember: a layout of package time, such as time.RFC3339, for
	// a string in UTC. Defaults to "": a number of seconds since 1970.
	ExpiryLayout string

	// Members maps names of members, of a token response or an error, to other places:
	// "data.accessToken" is the member accessToken of an object data. Defaults to none.
	Members map[string]string

	// UserToken makes every token of Slack a user's, as after a login with user_scope and no scope.
	// The reply to that login has it in authed_user. Defaults to false: a bot's token. It has no
	// effect with other providers.
	UserToken bool

	// SameAccessToken answers a refresh with the previous access token while that is valid. It has
	// no effect with Rotate. Defaults to false: every refresh issues a new one.
	SameAccessToken bool

	// OneAccessToken ends the previous access token of a grant when a refresh issues the next, as
	// Atlassian and GitHub do. Defaults to false: it lives until it expires.
	OneAccessToken bool

	// Latency delays every reply of the token endpoint after the server has acted. A client that
	// disconnects meanwhile undoes nothing. Defaults to 0.
	Latency time.Duration

	// Faults are queued before the first request; see [Server.Fail]. Defaults to none.
	Faults []Fault
}

func (c Config) withDefaults() Config {
	c.Provider = cmp.Or(c.Provider, Generic)
	c.Addr = cmp.Or(c.Addr, "127.0.0.1:0")
	c.ClientID = cmp.Or(c.ClientID, "oauthtest-client")
	c.ClientSecret = cmp.Or(c.ClientSecret, "oauthtest-not-a-secret")
	c.DeviceInterval = cmp.Or(c.DeviceInterval, 5*time.Second)
	c.DeviceLife = cmp.Or(c.DeviceLife, 10*time.Minute)
	return c
}

// mergedWith returns c with the provider's defaults.
func (c Config) mergedWith(defaults Config) Config {
	c.TTL = cmp.Or(c.TTL, defaults.TTL, time.Hour)
	c.RefreshTTL = cmp.Or(c.RefreshTTL, defaults.RefreshTTL)
	c.Grace = cmp.Or(c.Grace, defaults.Grace)
	c.IdleLimit = cmp.Or(c.IdleLimit, defaults.IdleLimit)
	c.MaxGrants = cmp.Or(c.MaxGrants, defaults.MaxGrants)
	c.RequireSecret = c.RequireSecret || defaults.RequireSecret
	c.RequirePKCE = c.RequirePKCE || defaults.RequirePKCE
	c.OneAccessToken = c.OneAccessToken || defaults.OneAccessToken
	return c
}
