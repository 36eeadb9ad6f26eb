package freshet

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
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
func (h Health) forToken(token Token) Health {
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

// Refresh returns the pending refresh, or the interrupted refresh that a pending login found. It
// returns nil if there is none: an interrupted login has not sent the saved refresh token.
func (p *Pending) Refresh() *Pending {
	if p != nil && p.Login != nil {
		return p.Login.Before
	}
	return p
}

// interrupted returns the refresh that sent the saved refresh token, if its outcome is unknown, or
// nil.
func (c Connection) interrupted() *Pending {
	p := c.Pending.Refresh()
	if p == nil || p.Reply != nil || p.Spent != c.Token.RefreshTokenHash() {
		return nil
	}
	return p
}

// interruption describes an interrupted refresh, as a clause.
func (p *Pending) interruption() string {
	s := fmt.Sprintf("a refresh begun at %s by process %d on %s was interrupted before its answer was saved",
		p.Since.Local().Format(time.DateTime), p.PID, p.Host)
	if p.Problem != "" {
		s += " (" + p.Problem + ")"
	}
	return s
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

// record is what a [Store] keeps of a connection beside its name, its token, and when and as what version that was saved.
type record struct {
	Registration
	TokenFile string   `json:"token_file,omitempty"`
	Health    Health   `json:"health,omitzero"`
	History   History  `json:"history,omitzero"`
	Pending   *Pending `json:"pending,omitempty"`
	Reply     []byte   `json:"reply_body,omitempty"` // of Pending, byte for byte
}

// Record returns all that a [Store] must keep of c beside Name, Token, Saved and Version, as one JSON object for
// [Connection.Restore] to read. While a reply is pending it is as secret as the token. The client's secret is not in it.
//
// Keep it as bytes or text: PostgreSQL's jsonb refuses an escaped zero byte, which a provider may well have sent.
func (c Connection) Record() ([]byte, error) {
	r := record{c.withoutSecret(), c.TokenFile, c.Health, c.History, c.Pending, nil}
	if c.Pending != nil && c.Pending.Reply != nil {
		r.Reply = c.Pending.Reply.Body
	}
	data, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encoding the record of %q: %w", c.Name, err)
	}
	return data, nil
}

// Restore fills in what a [Store] kept of c: the bytes of its token, and what [Connection.Record] returned. Where there is none
// of either, c stays as it is.
//
// A Registration that c has already counts, so that an application which gives its connections one can change it in one place,
// its client's secret too. The record's then only fills in what may be the connection's own: Endpoints, Parts, Scopes and
// Redirect, each where c has none.
func (c *Connection) Restore(token, saved []byte) (err error) {
	if len(token) > 0 {
		if c.Token, err = ParseToken(token); err != nil {
			return withName(c.Name, err)
		}
	}
	if len(saved) == 0 {
		return nil
	}
	var r record
	if err := json.Unmarshal(saved, &r); err != nil {
		return fmt.Errorf("decoding the record of %q: %w", c.Name, err)
	}
	c.Registration = c.over(r.Registration)
	c.TokenFile, c.Health, c.History, c.Pending = r.TokenFile, r.Health, r.History, r.Pending
	if c.Pending != nil && c.Pending.Reply != nil {
		c.Pending.Reply.Body = r.Reply
	}
	return nil
}

// over is r, with what may be a connection's own from saved where r does not say; or saved, if r says nothing at all.
func (r Registration) over(saved Registration) Registration {
	if reflect.ValueOf(r).IsZero() {
		return saved
	}
	if r.Endpoints == (oauth.Endpoints{}) {
		r.Endpoints = saved.Endpoints
	}
	if len(r.Parts) == 0 {
		r.Parts = saved.Parts
	}
	if len(r.Scopes) == 0 {
		r.Scopes = saved.Scopes
	}
	if len(r.Redirect) == 0 {
		r.Redirect = saved.Redirect
	}
	return r
}

// History is what became of the last logins and refreshes, the latest last.
type History struct {
	// Key makes the fingerprints of one connection mean nothing beside another's.
	Key     string         `json:"key,omitempty"`
	Entries []HistoryEntry `json:"entries,omitempty"`
	// Logins are the times of the last logins whose grant was not revoked from here. Refreshes push the entries of logins out.
	Logins []time.Time `json:"logins,omitempty"`
}

// HistoryEntry is one login or refresh, or one that failed.
type HistoryEntry struct {
	Time    time.Time  `json:"time"`
	Outcome Outcome    `json:"outcome"`        // "failed" when it did
	Kind    oauth.Kind `json:"kind,omitempty"` // of a failure
	Code    string     `json:"code,omitempty"` // the provider's error code
	Host    string     `json:"host,omitempty"` // that was to be asked, of a refresh that failed
	Millis  int64      `json:"duration_ms"`    // from the moment at which the lock was held
	// Interrupted is when a refresh began whose answer was never saved, if this one was refused after it.
	Interrupted time.Time `json:"interrupted,omitzero"`
	// Fingerprint is a keyed hash of the refresh token that was saved afterwards: whether it is another can be seen, but not
	// which.
	Fingerprint string `json:"fingerprint,omitempty"`
}

// Failed is the outcome of a login or refresh that brought no token.
const Failed Outcome = "failed"

// How many entries and logins are kept.
const (
	maxHistory = 20
	maxLogins  = 10
)

// Fingerprint returns the keyed hash of token's refresh token, or "" if it has none.
func (h History) Fingerprint(token Token) string {
	if token.RefreshToken() == "" {
		return ""
	}
	mac := hmac.New(sha256.New, []byte(h.Key))
	mac.Write([]byte(token.RefreshToken()))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

// last is the latest entry, or none.
func (h History) last() (e HistoryEntry) {
	if n := len(h.Entries); n > 0 {
		e = h.Entries[n-1]
	}
	return e
}

// with returns h with an entry added, completed from the token that is saved now and the time at which the attempt began.
func (h History) withEntry(e HistoryEntry, token Token, began time.Time) History {
	if h.Key == "" {
		h.Key = rand.Text()
	}
	e.Fingerprint = h.Fingerprint(token)
	e.Millis = max(e.Time.Sub(began).Milliseconds(), 0)
	e.Time = e.Time.UTC().Round(time.Millisecond)
	// New slices, no larger than they must be: every connection has them.
	kept := h.Entries[max(0, len(h.Entries)-maxHistory+1):]
	h.Entries = slices.Concat(kept, []HistoryEntry{e})
	switch n := len(h.Logins); {
	case e.Outcome == LoggedIn:
		h.Logins = slices.Concat(h.Logins[max(0, n-maxLogins+1):], []time.Time{e.Time})
	case e.Code == CodeRevoked && n > 0:
		h.Logins = h.Logins[: n-1 : n-1]
	}
	return h
}
