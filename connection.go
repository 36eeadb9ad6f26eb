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

	"github.com/freshet-dev/freshet/internal/redact"
	"github.com/freshet-dev/freshet/oauth"
)

// Connection is everything that is needed to keep one token alive.
type Connection struct {
	Name string // in the store
	Registration
	Token     Token
	TokenFile string    // an external token file, shared with other programs; "" if the store owns the token
	Saved     time.Time // when the token was saved
	Version   string    // of the saved token, given by the store; [Save] compares it
	Health    Health
	History   History
	Pending   *Pending // a refresh or login that was begun; nil except in a [Change]

	// ReplyPending reports that an interrupted refresh or login left a whole reply. A store sets it in
	// Get and List if the saved Pending has a Reply and no update is running: the lock is free, or
	// its lease has ended. The next update adopts the reply and saves a connection without Pending.
	// It is false in a [Change], which has Pending.
	ReplyPending bool
}

// Pending is the journal of one refresh or login. It is saved before the refresh token or the code
// is sent, and again with the reply.
type Pending struct {
	redact.Hidden

	Spent    string        `json:"spent"` // hash of the refresh token that is sent or replaced by a login
	Since    time.Time     `json:"since"`
	Host     string        `json:"host"` // of the process that began it
	PID      int           `json:"pid"`
	Problem  string        `json:"problem,omitempty"` // why there is no reply, if known
	Reply    *oauth.Reply  `json:"reply,omitempty"`   // without its Body in JSON; see record
	Received time.Time     `json:"received,omitzero"`
	Login    *PendingLogin `json:"login,omitempty"` // nil for a refresh

	// SpilledTo is where the store saved the reply if it could not save it in its place, and this
	// process cannot read it there.
	SpilledTo string `json:"elsewhere,omitempty"`
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
func (c *Connection) interrupted() *Pending {
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

// PendingLogin is what is needed to check and save the reply to the code exchange of a login.
type PendingLogin struct {
	redact.Hidden

	Name         string       `json:"name"` // of the connection; others may share its token file
	Registration Registration `json:"registration,omitzero"`
	Nonce        string       `json:"nonce,omitempty"`  // expected in the id_token
	Before       *Pending     `json:"before,omitempty"` // an earlier refresh that was interrupted
}

// pendingLogin is PendingLogin without methods. With them, encoding/json does not inspect the whole
// type Registration at the first refresh of a process, which takes 0.1 ms.
type pendingLogin PendingLogin

// MarshalJSON marshals all fields.
func (p PendingLogin) MarshalJSON() ([]byte, error) { return json.Marshal(pendingLogin(p)) }

// UnmarshalJSON unmarshals all fields.
func (p *PendingLogin) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(data, (*pendingLogin)(p))
}

type record struct {
	Registration
	TokenFile string   `json:"token_file,omitempty"`
	Health    Health   `json:"health,omitzero"`
	History   History  `json:"history,omitzero"`
	Pending   *Pending `json:"pending,omitempty"`
	Reply     []byte   `json:"reply_body,omitempty"` // Pending.Reply.Body, byte for byte
}

// Record returns all that a [Store] must keep of c, except Name, Token, Saved and Version, as a
// JSON object for [Connection.Restore]. It does not include the client secret. While a reply is
// pending, it is as secret as the token.
//
// Keep it as bytes or text: PostgreSQL's jsonb rejects an escaped zero byte, which a provider may
// send.
func (c *Connection) Record() ([]byte, error) {
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

// Restore sets the fields of c from what a [Store] kept: the bytes of the token, and the result of
// [Connection.Record]. An empty argument changes nothing.
//
// If c has a Registration, it stays. So an application can keep the registration of all its
// connections in one place. Only Endpoints, Parts, Scopes and Redirect, which may differ between
// connections, are set from the saved record if c has none.
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
	c.Registration = c.withDefaults(r.Registration)
	c.TokenFile, c.Health, c.History, c.Pending = r.TokenFile, r.Health, r.History, r.Pending
	if c.Pending != nil && c.Pending.Reply != nil {
		c.Pending.Reply.Body = r.Reply
	}
	return nil
}

// withDefaults returns r with the fields that may differ between connections filled in from saved.
// It returns saved if r is zero.
func (r Registration) withDefaults(saved Registration) Registration {
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

// History is the outcome of the last logins and refreshes, the latest last.
type History struct {
	redact.Hidden

	// Key is the key of the fingerprints: those of different connections cannot be compared.
	Key     string         `json:"key,omitempty"`
	Entries []HistoryEntry `json:"entries,omitempty"` // at most 20
	// Logins are the times of the last logins, at most 10, without those that [Refresher.Revoke]
	// ended. The entries of logins do not last: refreshes push them out.
	Logins []time.Time `json:"logins,omitempty"`
}

// HistoryEntry is a login or refresh that succeeded or failed.
type HistoryEntry struct {
	Time    time.Time  `json:"time"`
	Outcome Outcome    `json:"outcome"`
	Kind    oauth.Kind `json:"kind,omitempty"` // of a failure
	Code    string     `json:"code,omitempty"` // the provider's error code
	Host    string     `json:"host,omitempty"` // of the token endpoint, if a refresh failed
	Millis  int64      `json:"duration_ms"`    // since the connection was locked
	// Interrupted is the time of an interrupted refresh that probably replaced the refresh token,
	// if the provider refused this one.
	Interrupted time.Time `json:"interrupted,omitzero"`
	// Fingerprint is a keyed hash of the refresh token that was saved afterwards. It shows whether
	// the token changed.
	Fingerprint string `json:"fingerprint,omitempty"`
}

// Failed is the outcome of a login or refresh that delivered no token.
const Failed Outcome = "failed"

const (
	maxHistory = 20
	maxLogins  = 10
)

// Fingerprint returns a keyed hash of token's refresh token, or "" if it has none.
func (h History) Fingerprint(token Token) string {
	if token.RefreshToken() == "" {
		return ""
	}
	mac := hmac.New(sha256.New, []byte(h.Key))
	mac.Write([]byte(token.RefreshToken()))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

// last returns the latest entry, or the zero entry.
func (h History) last() HistoryEntry {
	if len(h.Entries) == 0 {
		return HistoryEntry{}
	}
	return h.Entries[len(h.Entries)-1]
}

// lastSource returns what delivered the latest token: a login or a refresh.
func (h History) lastSource() string {
	for _, e := range slices.Backward(h.Entries) {
		switch e.Outcome {
		case Failed:
		case LoggedIn:
			return "login"
		default:
			return "refresh"
		}
	}
	return "refresh"
}

// withEntry returns h with e, completed from the token that is saved now and the start of the
// attempt.
func (h History) withEntry(e HistoryEntry, token Token, began time.Time) History {
	if h.Key == "" {
		h.Key = rand.Text()
	}
	e.Fingerprint = h.Fingerprint(token)
	e.Millis = max(e.Time.Sub(began).Milliseconds(), 0)
	e.Time = e.Time.UTC().Round(time.Millisecond)
	// Slices of the exact size, since they are kept in memory for each connection.
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
