package freshet

import (
	"cmp"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/freshet-dev/freshet/provider"
)

// Health is the result of past refreshes. [Connection.CurrentHealth] returns the part that still
// applies.
type Health struct {
	// RefreshTokenHash identifies the refresh token. If that changes, all other fields are out of
	// date.
	RefreshTokenHash string    `json:"refresh_token_hash,omitempty"`
	AccessTokenHash  string    `json:"access_token_hash,omitempty"` // of the token that the last success delivered
	LastSuccess      time.Time `json:"last_success,omitzero"`
	LastRequest      time.Time `json:"last_request,omitzero"`     // when the request of the last success was sent
	IDTokenHash      string    `json:"id_token_hash,omitempty"`   // of the last ID token that a refresh delivered
	IDTokenRequest   time.Time `json:"id_token_request,omitzero"` // when the request for it was sent
	GrantExpiry      time.Time `json:"grant_expiry,omitzero"`     // as the provider stated it; zero if unknown
	LastFailure      *Failure  `json:"last_failure,omitempty"`    // nil after a success
	Failures         int       `json:"failures,omitempty"`        // in a row
	NextAttempt      time.Time `json:"next_attempt,omitzero"`     // no refresh before this time, unless forced
	RequestHash      string    `json:"request_hash,omitempty"`    // of the failed request; "" if unknown
	SecretHash       string    `json:"secret_hash,omitempty"`     // of its client secret, if read from SecretFrom
	ClientID         string    `json:"client_id,omitempty"`       // of the failed request
	ReplyKept        bool      `json:"reply_kept,omitempty"`      // see [CodeReplyKept]
	LoginRequired    bool      `json:"login_required,omitempty"`
	Revoked          bool      `json:"revoked,omitempty"` // by [Refresher.Revoke], which also ends the access token
}

// forToken returns h if it describes token, or else the zero Health.
func (h *Health) forToken(token Token) Health {
	if h.RefreshTokenHash == token.RefreshTokenHash() {
		return *h
	}
	return Health{}
}

// delivered reports whether the access token is from the last refresh.
func (h *Health) delivered(token Token) bool {
	return h.AccessTokenHash != "" && h.AccessTokenHash == token.accessTokenHash()
}

// Revoked reports whether [Refresher.Revoke] ended the grant of the saved token.
func (c *Connection) Revoked() bool {
	return c.Health.Revoked && c.Health.LastFailure != nil && c.Health.AccessTokenHash == c.Token.accessTokenHash()
}

// CurrentHealth returns the part of c.Health that applies to the refresh that c would send now. A
// failure applies only to the request that failed. For a request with another client, client
// secret, authentication method, endpoint or parameter, LastFailure is nil, Failures and
// NextAttempt are zero, and LoginRequired is false.
//
// A failure applies to every request if the failed or the next request is unknown, if the grant was
// revoked, or if the refresh token was not sent ([CodeCopied]). As long as the client secret was
// not read from SecretFrom, it is assumed to be the one that failed.
func (c *Connection) CurrentHealth() Health {
	h := c.Health
	if h.LastFailure == nil && !h.LoginRequired || c.failureApplies() {
		return h
	}
	h.LastFailure, h.Failures, h.NextAttempt, h.LoginRequired = nil, 0, time.Time{}, false
	h.RequestHash, h.SecretHash, h.ClientID = "", "", ""
	return h
}

func (c *Connection) failureApplies() bool {
	h := &c.Health
	switch now := c.requestHash(); {
	case h.Revoked, h.LastFailure != nil && h.LastFailure.Code == CodeCopied:
		return true
	case c.isOtherClient(h.ClientID):
		return false
	case h.RequestHash == "":
		return true
	case now != "" && now != h.RequestHash:
		return false
	}
	return h.SecretHash == "" || c.secretIsUnread() || h.SecretHash == c.secretHash()
}

// AssumeSameRequest returns c with a last failure that applies to every request, except of another
// client. It is for readers of a token file that do not know the whole registration, and so not the
// request.
func (c *Connection) AssumeSameRequest() Connection {
	same := *c
	same.Health.RequestHash = ""
	return same
}

// isOtherClient reports whether both client ids are known and differ.
func (c *Connection) isOtherClient(id string) bool {
	own := c.clientID()
	return own != "" && id != "" && own != id
}

// requestHash returns a hash of the request that c would send, or "" if the endpoint or the client is
// unknown. It includes the refresh token ([renewal.salt]), so that a weak client secret cannot be
// guessed from it. It includes SecretFrom instead of the secret, which is not read before each use of
// the hash.
func (c *Connection) requestHash() string {
	endpoint, err := c.endpoint()
	if err != nil {
		return ""
	}
	known := *c
	if c.SecretFrom != "" {
		known.Client.Secret = "" // on which the style may depend
	}
	client := known.client(endpoint)
	if client.ID == "" {
		return ""
	}
	way, _ := c.renewal()
	salt, secret := way.salt(c), c.SecretFrom
	if secret == "" && salt != "" {
		secret = string(client.Secret)
	}
	parts := []string{salt, endpoint, client.ID, secret, string(client.Style())}
	if !c.Key.IsZero() {
		parts = append(parts, c.Key.From, c.Key.PasswordFrom, c.Key.CertificateFile, c.Key.ID, c.Key.Algorithm)
	}
	if way.grant != GrantRefreshToken {
		parts = append(parts, string(way.grant), strings.Join(c.Scopes, " "))
	}
	if way.grant == GrantJWTBearer {
		parts = append(parts, c.Assertion.identity())
	}
	if extra := c.refreshOptions(); extra != "" {
		parts = append(parts, extra)
	}
	return hashOf(strings.Join(parts, "\x00"))
}

// refreshOptions returns the options of the refresh request beyond RFC 6749 as JSON, or "".
func (c *Connection) refreshOptions() string {
	options := struct {
		Connection RequestOptions   `json:"connection,omitzero"`
		Provider   provider.Refresh `json:"provider,omitzero"`
		Resources  []string         `json:"resources,omitzero"`
	}{c.Requests.Refresh, c.ProviderInfo().Refresh, c.Login.Resources}
	if reflect.ValueOf(options).IsZero() {
		return ""
	}
	data, err := json.Marshal(options)
	if err != nil {
		return ""
	}
	return string(data)
}

// secretHash returns a hash of the client secret and the refresh token ([renewal.salt]) if the secret
// was read from SecretFrom, or else "".
func (c *Connection) secretHash() string {
	way, _ := c.renewal()
	salt := way.salt(c)
	if c.SecretFrom == "" || c.Client.Secret == "" || salt == "" {
		return ""
	}
	return hashOf(salt + "\x00" + string(c.Client.Secret))
}

func (c *Connection) secretIsUnread() bool { return c.SecretFrom != "" && c.Client.Secret == "" }

func (c *Connection) clientID() string { return cmp.Or(c.Client.ID, c.Token.Member("client_id")) }
