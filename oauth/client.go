package oauth

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/internal/syntax"
)

// AuthStyle says how a client authenticates at the authorization server (RFC 6749 §2.3).
type AuthStyle string

// The ways to authenticate. The zero value means AuthPrivateKeyJWT if the client has a key, otherwise
// AuthBody if it has a secret, otherwise AuthNone.
const (
	AuthNone  AuthStyle = "none"  // client_id in the body, no secret: a public client
	AuthBody  AuthStyle = "body"  // client_id and client_secret in the body
	AuthBasic AuthStyle = "basic" // HTTP Basic
	// AuthSecretAsUser is HTTP Basic with the secret as user name and no password. Stripe's secret
	// keys identify their client.
	AuthSecretAsUser AuthStyle = "secret-as-user"
	// AuthSecretJWT is a JWT that is signed with the secret (OpenID Connect Core 1.0 §9), which is not
	// sent itself.
	AuthSecretJWT AuthStyle = "client_secret_jwt"
	// AuthPrivateKeyJWT is a JWT that is signed with the client's private key.
	AuthPrivateKeyJWT AuthStyle = "private_key_jwt"
)

// UsesSecret reports whether a client of the style authenticates with its secret.
func (s AuthStyle) UsesSecret() bool {
	switch s {
	case AuthBody, AuthBasic, AuthSecretAsUser, AuthSecretJWT:
		return true
	}
	return false
}

// Client is a client of an authorization server.
type Client struct {
	redact.Hidden

	ID     string    `json:"id,omitempty"`
	Secret Secret    `json:"secret,omitempty"` // refuses to be marshalled; store it elsewhere
	Auth   AuthStyle `json:"auth,omitempty"`

	// Audience is the aud of the JWT by which the client authenticates. Defaults to the endpoint.
	Audience string `json:"assertion_audience,omitempty"`
	// Key signs that JWT. Like the secret, it is not saved.
	Key Signer `json:"-"`
}

// Style returns c.Auth or, if it is empty, the default.
func (c Client) Style() AuthStyle {
	switch {
	case c.Auth != "":
		return c.Auth
	case c.Key != nil:
		return AuthPrivateKeyJWT
	case c.Secret != "":
		return AuthBody
	default:
		return AuthNone
	}
}

// Check returns an error if the id or the secret has a character that neither can have (RFC 6749 §A.1
// and §A.2), such as a line break that was copied along. The error names the character only.
func (c Client) Check() error {
	if problem := syntax.Client(c.ID); problem != "" {
		return errors.New("the client id " + problem)
	}
	if problem := syntax.Client(string(c.Secret)); problem != "" {
		return errors.New("the client secret " + problem)
	}
	return nil
}

// authenticate adds c's credentials to the parameters or the header. There is no fallback to another
// style, because a second request would present a refresh token that may be spent.
func (c Client) authenticate(p *parameters, header http.Header) error {
	if err := c.Check(); err != nil {
		return err
	}
	switch c.Style() {
	case AuthNone:
		if c.ID != "" { // an assertion may identify the client (RFC 7521 §4.1)
			p.set("client_id", c.ID)
		}
	case AuthBody:
		p.set("client_id", c.ID)
		p.set("client_secret", string(c.Secret))
	case AuthBasic:
		// RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
		r := http.Request{Header: header}
		r.SetBasicAuth(url.QueryEscape(c.ID), url.QueryEscape(string(c.Secret)))
	case AuthSecretAsUser:
		r := http.Request{Header: header}
		r.SetBasicAuth(string(c.Secret), "")
	case AuthSecretJWT, AuthPrivateKeyJWT:
		p.set("client_id", c.ID) // optional (RFC 7521 §4.2); servers find the key faster by it
	default:
		return fmt.Errorf("unknown client authentication %q", c.Auth)
	}
	return nil
}
