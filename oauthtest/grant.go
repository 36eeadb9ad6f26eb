package oauthtest

import (
	"slices"
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
	number  uint32    // its place in the ledger
	current uint32    // the serial of the current refresh token
	rotated time.Time // when the one before was spent
	access  stub      // of the access token issued last
	issues  uint32    // how many access tokens there were
	revoked bool
}

// unspent reports whether the refresh token with this serial, one of g's, may be used at now: it is current, or in its
// grace.
func (g *grant) unspent(serial uint32, now time.Time, grace time.Duration) bool {
	return serial == g.current || serial+1 == g.current && now.Sub(g.rotated) < grace
}

// accessToken is one that was issued and is still valid; its zero value is none.
type accessToken struct {
	grant   *grant
	issued  time.Time
	expires time.Time
}

func (a accessToken) ended(now time.Time) bool { return !now.Before(a.expires) }

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

// ledger knows every grant ever begun. The tokens say themselves of which grant they are. Codes are forgotten some time
// after their end.
type ledger struct {
	cfg           Config
	dialect       dialect
	accessTokens  seal
	refreshTokens seal

	mu      sync.Mutex
	grants  []*grant
	refused memory[accessToken] // revoked one by one
	codes   memory[*code]
	devices memory[*device]
	busy    map[string]bool // refresh tokens whose reply is still held back
	stats   Stats
}

func newLedger(cfg Config, d dialect) *ledger {
	return &ledger{
		cfg:           cfg,
		dialect:       d,
		accessTokens:  newSeal(d.accessPrefix, d.tokenTexts),
		refreshTokens: newSeal(d.refreshPrefix, d.tokenTexts),
		busy:          make(map[string]bool),
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
	l.makeRoom()
	g := &grant{consent: c, number: uint32(len(l.grants))}
	l.grants = append(l.grants, g)
	out := l.issue(g, now)
	out.refresh, out.nonce = l.current(g), c.nonce
	return out
}

// makeRoom ends the oldest grants where only so many may live at once. l.mu is held.
func (l *ledger) makeRoom() {
	if l.cfg.MaxGrants == 0 {
		return
	}
	alive := slices.DeleteFunc(slices.Clone(l.grants), func(g *grant) bool { return g.revoked })
	for len(alive) >= l.cfg.MaxGrants {
		l.end(alive[0])
		alive = alive[1:]
	}
}

// idle reports whether g was not used for too long: every use issues an access token.
func (l *ledger) idle(g *grant, now time.Time) bool {
	return l.cfg.IdleLimit > 0 && now.Sub(g.access.issuedAt()) >= l.cfg.IdleLimit
}

// current is g's current refresh token.
func (l *ledger) current(g *grant) string {
	return l.refreshTokens.token(stub{grant: g.number, serial: g.current})
}

// refresh exchanges token. Unless it is refused, the caller calls done once the reply goes out.
func (l *ledger) refresh(token string, rotate bool) (issue, *refusal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	g, serial := l.byRefresh(token)
	switch {
	case g == nil:
		return issue{}, &deadToken
	case l.dialect.refusesOverlap && l.busy[token]:
		return issue{}, &beingProcessed
	case !g.unspent(serial, now, l.cfg.Grace):
		l.stats.Reuses++
		l.end(g)
		return issue{}, &deadToken
	case g.revoked, l.idle(g, now):
		return issue{}, &deadToken
	}
	if rotate && serial == g.current {
		g.current++
		g.rotated = now
	}
	l.busy[token] = true
	l.stats.Refreshes++
	out := l.issue(g, now)
	out.presented = token
	if rotate {
		out.refresh = l.current(g)
	}
	return out, nil
}

// issue gives g an access token. l.mu is held.
func (l *ledger) issue(g *grant, now time.Time) issue {
	if l.cfg.SameAccessToken && !l.cfg.Rotate && g.issues > 0 {
		last := l.accessTokens.token(g.access)
		if a := l.byAccess(last, now); a.grant != nil {
			return issue{grant: g, access: last, at: now, expires: a.expires}
		}
	}
	g.access = stub{grant: g.number, serial: g.issues, issued: now.UnixNano()}
	g.issues++
	return issue{grant: g, access: l.accessTokens.token(g.access), at: now, expires: now.Add(l.cfg.TTL)}
}

// byRefresh returns the grant that a refresh token, spent or not, was issued for, and its serial. l.mu is held.
func (l *ledger) byRefresh(token string) (g *grant, serial uint32) {
	t, ok := l.refreshTokens.open(token)
	if !ok || int(t.grant) >= len(l.grants) || t.serial > l.grants[t.grant].current {
		return nil, 0
	}
	return l.grants[t.grant], t.serial
}

// unspent returns the grant that a refresh of token now would be of, or nil. l.mu is held.
func (l *ledger) unspent(token string, now time.Time) *grant {
	g, serial := l.byRefresh(token)
	if g == nil || g.revoked || l.idle(g, now) || !g.unspent(serial, now, l.cfg.Grace) {
		return nil
	}
	return g
}

// byAccess returns the access token if it is valid. l.mu is held.
func (l *ledger) byAccess(token string, now time.Time) accessToken {
	t, ok := l.accessTokens.open(token)
	if !ok || int(t.grant) >= len(l.grants) {
		return accessToken{}
	}
	a := accessToken{l.grants[t.grant], t.issuedAt(), t.issuedAt().Add(l.cfg.TTL)}
	replaced := l.cfg.OneAccessToken && t != a.grant.access
	if a.grant.revoked || replaced || a.ended(now) || l.refused.get(token).grant != nil {
		return accessToken{}
	}
	return a
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
	now := time.Now()
	if a := l.byAccess(token, now); a.grant != nil {
		l.refused.put(token, a, now)
		return true
	}
	g, _ := l.byRefresh(token)
	if g == nil || g.revoked {
		return false
	}
	l.end(g)
	return true
}

func (l *ledger) validAccess(token string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.byAccess(token, time.Now()).grant != nil
}

func (l *ledger) validRefresh(token string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.unspent(token, time.Now()) != nil
}
