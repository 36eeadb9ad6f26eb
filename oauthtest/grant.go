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
	offline   bool // a refresh token was asked for
	user      bool // Slack: for a user's token, not for a bot's
	public    bool // the client needs no secret
}

// grant is what one user once allowed: a chain of refresh tokens of which only the last is current.
type grant struct {
	consent
	number  uint32    // its place in the ledger
	current uint32    // the serial of the current refresh token
	renewed time.Time // when that was issued, and the one before spent
	access  stub      // of the access token issued last
	issues  uint32    // how many access tokens there were
	revoked bool
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
	permanent bool // it does not expire

	refreshExpires time.Time // zero when the refresh token lives as long as its grant
}

// secondsLeft is the issue's expires_in.
func (i issue) secondsLeft() int { return int(i.expires.Sub(i.at) / time.Second) }

// refreshSecondsLeft is the issue's refresh_token_expires_in.
func (i issue) refreshSecondsLeft() int { return int(i.refreshExpires.Sub(i.at) / time.Second) }

// ledger knows every grant ever begun. The tokens say themselves of which grant they are. Codes are forgotten some time
// after their end.
type ledger struct {
	cfg           Config
	dialect       dialect
	rotation      rotation
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
		rotation:      d.rotation.under(cfg),
		accessTokens:  newSeal(d.accessPrefix, d.tokenTexts),
		refreshTokens: newSeal(d.refreshPrefix, d.tokenTexts),
		busy:          make(map[string]bool),
	}
}

// grant starts a grant that nobody had to ask for.
func (l *ledger) grant() issue {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.begin(consent{scope: l.dialect.scope, offline: true, user: l.cfg.UserToken}, time.Now())
}

// login starts the grant that a code or a device code stands for. l.mu is held.
func (l *ledger) login(c consent, now time.Time) issue {
	l.stats.Logins++
	c.offline = c.offline && !l.cfg.NoRefreshToken
	c.user = c.user || l.cfg.UserToken
	return l.begin(c, now)
}

// begin starts a grant. l.mu is held.
func (l *ledger) begin(c consent, now time.Time) issue {
	l.makeRoom()
	g := &grant{consent: c, number: uint32(len(l.grants)), renewed: now}
	l.grants = append(l.grants, g)
	out := l.issue(g, now)
	out.nonce = c.nonce
	if c.offline && !l.dialect.prolongs {
		out = l.withRefresh(out)
	}
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

// withRefresh is i with the current refresh token of its grant.
func (l *ledger) withRefresh(i issue) issue {
	i.refresh = l.refreshTokens.token(stub{grant: i.grant.number, serial: i.grant.current})
	if l.cfg.RefreshTTL > 0 {
		i.refreshExpires = i.grant.renewed.Add(l.cfg.RefreshTTL)
	}
	return i
}

// refresh exchanges token; if it keeps, for an access token only. Unless it is refused, the caller calls done once the reply
// goes out.
func (l *ledger) refresh(token string, keeps bool) (issue, *refusal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	g, serial := l.byRefresh(token)
	switch {
	case g == nil:
		return issue{}, &deadToken
	case l.dialect.refusesOverlap && l.busy[token]:
		return issue{}, &beingProcessed
	case l.spent(g, serial, now):
		l.stats.Reuses++
		if l.dialect.reuseRevokes {
			l.end(g)
		}
		return issue{}, &deadToken
	case g.revoked, l.expired(g, serial, now):
		return issue{}, &deadToken
	}
	if !keeps && l.replaces(g, serial, now) {
		g.current++
		g.renewed = now
	}
	l.busy[token] = true
	l.stats.Refreshes++
	out := l.issue(g, now)
	out.presented = token
	if !keeps && l.rotation != leftOut {
		out = l.withRefresh(out)
	}
	return out, nil
}

// issue gives g an access token. l.mu is held.
func (l *ledger) issue(g *grant, now time.Time) issue {
	if l.cfg.SameAccessToken && l.rotation <= repeated && g.issues > 0 {
		last := l.accessTokens.token(g.access)
		if a := l.byAccess(last, now); a.grant != nil {
			return issue{grant: g, access: last, at: now, expires: a.expires, permanent: l.permanent(g)}
		}
	}
	g.access = stub{grant: g.number, serial: g.issues, issued: now.UnixNano()}
	g.issues++
	return issue{grant: g, access: l.accessTokens.token(g.access), at: now, expires: l.ends(g, now), permanent: l.permanent(g)}
}

// permanent reports whether g's access tokens do not expire.
func (l *ledger) permanent(g *grant) bool { return l.dialect.permanent && !g.offline }

// ends is when an access token of g expires that was issued at then.
func (l *ledger) ends(g *grant, then time.Time) time.Time {
	if l.permanent(g) {
		return then.AddDate(100, 0, 0)
	}
	return then.Add(l.cfg.TTL)
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
	if g == nil || g.revoked || l.spent(g, serial, now) || l.expired(g, serial, now) {
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
	g := l.grants[t.grant]
	a := accessToken{g, t.issuedAt(), l.ends(g, t.issuedAt())}
	if g.revoked || l.superseded(g, t, now) || a.ended(now) || l.refused.get(token).grant != nil {
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
