package freshet

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/freshet-dev/freshet/oauth"
)

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
func (h History) with(e HistoryEntry, token Token, began time.Time) History {
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
