package oauthtest

import (
	"cmp"
	"time"
)

// Two of the providers that a [Server] can imitate; [Providers] returns all.
const (
	Generic    = "generic"    // RFC 6749, no more and no less
	Salesforce = "salesforce" // the shape, error texts and overlap rule of Salesforce
)

// What [Config.Consent] can be.
const (
	Allow = "allow"
	Deny  = "deny"
)

// Config says how a [Server] behaves. The zero value is a well-behaved generic server without rotation. Where a provider has a
// habit of its own, that is the default in place of the one named here; a switch that the provider has on stays on.
type Config struct {
	// Provider is one of Providers. Defaults to Generic.
	Provider string

	// Addr is the TCP address to listen on. Defaults to "127.0.0.1:0", a free loopback port.
	Addr string

	// ClientID is the only client the server knows. Defaults to "oauthtest-client".
	ClientID string

	// ClientSecret is that client's secret; it also keys Salesforce's signature. Defaults to "oauthtest-not-a-secret".
	ClientSecret string

	// RequireSecret refuses a client that sends no secret. Defaults to false: a public client is served. A wrong
	// secret is refused either way.
	RequireSecret bool

	// RedirectURIs are those that the client has registered (RFC 6749 §3.1.2.2), to be matched exactly (RFC 9700 §2.1).
	// Defaults to none: any on the loopback interface or with https is served, and urn:ietf:wg:oauth:2.0:oob, which shows the
	// code on a page.
	RedirectURIs []string

	// RequirePKCE refuses an authorization request without a code challenge (RFC 7636 §4.4.1). Defaults to false: a challenge
	// that comes is checked all the same.
	RequirePKCE bool

	// Consent is Allow or Deny, for a server that decides by itself: on a code at once, on a device at its second poll.
	// Defaults to "": a page asks, or the test calls ApproveDevice.
	Consent string

	// RedirectParams are further parameters of each redirect with a code. Defaults to none.
	RedirectParams map[string]string

	// DeviceInterval is how long a device waits between two polls (interval in RFC 8628 §3.2, which the reply rounds up to
	// seconds). One that comes earlier is told slow_down, and waits 5 seconds longer from then on (§3.5). Defaults to 5 seconds.
	DeviceInterval time.Duration

	// DeviceLife is how long a device code lives (expires_in in RFC 8628 §3.2). Defaults to 10 minutes.
	DeviceLife time.Duration

	// NoRefreshToken leaves refresh_token out of the reply to a login. Where a provider has tokens that do not expire, those
	// are what such a login gets. Defaults to false: every login gets a refresh token that asks for it as the provider wants.
	NoRefreshToken bool

	// JSONOnly makes the token endpoint refuse a form. Defaults to false: a form and a JSON object will do.
	JSONOnly bool

	// Rotate replaces the refresh token at every refresh and watches for reuse. Defaults to false.
	Rotate bool

	// Grace is how long after a rotation the token just spent is still accepted. Negative is not at all, whatever the
	// provider does. Defaults to 0, not at all.
	Grace time.Duration

	// IdleLimit ends a grant whose refresh token was not used for so long. Defaults to 0, never.
	IdleLimit time.Duration

	// MaxGrants is how many grants live at once: one more ends the oldest, as at Salesforce the sixth of a user and a client.
	// Defaults to 0, any number.
	MaxGrants int

	// TTL is how long an access token lives. All but Salesforce and Stripe send it as expires_in. Defaults to 1 hour.
	TTL time.Duration

	// RefreshTTL is how long a refresh token lives from when it was first issued. The generic server sends what is left of it
	// as refresh_token_expires_in. Defaults to 0: it lives as long as its grant.
	RefreshTTL time.Duration

	// ExpiryMember is the member that says at what time the access token expires, in place of expires_in, such as expires_on.
	// Defaults to "": expires_in.
	ExpiryMember string

	// ExpiryLayout is how ExpiryMember is written: a layout of package time, such as time.RFC3339, for a string in UTC.
	// Defaults to "": a number, of seconds since 1970.
	ExpiryLayout string

	// Members puts members of a token response or an error elsewhere, by their names: "data.accessToken" is the member
	// accessToken of an object data. Defaults to none.
	Members map[string]string

	// UserToken makes every token of Slack that of a user, as after a login that asks with user_scope alone: the reply to the
	// login has it nested in authed_user. Defaults to false: it is a bot's. No other provider has the two.
	UserToken bool

	// SameAccessToken answers a refresh with the access token issued last, as long as that is still valid. It has no
	// effect with Rotate. Defaults to false: every refresh issues a new one.
	SameAccessToken bool

	// OneAccessToken ends a grant's access token when a refresh issues the next, as Atlassian and GitHub do. Defaults to
	// false: it lives until it expires.
	OneAccessToken bool

	// Latency is how long every reply of the token endpoint is held back after the server has acted. A client that
	// leaves in the meantime undoes nothing. Defaults to 0.
	Latency time.Duration

	// Faults are queued before the first request; see [Server.Fail]. Defaults to none.
	Faults []Fault
}

func (c Config) withDefaults() Config {
	if c.Provider == "" {
		c.Provider = Generic
	}
	if c.Addr == "" {
		c.Addr = "127.0.0.1:0"
	}
	if c.ClientID == "" {
		c.ClientID = "oauthtest-client"
	}
	if c.ClientSecret == "" {
		c.ClientSecret = "oauthtest-not-a-secret"
	}
	if c.DeviceInterval == 0 {
		c.DeviceInterval = 5 * time.Second
	}
	if c.DeviceLife == 0 {
		c.DeviceLife = 10 * time.Minute
	}
	return c
}

// over is c with what it leaves open decided as d does. What either switches on is on.
func (c Config) over(d Config) Config {
	c.TTL = cmp.Or(c.TTL, d.TTL, time.Hour)
	c.RefreshTTL = cmp.Or(c.RefreshTTL, d.RefreshTTL)
	c.Grace = cmp.Or(c.Grace, d.Grace)
	c.IdleLimit = cmp.Or(c.IdleLimit, d.IdleLimit)
	c.RequireSecret = c.RequireSecret || d.RequireSecret
	c.RequirePKCE = c.RequirePKCE || d.RequirePKCE
	c.OneAccessToken = c.OneAccessToken || d.OneAccessToken
	return c
}
