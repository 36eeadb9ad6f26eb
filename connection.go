package freshet

import (
	"encoding/json"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

// Connection is everything that is needed to keep one token alive.
type Connection struct {
	Name string // by which the store knows it
	Registration
	Token     Token
	TokenFile string    // the file that the token is in, when it is somebody else's too; "" when the store keeps it
	Saved     time.Time // when the token was saved, as the store knows
	Version   string    // what the store calls the version that was read, and that a [Save] replaces
	Health    Health
	History   History
	Pending   *Pending // a refresh or login that was begun; only [Store.Update] fills it in

	// Unsettled says, without a lock, that an interrupted refresh left a whole reply, which the next update will adopt.
	Unsettled bool
}

// Health is what is remembered of past refreshes. [Connection.CurrentHealth] is what of it still counts.
type Health struct {
	// RefreshTokenHash is the refresh token that the rest is about. When the token changes, the rest is forgotten.
	RefreshTokenHash string    `json:"refresh_token_hash,omitempty"`
	AccessTokenHash  string    `json:"access_token_hash,omitempty"` // what the last success delivered
	LastSuccess      time.Time `json:"last_success,omitzero"`
	LastFailure      *Failure  `json:"last_failure,omitempty"` // nil after a success
	Failures         int       `json:"failures,omitempty"`     // in a row
	NextAttempt      time.Time `json:"next_attempt,omitzero"`  // nobody refreshes before, unless told to
	RequestHash      string    `json:"request_hash,omitempty"` // of the request that failed; "" when that is not known
	SecretHash       string    `json:"secret_hash,omitempty"`  // of its client secret, where [Registration.SecretFrom] says its place
	ClientID         string    `json:"client_id,omitempty"`    // that made it
	LoginRequired    bool      `json:"login_required,omitempty"`
	Revoked          bool      `json:"revoked,omitempty"` // by [Refresher.Revoke]: the access token is dead, too
}

// of returns h if it is about token, and nothing otherwise.
func (h Health) of(token Token) Health {
	if h.RefreshTokenHash == token.RefreshTokenHash() {
		return h
	}
	return Health{}
}

// delivered reports whether the last refresh brought the token's access token.
func (h Health) delivered(token Token) bool {
	return h.AccessTokenHash != "" && h.AccessTokenHash == token.accessTokenHash()
}

// Pending is the journal of one refresh or login: what is written before the refresh token or the code is sent, and then
// the reply.
type Pending struct {
	Spent    string        `json:"spent"` // [Token.RefreshTokenHash] of the refresh token that is presented, or that a login replaces
	Since    time.Time     `json:"since"`
	Host     string        `json:"host"` // who began it
	PID      int           `json:"pid"`
	Problem  string        `json:"problem,omitempty"` // why there is no reply, when that is known
	Reply    *oauth.Reply  `json:"reply,omitempty"`   // its Body is kept beside it
	Received time.Time     `json:"received,omitzero"`
	Login    *PendingLogin `json:"login,omitempty"` // nil for a refresh
	// Elsewhere names the place that the store had to put the reply in when it could not write it where it belongs, and
	// that cannot be read from here.
	Elsewhere string `json:"elsewhere,omitempty"`
}

// Revoked reports whether [Refresher.Revoke] ended the grant that the token is of.
func (c Connection) Revoked() bool {
	return c.Health.Revoked && c.Health.LastFailure != nil && c.Health.AccessTokenHash == c.Token.accessTokenHash()
}

// PendingLogin is what the reply to a login's exchange is checked and saved with.
type PendingLogin struct {
	Name         string       `json:"name"` // of the connection that is logged in: others may share its token file
	Registration Registration `json:"registration,omitzero"`
	Nonce        string       `json:"nonce,omitempty"`  // that the id_token must carry
	Before       *Pending     `json:"before,omitempty"` // the mark of a refresh that had been interrupted
}

// pendingLogin is PendingLogin without its methods. They keep encoding/json from looking through a whole registration before
// every refresh, which costs a tenth of a millisecond.
type pendingLogin PendingLogin

// MarshalJSON writes the members as they are.
func (p PendingLogin) MarshalJSON() ([]byte, error) { return json.Marshal(pendingLogin(p)) }

// UnmarshalJSON reads them.
func (p *PendingLogin) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(data, (*pendingLogin)(p))
}
