package oauthtest

import (
	"fmt"
	"net"
	"time"
)

// The providers that a Server can imitate.
const (
	Generic    = "generic"
	Salesforce = "salesforce"
)

// Config says what a Server does. The zero value is a generic provider that does not rotate.
type Config struct {
	// Provider is whose shapes and habits are imitated: Generic or Salesforce. Defaults to Generic.
	Provider string

	// Rotate makes every refresh spend its refresh token and return the next. Defaults to false: the reply has no
	// refresh_token.
	Rotate bool

	// Grace is how long, from the rotation, the refresh token spent last is still answered: with the current one, as
	// a refresh and not as a reuse. Defaults to 0: a spent token is never answered.
	Grace time.Duration

	// TTL is how long an access token lives at the resource; Generic sends it as expires_in, in whole seconds. It
	// counts from the time of issue for Salesforce too, whose real timer starts anew with every use. Defaults to 1
	// hour.
	TTL time.Duration

	// SameAccessToken makes a refresh return the newest access token again while it lives, as Salesforce sometimes
	// does. Defaults to false: every refresh makes a new one.
	SameAccessToken bool

	// Latency is how long the token endpoint takes to reply once it has done what was asked; Close cuts it short. Only
	// "already being processed" is said at once. Defaults to 0.
	Latency time.Duration

	// RequireSecret refuses a client that sends no secret. A wrong secret is always refused. Defaults to false.
	RequireSecret bool

	// ClientID is the one client registered. Defaults to "oauthtest-client".
	ClientID string

	// ClientSecret is that client's secret, and the key of Salesforce's signature. Defaults to "oauthtest-not-a-secret".
	ClientSecret string

	// Faults spoil the first requests to the token endpoint, in this order. Defaults to none.
	Faults []Fault

	// Listener is where NewServer serves; Close closes it. Defaults to a free port of 127.0.0.1.
	Listener net.Listener

	// URL is what the server calls itself in tokens and by its methods, without a slash at the end. Defaults to
	// http:// and the listener's address; for NewHandler, which has no listener, to http://127.0.0.1.
	URL string
}

func (c Config) withDefaults() Config {
	if c.Provider == "" {
		c.Provider = Generic
	}
	if c.TTL == 0 {
		c.TTL = time.Hour
	}
	if c.ClientID == "" {
		c.ClientID = "oauthtest-client"
	}
	if c.ClientSecret == "" {
		c.ClientSecret = "oauthtest-not-a-secret"
	}
	if c.URL == "" {
		c.URL = "http://127.0.0.1"
		if c.Listener != nil {
			c.URL = "http://" + c.Listener.Addr().String()
		}
	}
	return c
}

// mustListen listens on a free loopback port. Like httptest it panics where there is none: no test can go on.
func mustListen() net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		if l, err = net.Listen("tcp6", "[::1]:0"); err != nil {
			panic(fmt.Sprintf("oauthtest: no loopback port to listen on: %v", err))
		}
	}
	return l
}
