package freshet

import (
	"testing"
	"time"
)

// Refreshes push the entries of logins out. The times of logins are kept separately, since some
// providers end the oldest of many grants.
func TestHistoryKeepsLogins(t *testing.T) {
	var h History
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	add := func(outcome Outcome, code string) {
		at = at.Add(time.Minute)
		h = h.withEntry(HistoryEntry{Time: at, Outcome: outcome, Code: code}, Token{}, at)
	}
	for range 2 {
		add(LoggedIn, "")
	}
	last := at
	for range 2 * maxHistory {
		add(Refreshed, "")
	}
	if len(h.Entries) != maxHistory || len(h.Logins) != 2 || !h.Logins[1].Equal(last) {
		t.Fatalf("%d entries, logins %v", len(h.Entries), h.Logins)
	}

	// The grant of the last login was revoked.
	before := h
	add(Failed, CodeRevoked)
	if len(h.Logins) != 1 || len(before.Logins) != 2 {
		t.Errorf("after a revocation: %v, before: %v", h.Logins, before.Logins)
	}
	for range 2 * maxLogins {
		add(LoggedIn, "")
	}
	if len(h.Logins) != maxLogins || !h.Logins[maxLogins-1].Equal(at) || !before.Logins[1].Equal(last) {
		t.Errorf("after many: %v", h.Logins)
	}
}
