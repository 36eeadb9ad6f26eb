package oauth

import (
	"fmt"
	"net/http"
	"net/url"
)

// AuthStyle says how a client authenticates at the authorization server (RFC 6749 §2.3.1).
type AuthStyle string

// The ways to authenticate. The zero value means AuthBody when the client has a secret and AuthNone otherwise.
const (
	AuthNone  AuthStyle = "none"  // client_id in the body, no secret: a public client
	AuthBody  AuthStyle = "body"  // client_id and client_secret in the body
	AuthBasic AuthStyle = "basic" // HTTP Basic
	// AuthSecretAsUser is HTTP Basic with the secret as the user name and no password: it says by itself whose it is (Stripe).
	AuthSecretAsUser AuthStyle = "secret-as-user"
)

// Client is a client registration: who asks.
type Client struct {
	ID     string    `json:"id,omitempty"`
	Secret Secret    `json:"secret,omitempty"` // refuses to be marshalled: it is kept elsewhere
	Auth   AuthStyle `json:"auth,omitempty"`   // "" decides by whether there is a secret
}

// Style returns how c authenticates, with the default filled in.
func (c Client) Style() AuthStyle {
	switch {
	case c.Auth != "":
		return c.Auth
	case c.Secret != "":
		return AuthBody
	default:
		return AuthNone
	}
}

// authenticate adds c's credentials to the form or the header. It never tries one style after another: the second try
// would present the same refresh token twice.
func (c Client) authenticate(form url.Values, header http.Header) error {
	switch c.Style() {
	case AuthNone:
		form.Set("client_id", c.ID)
	case AuthBody:
		form.Set("client_id", c.ID)
		form.Set("client_secret", string(c.Secret))
	case AuthBasic:
		// RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
		r := http.Request{Header: header}
		r.SetBasicAuth(url.QueryEscape(c.ID), url.QueryEscape(string(c.Secret)))
	case AuthSecretAsUser:
		r := http.Request{Header: header}
		r.SetBasicAuth(string(c.Secret), "")
	default:
		return fmt.Errorf("unknown client authentication %q", c.Auth)
	}
	return nil
}
