package oauthtest

import (
	"sync"
	"time"
)

// consent is what the user allowed.
type consent struct {
	scope     string
	resources []string // RFC 8707
	nonce     string
}

// grant is what one user once allowed: a chain of refresh tokens of which only the last is current.
type grant struct {
	consent
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
	issued  time.Time
	expires time.Time
}

func (a accessToken) valid(now time.Time) bool {
	return a.grant != nil && !a.grant.revoked && now.Before(a.expires)
}

func (a accessToken) ended(now time.Time) bool { return !a.valid(now) }

// issue is one set of tokens handed out.
type issue struct {
	grant     *grant
	access    string
	refresh   string // "" when the reply must not have one
	presented string // the refresh token that was exchanged, if one was
	nonce     string // of the id_token; only the first has one
	at        time.Time
	expires   time.Time
}

// secondsLeft is the issue's expires_in.
func (i issue) secondsLeft() int { return int(i.expires.Sub(i.at) / time.Second) }

// ledger knows every refresh token ever issued, spent ones included: a reuse can only be told from garbage by
// remembering. Access tokens and codes are forgotten some time after their end.
type ledger struct {
	cfg     Config
	dialect dialect

	mu        sync.Mutex
	byRefresh map[string]*grant
	byAccess  memory[accessToken]
	codes     memory[*code]
	devices   memory[*device]
	busy      map[string]bool // refresh tokens whose reply is still held back
	stats     Stats
}

func newLedger(cfg Config, d dialect) *ledger {
	return &ledger{
		cfg:       cfg,
		dialect:   d,
		byRefresh: make(map[string]*grant),
		busy:      make(map[string]bool),
	}
}

// grant starts a grant that nobody had to ask for.
func (l *ledger) grant() issue {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.begin(consent{scope: l.dialect.scope}, time.Now())
}

// login starts the grant that a code or a device code stands for. l.mu is held.
func (l *ledger) login(c consent, now time.Time) issue {
	l.stats.Logins++
	out := l.begin(c, now)
	if l.cfg.NoRefreshToken {
		out.refresh = ""
	}
	return out
}

// begin starts a grant. l.mu is held.
func (l *ledger) begin(c consent, now time.Time) issue {
	g := &grant{consent: c, current: l.dialect.refreshToken()}
	l.byRefresh[g.current] = g
	out := l.issue(g, now)
	out.refresh, out.nonce = g.current, c.nonce
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
	last := l.byAccess.get(g.access)
	if l.cfg.SameAccessToken && !l.cfg.Rotate && last.valid(now) {
		return issue{grant: g, access: g.access, at: now, expires: last.expires}
	}
	g.access = l.dialect.accessToken()
	expires := now.Add(l.cfg.TTL)
	l.byAccess.put(g.access, accessToken{grant: g, issued: now, expires: expires}, now)
	return issue{grant: g, access: g.access, at: now, expires: expires}
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

// revoke ends token, and reports whether there was anything to end.
func (l *ledger) revoke(token string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byAccess.get(token).valid(time.Now()) {
		l.byAccess.drop(token)
		return true
	}
	g := l.byRefresh[token]
	if g == nil || g.revoked {
		return false
	}
	l.end(g)
	return true
}

func (l *ledger) validAccess(token string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.byAccess.get(token).valid(time.Now())
}

func (l *ledger) validRefresh(token string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := l.byRefresh[token]
	return g != nil && !g.revoked && g.unspent(token, time.Now(), l.cfg.Grace)
}
