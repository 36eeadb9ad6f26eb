package oauthtest

import "time"

// rotation is what becomes of a refresh token that is used.
type rotation int

const (
	leftOut       rotation = iota // it stays, and the reply does not have it
	repeated                      // it stays, and the reply has it again
	replaced                      // it is spent, and the reply has the next
	replacedDaily                 // it is spent when it is a day old
	joined                        // it stays, and the reply has another that is as good
)

// day is how old a refresh token gets that is replaced daily.
const day = 24 * time.Hour

// under is r when the test asks for rotation too.
func (r rotation) under(c Config) rotation {
	if c.Rotate && r <= repeated {
		return replaced
	}
	return r
}

// replaces reports whether a refresh with the token of this serial issues another refresh token. l.mu is held.
func (l *ledger) replaces(g *grant, serial uint32, now time.Time) bool {
	switch l.rotation {
	case replaced:
		return serial == g.current
	case replacedDaily:
		return serial == g.current && now.Sub(g.renewed) >= day
	case joined:
		return true
	default:
		return false
	}
}

// spent reports whether the refresh token with this serial, one of g's, was replaced, and its grace is over. l.mu is held.
func (l *ledger) spent(g *grant, serial uint32, now time.Time) bool {
	if serial == g.current || l.rotation == joined {
		return false
	}
	return serial+1 != g.current || now.Sub(g.renewed) >= l.cfg.Grace
}

// expired reports whether the refresh token with this serial, one of g's, is too old, or g was not used for too long: every use
// issues an access token. l.mu is held.
func (l *ledger) expired(g *grant, serial uint32, now time.Time) bool {
	if l.cfg.IdleLimit > 0 && now.Sub(g.access.issuedAt()) >= l.cfg.IdleLimit {
		return true
	}
	return l.cfg.RefreshTTL > 0 && serial == g.current && now.Sub(g.renewed) >= l.cfg.RefreshTTL
}

// superseded reports whether t, one of g's access tokens, is no longer valid because of a later one. l.mu is held.
func (l *ledger) superseded(g *grant, t stub, now time.Time) bool {
	if !l.cfg.OneAccessToken || t == g.access {
		return false
	}
	inGrace := l.dialect.accessInGrace && t.serial+1 == g.access.serial && now.Sub(g.access.issuedAt()) < l.cfg.Grace
	return !inGrace
}

// prolong exchanges an access token for the next, of a provider without refresh tokens.
func (l *ledger) prolong(token string) (issue, *refusal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	a := l.byAccess(token, now)
	if a.grant == nil {
		return issue{}, &deadToken
	}
	l.stats.Refreshes++
	return l.issue(a.grant, now), nil
}
