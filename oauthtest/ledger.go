package oauthtest

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// consent is what the user allowed.
type consent struct {
	scope     string
	resources []string // RFC 8707
	nonce     string
	offline   bool // the client asked for a refresh token
	user      bool // Slack: for a user's token instead of a bot's
	public    bool // the client needs no secret
	client    bool // no user: the token is the client's own
}

// grant is what a user allowed once. Its refresh tokens are a chain, of which the last is current.
type grant struct {
	consent
	number  uint32 // its index in the ledger
	login   bool   // a code or a device code started it
	began   time.Time
	current uint32    // the serial of the current refresh token
	renewed time.Time // when that was issued, and the previous one spent
	access  tokenID   // the access token issued last
	issues  uint32    // how many access tokens were issued
	revoked bool
}

// accessToken is a valid access token. The zero value is none.
type accessToken struct {
	grant   *grant
	issued  time.Time
	expires time.Time
}

func (a accessToken) forgettable(now time.Time) bool { return !now.Before(a.expires) }

// tokenResponse is the content of the reply to a login or a refresh.
type tokenResponse struct {
	grant     *grant
	access    string
	refresh   string // "" if the reply has none
	presented string // the refresh token that was exchanged, if one was
	nonce     string // of the id_token; only that of a login has one
	at        time.Time
	expires   time.Time
	permanent bool // the access token does not expire

	refreshExpires time.Time     // zero if the refresh token lives as long as its grant
	grantExpires   time.Time     // zero if the grant lives until it is revoked
	timeout        time.Duration // after which an unused refresh token expires; 0 if never
}

// secondsLeft returns expires_in.
func (r tokenResponse) secondsLeft() int { return int(r.expires.Sub(r.at) / time.Second) }

// refreshSecondsLeft returns refresh_token_expires_in.
func (r tokenResponse) refreshSecondsLeft() int { return int(r.refreshExpires.Sub(r.at) / time.Second) }

// ledger has every grant since the server started. Tokens are not stored: a token identifies its
// grant. Codes are forgotten some time after they have expired.
type ledger struct {
	cfg           Config
	profile       *profile
	rotation      rotation
	accessTokens  tokenCodec
	refreshTokens tokenCodec

	mu         sync.Mutex
	grants     []*grant
	revoked    expiringMap[accessToken] // access tokens that were revoked without their grant
	codes      expiringMap[*code]
	devices    expiringMap[*device]
	assertions expiringMap[*usedAssertion]
	busy       map[string]bool // refresh tokens of refreshes in flight
	stats      Stats
}

func newLedger(cfg Config, p *profile) *ledger {
	rotation := p.Rotation
	if cfg.Rotate && rotation.keeps() {
		rotation = replace
	}
	accessPrefix, _ := p.Login.value("access_token").(string)
	refreshPrefix, _ := p.Login.value("refresh_token").(string)
	return &ledger{
		cfg:           cfg,
		profile:       p,
		rotation:      rotation,
		accessTokens:  newTokenCodec(accessPrefix, p.TokenBlocks),
		refreshTokens: newTokenCodec(refreshPrefix, p.TokenBlocks),
		busy:          make(map[string]bool),
	}
}

// grant starts a grant without a login.
func (l *ledger) grant() tokenResponse {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.start(consent{scope: l.profile.Scope, offline: true, user: l.cfg.UserToken}, time.Now())
}

// login starts the grant of a code or a device code. l.mu is held.
func (l *ledger) login(c consent, now time.Time) tokenResponse {
	l.stats.Logins++
	c.offline = c.offline && !l.cfg.NoRefreshToken
	c.user = c.user || l.cfg.UserToken
	if c.offline {
		l.enforceMaxGrants()
	}
	out := l.start(c, now)
	out.grant.login = true
	return out
}

// start starts a grant. l.mu is held.
func (l *ledger) start(c consent, now time.Time) tokenResponse {
	g := &grant{consent: c, number: uint32(len(l.grants)), began: now, renewed: now}
	l.grants = append(l.grants, g)
	out := l.issueAccess(g, now)
	out.nonce = c.nonce
	if c.offline && !l.profile.ExtendsAccessToken {
		l.addRefreshToken(&out)
	}
	return out
}

// enforceMaxGrants ends the oldest logins' grants, so that one more is allowed. l.mu is held.
func (l *ledger) enforceMaxGrants() {
	if l.cfg.MaxGrants <= 0 {
		return
	}
	counted := slices.DeleteFunc(slices.Clone(l.grants), func(g *grant) bool {
		return !g.login || !g.offline || g.revoked
	})
	for len(counted) >= l.cfg.MaxGrants {
		l.end(counted[0])
		counted = counted[1:]
	}
}

