package oauthtest

import (
	"sync"
	"time"
)

// grant is what one user once allowed: a chain of refresh tokens of which only the last is current.
type grant struct {
	current  string
	previous string // spent by the last rotation
	rotated  time.Time
	access   string // issued last
	revoked  bool
}

// unspent reports whether token, one of g's, may be used at now: it is current, or in its grace.
func (g *grant) unspent(token string, now time.Time, grace time.Duration) bool {
	return token == g.current || token == g.previous && now.Sub(g.rotated) < grace
}

type accessToken struct {
	grant   *grant
	expires time.Time
}

func (a accessToken) valid(now time.Time) bool {
	return a.grant != nil && !a.grant.revoked && now.Before(a.expires)
}

// issue is one set of tokens handed out.
type issue struct {
	access    string
	refresh   string // "" when the reply must not have one
	presented string // the refresh token that was exchanged
	at        time.Time
	expires   time.Time
}

// secondsLeft is the issue's expires_in.
func (i issue) secondsLeft() int { return int(i.expires.Sub(i.at) / time.Second) }

// ledger knows every token ever issued, spent ones included: a reuse can only be told from garbage by remembering.
type ledger struct {
	cfg     Config
	dialect dialect

	mu        sync.Mutex
	byRefresh map[string]*grant
	byAccess  map[string]accessToken
	busy      map[string]bool // refresh tokens whose reply is still held back
	stats     Stats
}

func newLedger(cfg Config, d dialect) *ledger {
	return &ledger{
		cfg:       cfg,
		dialect:   d,
		byRefresh: make(map[string]*grant),
		byAccess:  make(map[string]accessToken),
		busy:      make(map[string]bool),
	}
}

// grant starts a grant.
func (l *ledger) grant() issue {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := &grant{current: l.dialect.refreshToken()}
	l.byRefresh[g.current] = g
	out := l.issue(g, time.Now())
	out.refresh = g.current
	return out
}

// refresh exchanges token. Unless it is refused, the caller calls done once the reply goes out.
func (l *ledger) refresh(token string, rotate bool) (issue, *refusal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	g := l.byRefresh[token]
	switch {
	case g == nil:
		return issue{}, &deadToken
	case l.dialect.refusesOverlap && l.busy[token]:
		return issue{}, &beingProcessed
	case !g.unspent(token, now, l.cfg.Grace):
		l.stats.Reuses++
		l.end(g)
		return issue{}, &deadToken
	case g.revoked:
		return issue{}, &deadToken
	}
	if rotate && token == g.current {
		g.previous, g.current, g.rotated = g.current, l.dialect.refreshToken(), now
		l.byRefresh[g.current] = g
	}
	l.busy[token] = true
	l.stats.Refreshes++
	out := l.issue(g, now)
	out.presented = token
	if rotate {
		out.refresh = g.current
	}
	return out, nil
}

// issue gives g an access token. l.mu is held.
func (l *ledger) issue(g *grant, now time.Time) issue {
	last := l.byAccess[g.access]
	if l.cfg.SameAccessToken && !l.cfg.Rotate && last.valid(now) {
		return issue{access: g.access, at: now, expires: last.expires}
	}
	g.access = l.dialect.accessToken()
	expires := now.Add(l.cfg.TTL)
	l.byAccess[g.access] = accessToken{grant: g, expires: expires}
	return issue{access: g.access, at: now, expires: expires}
}

// end revokes g. l.mu is held.
func (l *ledger) end(g *grant) {
	if !g.revoked {
		g.revoked = true
		l.stats.GrantsRevoked++
	}
}

// done says that the reply to the refresh with token is no longer held back.
func (l *ledger) done(token string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.busy, token)
}

func (l *ledger) revoke(token string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.byAccess, token)
	if g := l.byRefresh[token]; g != nil {
		l.end(g)
	}
}

func (l *ledger) validAccess(token string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.byAccess[token].valid(time.Now())
}

func (l *ledger) validRefresh(token string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := l.byRefresh[token]
	return g != nil && !g.revoked && g.unspent(token, time.Now(), l.cfg.Grace)
}
