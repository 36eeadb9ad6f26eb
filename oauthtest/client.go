package oauthtest

import (
	"net/url"
	"slices"
	"time"
)

// clientCredentials is the grant type of RFC 6749 §4.4.
const clientCredentials = "client_credentials"

var publicClient = oauthError{"unauthorized_client", "a public client cannot use this grant type"}

// issueToClient issues an access token to the client itself. All tokens of one scope and resource are
// of one grant, so that the memory of a server that runs for weeks does not grow.
func (l *ledger) issueToClient(form url.Values, withRefreshToken bool) tokenResponse {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stats.ClientTokens++
	c := consent{scope: form.Get("scope"), resources: form["resource"], offline: withRefreshToken, client: true}
	if c.scope == "" {
		c.scope = l.profile.Scope
	}
	now := time.Now()
	g := l.clientGrant(c)
	if g == nil {
		return l.start(c, now)
	}
	out := l.issueAccess(g, now)
	if g.offline {
		l.addRefreshToken(&out)
	}
	return out
}

// isClients reports whether a valid access token is the client's own, which has no user.
func (l *ledger) isClients(token string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.findAccess(token, time.Now())
	return a.grant != nil && a.grant.client
}

// clientGrant returns the grant of an earlier request like c, or nil. l.mu is held.
func (l *ledger) clientGrant(c consent) *grant {
	for _, g := range l.grants {
		if g.client && !g.revoked && g.scope == c.scope && g.offline == c.offline &&
			slices.Equal(g.resources, c.resources) {
			return g
		}
	}
	return nil
}
