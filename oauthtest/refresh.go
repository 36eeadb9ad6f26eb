package oauthtest

import "time"

// rotation is what a refresh does with the refresh token.
type rotation string

const (
	omit         rotation = ""        // it stays valid, and the reply leaves it out
	repeat       rotation = "repeat"  // it stays valid, and the reply repeats it
	replace      rotation = "replace" // it is spent, and the reply has the next
	replaceDaily rotation = "daily"   // as replace when it is a day old, as repeat before
	addAnother   rotation = "add"     // it stays valid, and the reply has another one that is valid too
)

// keeps reports whether the current refresh token always stays the same.
func (r rotation) keeps() bool { return r == omit || r == repeat }

// refresh refreshes token. With keepToken the reply has only an access token. Unless it returns an
// error, the caller calls refreshDone when the reply is sent.
func (l *ledger) refresh(token string, keepToken bool) (tokenResponse, *oauthError) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	g, serial := l.findRefresh(token)
	switch {
	case g == nil:
		return tokenResponse{}, &invalidRefreshToken
	case l.profile.RefusesOverlap && l.busy[token]:
		return tokenResponse{}, &beingProcessed
	case l.isSpent(g, serial, now):
		l.stats.Reuses++
		if l.profile.ReuseRevokes {
			l.end(g)
		}
		return tokenResponse{}, &invalidRefreshToken
	case g.revoked, l.hasExpired(g, serial, now):
		return tokenResponse{}, &invalidRefreshToken
	}
	if !keepToken && l.rotates(g, serial, now) {
		g.current++
		g.renewed = now
	}
	l.busy[token] = true
	l.stats.Refreshes++
	out := l.issueAccess(g, now)
	out.presented = token
	if !keepToken && l.rotation != omit {
		l.addRefreshToken(&out)
	}
	return out, nil
}

// refreshDone ends the time in which another refresh with token overlaps.
func (l *ledger) refreshDone(token string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.busy, token)
}

// extend exchanges an access token for the next, for a provider without refresh tokens.
func (l *ledger) extend(token string) (tokenResponse, *oauthError) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	a := l.findAccess(token, now)
	if a.grant == nil {
		return tokenResponse{}, &invalidRefreshToken
	}
	l.stats.Refreshes++
	return l.issueAccess(a.grant, now), nil
}

// rotates reports whether a refresh with the token of this serial issues another refresh token. l.mu
// is held.
func (l *ledger) rotates(g *grant, serial uint32, now time.Time) bool {
	switch l.rotation {
	case replace:
		return serial == g.current
	case replaceDaily:
		return serial == g.current && now.Sub(g.renewed) >= day
	default:
		return l.rotation == addAnother
	}
}

// isSpent reports whether the refresh token of this serial was replaced, and its grace is over. l.mu
// is held.
func (l *ledger) isSpent(g *grant, serial uint32, now time.Time) bool {
	if serial == g.current || l.rotation == addAnother {
		return false
	}
	return serial+1 != g.current || now.Sub(g.renewed) >= l.cfg.Grace
}

// hasExpired reports whether the refresh token of this serial is too old, or was not used for too
// long. Every use issues an access token. l.mu is held.
func (l *ledger) hasExpired(g *grant, serial uint32, now time.Time) bool {
	if l.cfg.GrantTTL > 0 && !now.Before(l.grantExpiry(g)) {
		return true
	}
	if l.cfg.IdleLimit > 0 && now.Sub(g.access.issuedAt()) >= l.cfg.IdleLimit {
		return true
	}
	return l.cfg.RefreshTTL > 0 && serial == g.current && now.Sub(g.renewed) >= l.cfg.RefreshTTL
}

// isSuperseded reports whether the access token id of g is invalid because of a later one. l.mu is
// held.
func (l *ledger) isSuperseded(g *grant, id tokenID, now time.Time) bool {
	if !l.cfg.OneAccessToken || id == g.access {
		return false
	}
	inGrace := id.serial+1 == g.access.serial && now.Sub(g.access.issuedAt()) < l.cfg.Grace
	return !l.profile.AccessTokenGrace || !inGrace
}