// issueAccess issues an access token of g. l.mu is held.
func (l *ledger) issueAccess(g *grant, now time.Time) tokenResponse {
	permanent := l.isPermanent(g)
	if l.cfg.SameAccessToken && l.rotation.keeps() && g.issues > 0 {
		last := l.accessTokens.encode(g.access)
		if a := l.findAccess(last, now); a.grant != nil {
			return tokenResponse{grant: g, access: last, at: now, expires: a.expires, permanent: permanent}
		}
	}
	g.access = tokenID{grant: g.number, serial: g.issues, issued: now.UnixNano()}
	g.issues++
	access := l.accessTokens.encode(g.access)
	return tokenResponse{grant: g, access: access, at: now, expires: l.accessExpiry(g, now), permanent: permanent}
}

// addRefreshToken adds the current refresh token to r. l.mu is held.
func (l *ledger) addRefreshToken(r *tokenResponse) {
	r.refresh = l.refreshTokens.encode(tokenID{grant: r.grant.number, serial: r.grant.current})
	if l.cfg.RefreshTTL > 0 {
		r.refreshExpires = r.grant.renewed.Add(l.cfg.RefreshTTL)
	}
	r.timeout = l.cfg.IdleLimit
	if l.cfg.GrantTTL > 0 {
		r.grantExpires = l.grantExpiry(r.grant)
		if left := r.grantExpires.Sub(r.at); r.timeout > left {
			r.timeout = left // it must not exceed authorization_expires_in
		}
	}
}

// isPermanent reports whether g's access tokens do not expire.
func (l *ledger) isPermanent(g *grant) bool { return l.profile.Permanent && !g.offline }

// accessExpiry returns when an access token of g expires.
func (l *ledger) accessExpiry(g *grant, issued time.Time) time.Time {
	if l.isPermanent(g) {
		return issued.AddDate(100, 0, 0)
	}
	expiry := issued.Add(l.cfg.TTL)
	if end := l.grantExpiry(g); l.cfg.GrantTTL > 0 && end.Before(expiry) {
		return end
	}
	return expiry
}

// grantExpiry returns when g ends because of [Config.GrantTTL].
func (l *ledger) grantExpiry(g *grant) time.Time { return g.began.Add(l.cfg.GrantTTL) }

// findRefresh returns the grant and serial of a refresh token, spent or not. l.mu is held.
func (l *ledger) findRefresh(token string) (g *grant, serial uint32) {
	id, ok := l.refreshTokens.decode(token)
	if !ok || int(id.grant) >= len(l.grants) || id.serial > l.grants[id.grant].current {
		return nil, 0
	}
	return l.grants[id.grant], id.serial
}

// findValidRefresh returns the grant of a refresh token if a refresh with it would be accepted now,
// or nil. l.mu is held.
func (l *ledger) findValidRefresh(token string, now time.Time) *grant {
	g, serial := l.findRefresh(token)
	if g == nil || g.revoked || l.isSpent(g, serial, now) || l.hasExpired(g, serial, now) {
		return nil
	}
	return g
}

// findAccess returns the access token if it is valid. l.mu is held.
func (l *ledger) findAccess(token string, now time.Time) accessToken {
	id, ok := l.accessTokens.decode(token)
	if !ok || int(id.grant) >= len(l.grants) {
		return accessToken{}
	}
	g := l.grants[id.grant]
	a := accessToken{g, id.issuedAt(), l.accessExpiry(g, id.issuedAt())}
	if g.revoked || l.isSuperseded(g, id, now) || !now.Before(a.expires) || l.revoked.get(token).grant != nil {
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

// revoke ends token, and reports whether it was valid.
func (l *ledger) revoke(token string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if a := l.findAccess(token, now); a.grant != nil {
		l.revoked.put(token, a, now)
		return true
	}
	g, _ := l.findRefresh(token)
	if g == nil || g.revoked {
		return false
	}
	l.end(g)
	return true
}

func (l *ledger) validAccess(token string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.findAccess(token, time.Now()).grant != nil
}

func (l *ledger) validRefresh(token string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.findValidRefresh(token, time.Now()) != nil
}

// isPublic reports whether a code, a device code or a refresh token is of a login that needs no
// client secret.
func (l *ledger) isPublic(code, deviceCode, refreshToken string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.codes.get(code); c != nil {
		return c.public
	}
	if d := l.devices.get(deviceCode); d != nil {
		return d.public
	}
	g, _ := l.findRefresh(refreshToken)
	return g != nil && g.public
}

// expiringMap is a map that deletes what is forgettable, so that the memory of a server that runs for
// weeks does not grow. It looks for such items each time that it has doubled. The zero value is empty.
type expiringMap[T interface{ forgettable(now time.Time) bool }] struct {
	items   map[string]T
	cleanAt int // the number of items at which it looks
}

func (m *expiringMap[T]) get(key string) T { return m.items[key] }

func (m *expiringMap[T]) put(key string, item T, now time.Time) {
	if m.items == nil {
		m.items = make(map[string]T)
	}
	if len(m.items) >= m.cleanAt {
		maps.DeleteFunc(m.items, func(_ string, item T) bool { return item.forgettable(now) })
		m.cleanAt = max(64, 2*len(m.items))
	}
	m.items[key] = item
}
